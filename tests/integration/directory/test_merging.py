from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from acuse.companies.models import AuditEntry
from acuse.deliveries import merging
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.states import Origin, State
from acuse.directory import optout
from acuse.directory.models import Contact, ContactIdentity, Party
from acuse.directory.parties import find_or_create_party
from acuse.directory.services import DirectoryError, PartyData
from acuse.intake.services import Arrival, Bringer, Deliver, accept
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.services import VoucherData
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask

pytestmark = pytest.mark.django_db

CUIT, OTHER_CUIT = "30000000007", "20111111112"
OTHER_MOBILE = "+5493415550188"


def _found(people: Cast, **ids: str) -> Party:
    data = PartyData(kind="customer", name="Como venga", **ids)
    return find_or_create_party(people.company, data, actor="t")[0]


def _merge(duplicate: Party, into: Party) -> Party:
    return merging.merge(duplicate=duplicate, into=into, actor="user:ana@oeste.example")


def test_two_ids_of_merged_rows_lead_to_the_survivor(people: Cast) -> None:
    kept = make_party(people.company, external_id="C1", tax_id=CUIT, tax_id_type=80)
    gone = make_party(people.company, external_id="C2", tax_id=OTHER_CUIT, tax_id_type=80)
    _merge(gone, kept)
    for ids in ({"external_id": "C1"}, {"external_id": "C2"}, {"tax_id": CUIT}, {"tax_id": OTHER_CUIT}):
        assert _found(people, **ids).pk == kept.pk, ids
    assert _found(people, external_id="C2", tax_id=OTHER_CUIT).pk == kept.pk
    assert _found(people, external_id="C2", tax_id=CUIT).pk == kept.pk
    assert Party.objects.filter(company=people.company).count() == 2


def test_a_chain_of_merges_leads_to_its_end_in_one_step(people: Cast) -> None:
    first, second, third = (make_party(people.company, external_id=f"C{n}") for n in range(3))
    _merge(first, second)
    _merge(second, third)
    assert _found(people, external_id="C0").pk == third.pk
    first.refresh_from_db()
    assert first.merged_into_id == third.pk
    with pytest.raises(DirectoryError, match="ya se unió"):
        _merge(first, third)


def test_the_survivor_takes_what_it_lacks_and_keeps_what_it_has(people: Cast) -> None:
    kept = make_party(people.company, name="El que queda", external_id="C1")
    gone = make_party(people.company, name="El otro", external_id="C2", tax_id=CUIT, tax_id_type=80)
    kept = _merge(gone, kept)
    assert (kept.name, kept.external_id, kept.tax_id, kept.tax_id_type) == ("El que queda", "C1", CUIT, 80)
    gone.refresh_from_db()
    assert (gone.external_id, gone.tax_id) == ("C2", "")
    entry = AuditEntry.objects.get(event="party.merged")
    assert entry.target == str(kept.pk)
    assert entry.detail["tax_id"] == CUIT


def test_a_new_id_with_a_merged_cuit_still_says_that_it_is_taken(people: Cast) -> None:
    kept = make_party(people.company, external_id="C1", tax_id=CUIT)
    _merge(make_party(people.company, external_id="C2", tax_id=OTHER_CUIT), kept)
    with pytest.raises(DirectoryError) as caught:
        _found(people, external_id="C3", tax_id=OTHER_CUIT)
    assert caught.value.conflict
    assert "código C1" in str(caught.value)


def test_contacts_vouchers_and_open_deliveries_go_along(people: Cast) -> None:
    make_whatsapp(people.company)
    kept, gone = make_party(people.company, name="Queda"), make_party(people.company, name="Repetido")
    contact = make_contact(gone)
    voucher = make_voucher(people.company, gone)
    [delivery] = ask([voucher])
    _merge(gone, kept)
    delivery.refresh_from_db()
    assert delivery.state == State.QUEUED
    assert delivery.contact is not None
    assert delivery.contact.pk == contact.pk
    assert delivery.contact.party_id == delivery.voucher.party_id == kept.pk
    assert not gone.contacts.exists()


def test_the_same_address_is_joined_and_its_deliveries_answers_and_names_follow(people: Cast) -> None:
    lane = make_whatsapp(people.company)
    kept, gone = make_party(people.company, name="Queda"), make_party(people.company, name="Repetido")
    twin = make_contact(kept, kinds=["sales_invoice"], name="")
    double = make_contact(gone, kinds=["receipt"], name="Pagos", email="pagos@norte.example", consent_origin="phone",
                          consent_on=date(2026, 3, 1))  # fmt: skip
    ContactIdentity.objects.create(contact=double, kind="bsuid", value="AR.1")
    [delivery] = ask([make_voucher(people.company, gone, kind=VoucherKind.RECEIPT)])
    InboundMessage.objects.create(
        company=people.company, lane=lane, provider_id="w", type="text", contact=double, at=clock.now(), raw={}
    )
    _merge(gone, kept)
    [only] = kept.contacts.all()
    assert only.pk == twin.pk
    assert (only.name, only.email, only.kinds) == ("Pagos", "pagos@norte.example", ["receipt", "sales_invoice"])
    assert (only.consent_origin, only.consent_on) == ("phone", date(2026, 3, 1))
    assert [identity.value for identity in only.identities.all()] == ["AR.1"]
    assert InboundMessage.objects.get().contact_id == twin.pk
    delivery.refresh_from_db()
    assert delivery.contact_id == twin.pk


@pytest.mark.parametrize("asked", ["kept", "gone"])
def test_a_baja_wins_whoever_of_the_two_asked_for_it(people: Cast, asked: str) -> None:
    kept, gone = make_party(people.company), make_party(people.company, name="Repetido")
    twin, double = make_contact(kept), make_contact(gone)
    optout.suppress([twin if asked == "kept" else double], reason="Pidió la baja", actor="t")
    _merge(gone, kept)
    twin.refresh_from_db()
    assert twin.suppressed_at is not None
    assert twin.suppressed_reason == "Pidió la baja"


def test_a_baja_holds_for_the_same_phone_under_another_mail(people: Cast) -> None:
    kept, gone = make_party(people.company), make_party(people.company, name="Repetido")
    other = make_contact(kept, email="luis@norte.example")
    double = make_contact(gone, email="ana@norte.example")
    optout.suppress([double], reason="Pidió la baja", actor="t")
    _merge(gone, kept)
    other.refresh_from_db()
    assert Contact.objects.filter(party=kept).count() == 2
    assert other.suppressed_at is not None


def test_a_wish_that_names_a_joined_contact_names_who_it_is_now(people: Cast) -> None:
    kept, gone = make_party(people.company), make_party(people.company, name="Repetido")
    twin, double = make_contact(kept), make_contact(gone)
    voucher = make_voucher(people.company, gone, content=None)
    Voucher.objects.filter(pk=voucher.pk).update(
        wish={"when": "now", "contacts": [str(double.pk)], "by": "t", "origin": "api"}
    )
    _merge(gone, kept)
    voucher.refresh_from_db()
    assert voucher.wish is not None
    assert voucher.wish["contacts"] == [str(twin.pk)]


def test_what_waited_for_a_contact_goes_when_the_duplicate_brings_one(people: Cast) -> None:
    make_whatsapp(people.company)
    kept, gone = make_party(people.company), make_party(people.company, name="Repetido")
    voucher = make_voucher(people.company, kept)
    Voucher.objects.filter(pk=voucher.pk).update(wish={"when": "now", "contacts": None, "by": "t", "origin": "api"})
    make_contact(gone, mobile=OTHER_MOBILE)
    _merge(gone, kept)
    assert Delivery.objects.get(voucher=voucher).to == OTHER_MOBILE


def test_only_two_of_the_same_kind_and_company_are_merged(people: Cast) -> None:
    kept = make_party(people.company)
    with pytest.raises(DirectoryError, match="mismo tipo"):
        _merge(make_party(people.company, kind="supplier"), kept)
    with pytest.raises(DirectoryError, match="misma empresa"):
        _merge(make_party(people.other_company), kept)
    with pytest.raises(DirectoryError, match="dos distintos"):
        _merge(kept, kept)


def test_the_voucher_that_comes_again_with_the_duplicates_id_is_the_same_one(people: Cast) -> None:
    kept = make_party(people.company, external_id="C1")
    bringer = Bringer("key:x", Origin.API, "api")
    data = VoucherData(
        kind=VoucherKind.QUOTE,
        issued_on=date(2026, 11, 20),
        currency="PES",
        total=Decimal(10),
        number=7,
        point_of_sale=1,
    )  # fmt: skip
    arrival = Arrival(voucher=data, party=PartyData(kind="customer", name="Otro", external_id="C2"),
                      deliver=Deliver.NEVER)  # fmt: skip
    first = accept(people.company, arrival, bringer).voucher
    _merge(first.party, kept)
    again = accept(people.company, arrival, bringer)
    assert again.voucher.pk == first.pk
    assert not again.created
    assert not again.new_version
    assert again.voucher.party_id == kept.pk
