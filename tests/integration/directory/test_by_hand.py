from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from acuse.companies.models import AuditEntry
from acuse.deliveries import contacts as delivering
from acuse.deliveries import merging, wishes
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.planning import today_in
from acuse.deliveries.states import State
from acuse.directory import classes, optout, parties
from acuse.directory.contacts import ContactEntry
from acuse.directory.duplicates import candidates_for, living, with_duplicates
from acuse.directory.models import Contact, CustomerClass, Party, PartyKind
from acuse.directory.parties import PartyEntry
from acuse.directory.services import DirectoryError, PartyData
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks

pytestmark = pytest.mark.django_db

ANA = "user:ana@oeste.example"
OTHER = "+5493415550188"


def _create(people: Cast, *, name: str = "Norte SRL", tax_id: str = "", external_id: str = "") -> Party:
    entry = PartyEntry(name=name, tax_id=tax_id, external_id=external_id)
    return parties.create_party(company=people.company, kind=PartyKind.CUSTOMER, entry=entry, actor=ANA)


@pytest.mark.parametrize(
    ("typed", "kept", "code"),
    [
        ("30-00000000-7", "30000000007", 80),
        ("DNI 12.345.678", "12345678", 96),
        ("1.234.567", "1234567", 96),
        ("Pasaporte AB123456", "Pasaporte AB123456", 99),
        ("Consumidor final", "", None),
        ("", "", None),
    ],
)
def test_the_document_is_understood_from_what_is_typed(people: Cast, typed: str, kept: str, code: int | None) -> None:
    party = _create(people, tax_id=typed)
    assert (party.tax_id, party.tax_id_type) == (kept, code)


def test_a_cuit_with_a_wrong_digit_is_refused_at_its_field(people: Cast) -> None:
    with pytest.raises(DirectoryError, match="último dígito") as caught:
        _create(people, tax_id="30-00000000-8")
    assert caught.value.field == "tax_id"


def test_the_refusal_names_who_has_the_cuit_also_by_a_merged_duplicate(people: Cast) -> None:
    kept = make_party(people.company, name="La que queda", external_id="C1", tax_id="20111111112")
    merging.merge(duplicate=make_party(people.company, name="Vieja", tax_id="30000000007"), into=kept, actor=ANA)
    with pytest.raises(DirectoryError, match="ya es de La que queda") as caught:
        _create(people, tax_id="30-00000000-7")
    assert caught.value.holder == kept
    assert caught.value.conflict


def test_what_changes_is_in_the_audit_and_nothing_when_nothing_does(people: Cast) -> None:
    party = _create(people, external_id="C1")
    entry = PartyEntry(name="Norte SA", external_id="C1")
    parties.change_party(party=party, entry=entry, actor=ANA)
    parties.change_party(party=party, entry=entry, actor=ANA)
    [told] = AuditEntry.objects.filter(event="party.changed")
    assert told.detail == {"changed": {"name": ["Norte SRL", "Norte SA"]}}
    assert told.target == str(party.pk)


def test_a_party_is_deleted_only_when_nothing_hangs_from_it(people: Cast) -> None:
    party = _create(people)
    make_contact(party)
    make_voucher(people.company, party)
    with pytest.raises(DirectoryError, match="1 comprobante") as caught:
        parties.delete_party(party=party, actor=ANA)
    assert "1 contacto" in str(caught.value)
    free = _create(people, name="Otro")
    parties.delete_party(party=free, actor=ANA)
    assert not Party.objects.filter(pk=free.pk).exists()
    assert AuditEntry.objects.filter(event="party.deleted", target=str(free.pk)).exists()


def test_the_class_is_set_to_customers_of_the_company_alone(people: Cast) -> None:
    wholesale = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    ours, already = make_party(people.company), make_party(people.company, customer_class=wholesale)
    theirs, supplier = make_party(people.other_company), make_party(people.company, kind="supplier")
    ids = [row.pk for row in (ours, already, theirs, supplier)]
    assert parties.set_class(company=people.company, ids=ids, customer_class=wholesale, actor=ANA) == 1
    assert set(wholesale.parties.all()) == {ours, already}
    [told] = AuditEntry.objects.filter(event="party.classed")
    assert told.target == str(ours.pk)


def test_the_class_of_many_costs_no_statement_a_customer(people: Cast, django_assert_num_queries: Any) -> None:
    wholesale = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    made = [make_party(people.company, name=f"Cliente {n}") for n in range(30)]
    every = Party.objects.filter(company=people.company).values_list("pk", flat=True)
    # the transaction's two, whom, the class, and the audit's own
    with django_assert_num_queries(5):
        assert parties.set_class(company=people.company, ids=every, customer_class=wholesale, actor=ANA) == len(made)
    told = AuditEntry.objects.filter(event="party.classed", detail__customer_class="Mayoristas", actor=ANA)
    assert set(told.values_list("target", flat=True)) == {str(party.pk) for party in made}


def test_a_class_that_a_policy_names_is_not_deleted_since_it_would_go_to_everyone(people: Cast) -> None:
    wholesale = classes.create_class(company=people.company, name="Mayoristas", actor=ANA)
    policy = DeliveryPolicy.objects.get(company=people.company, kind="quote")
    policy.segment.add(wholesale)
    with pytest.raises(DirectoryError, match="irían a todos"):
        classes.delete_class(customer_class=wholesale, actor=ANA)
    policy.segment.clear()
    party = make_party(people.company, customer_class=wholesale)
    classes.delete_class(customer_class=wholesale, actor=ANA)
    party.refresh_from_db()
    assert party.customer_class is None


def test_two_classes_are_not_called_alike_whatever_the_accents(people: Cast) -> None:
    made = classes.create_class(company=people.company, name="Crédito", actor=ANA)
    with pytest.raises(DirectoryError, match="Ya hay una clase «Crédito»"):
        classes.create_class(company=people.company, name=" credito ", actor=ANA)
    classes.rename_class(customer_class=made, name="Credito", actor=ANA)
    assert made.name == "Credito"
    assert classes.create_class(company=people.other_company, name="Crédito", actor="t").name == "Crédito"


def test_a_contact_is_understood_with_the_company_area_code(people: Cast) -> None:
    contact = delivering.create(party=make_party(people.company), entry=ContactEntry(mobile="155 550199"), actor=ANA)
    assert contact.mobile == MOBILE
    assert contact.mobile_typed == "155 550199"
    told = AuditEntry.objects.get(event="contact.created")
    assert "5550199" not in str(told.detail)


@pytest.mark.parametrize(
    ("entry", "field"),
    [
        (ContactEntry(), "mobile"),
        (ContactEntry(mobile="0800 555 1234"), "mobile"),
        (ContactEntry(email="sin arroba"), "email"),
        (ContactEntry(email="a@b.example", consent_origin="phone"), "consent_on"),
        (ContactEntry(email="a@b.example", consent_on=date(2026, 1, 1)), "consent_origin"),
    ],
)
def test_what_is_wrong_with_a_contact_is_told_at_its_field(people: Cast, entry: ContactEntry, field: str) -> None:
    with pytest.raises(DirectoryError) as caught:
        delivering.create(party=make_party(people.company), entry=entry, actor=ANA)
    assert caught.value.field == field
    assert not Contact.objects.exists()


def test_what_waited_for_a_contact_goes_when_one_is_created(people: Cast) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    voucher = make_voucher(people.company, party)
    Voucher.objects.filter(pk=voucher.pk).update(wish={"when": "now", "contacts": None, "by": "t", "origin": "api"})
    delivering.create(party=party, entry=ContactEntry(mobile=MOBILE), actor=ANA)
    assert Delivery.objects.get(voucher=voucher).to == MOBILE


def test_a_new_address_clears_what_was_known_against_the_old_one_alone(people: Cast) -> None:
    contact = make_contact(
        make_party(people.company), email="a@b.example", mobile_problem="No tiene WhatsApp.", email_problem="Rebotó."
    )
    changed, _ = delivering.change(contact=contact, entry=ContactEntry(mobile=OTHER, email="A@b.example"), actor=ANA)
    assert (changed.mobile_problem, changed.email_problem) == ("", "Rebotó.")


def test_what_is_queued_goes_to_the_corrected_address(people: Cast) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party)
    [stale] = ask([make_voucher(people.company, party)])
    _, moved = delivering.change(contact=contact, entry=ContactEntry(mobile=OTHER), actor=ANA)
    stale.refresh_from_db()
    assert moved == 1
    assert (stale.state, stale.cause_code) == (State.CANCELLED, "address_changed")
    fresh = Delivery.objects.get(resend_of=stale)
    assert (fresh.to, fresh.state) == (OTHER, State.QUEUED)


@wherever_it_breaks
def test_what_cant_be_worked_out_for_the_corrected_address_is_waited_for(
    people: Cast, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party)
    [stale] = ask([make_voucher(people.company, party)])
    with monkeypatch.context() as patched:
        break_it(patched, spot)
        _, moved = delivering.change(contact=contact, entry=ContactEntry(mobile=OTHER), actor=ANA)
    assert (moved, Delivery.objects.exclude(pk=stale.pk).exists()) == (0, False)
    wishes.fulfil_wish(stale.voucher)
    assert Delivery.objects.exclude(pk=stale.pk).get().to == OTHER


def test_what_is_queued_for_an_address_that_is_gone_is_cancelled(people: Cast) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party, email="")
    [stale] = ask([make_voucher(people.company, party)])
    _, moved = delivering.change(contact=contact, entry=ContactEntry(email="a@b.example"), actor=ANA)
    stale.refresh_from_db()
    assert moved == 0, "there is no mailbox, and WhatsApp has no address"
    assert stale.state == State.CANCELLED


def test_a_change_that_keeps_the_address_leaves_the_queue_alone(people: Cast) -> None:
    make_whatsapp(people.company)
    make_mailbox(people.company, "smtp://127.0.0.1:2525")
    party = make_party(people.company)
    contact = make_contact(party)
    [queued] = ask([make_voucher(people.company, party)])
    entry = ContactEntry(name="Pagos", mobile=MOBILE, email="a@b.example")
    delivering.change(contact=contact, entry=entry, actor=ANA)
    queued.refresh_from_db()
    assert queued.state == State.QUEUED


def test_deleting_a_contact_cancels_what_is_queued_for_it(people: Cast) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party)
    [queued] = ask([make_voucher(people.company, party)])
    assert delivering.delete(contact=contact, actor=ANA) == 1
    queued.refresh_from_db()
    assert (queued.state, queued.contact) == (State.CANCELLED, None)
    assert AuditEntry.objects.get(event="contact.deleted").target == str(party.pk)


def test_who_asked_for_the_baja_may_be_deleted_and_is_remembered(people: Cast) -> None:
    party = make_party(people.company)
    contact = make_contact(party)
    optout.suppress([contact], reason="Pidió la baja", actor="t")
    delivering.delete(contact=contact, actor=ANA)
    again = delivering.create(party=party, entry=ContactEntry(mobile=MOBILE), actor=ANA)
    assert again.suppressed_reason == "Pidió la baja"


def test_a_baja_by_hand_and_its_end_hold_for_the_same_phone_everywhere(people: Cast) -> None:
    here = make_contact(make_party(people.company))
    there = make_contact(make_party(people.company, name="Otro"))
    stranger = make_contact(make_party(people.other_company))
    optout.suppress_by_hand(here, reason="Llamó", actor=ANA)
    for one, expected in ((here, True), (there, True), (stranger, False)):
        one.refresh_from_db()
        assert (one.suppressed_at is not None) is expected
    today = today_in(people.company)
    lifted = optout.restore(there, origin="phone", asked_on=today - timedelta(days=1), actor=ANA)
    assert {one.pk for one in lifted} == {here.pk, there.pk}
    here.refresh_from_db()
    assert (here.suppressed_at, here.consent_origin) == (None, "phone")
    assert AuditEntry.objects.filter(event="contact.restored", actor=ANA).count() == 2


def test_a_baja_is_lifted_only_with_how_and_when_the_person_asked(people: Cast) -> None:
    contact = make_contact(make_party(people.company))
    optout.suppress([contact], reason="Pidió la baja", actor="t")
    tomorrow = today_in(people.company) + timedelta(days=1)
    for origin, asked_on in (("", date(2026, 1, 1)), ("phone", None), ("phone", tomorrow)):
        with pytest.raises(DirectoryError):
            optout.restore(contact, origin=origin, asked_on=asked_on, actor=ANA)
    contact.refresh_from_db()
    assert contact.suppressed_at is not None


def test_a_mail_that_was_opted_out_is_so_as_the_contact_of_another_too(people: Cast) -> None:
    mail_only = make_contact(make_party(people.company), mobile="", email="ana@norte.example")
    optout.suppress_by_hand(mail_only, reason="Lo pidió", actor=ANA)
    made = delivering.create(
        party=make_party(people.company, name="Otro"), entry=ContactEntry(email="Ana@norte.example"), actor=ANA
    )
    assert made.suppressed_at is not None


def test_duplicates_are_told_by_name_document_phone_and_mail(people: Cast) -> None:
    one = make_party(people.company, name="Íñiguez, María", tax_id="11111111", tax_id_type=96)
    make_contact(one, email="maria@norte.example")
    same_name = make_party(people.company, name="iniguez, maria")
    same_document = make_party(people.company, name="B", tax_id="20111111112", tax_id_type=80)
    same_mobile = make_party(people.company, name="C")
    make_contact(same_mobile)
    same_mail = make_party(people.company, name="D")
    make_contact(same_mail, mobile="", email="Maria@norte.example")
    nobody = make_party(people.company, name="E")
    make_party(people.company, name="Íñiguez, María", kind="supplier")
    make_party(people.other_company, name="Íñiguez, María")
    found = {candidate.party.pk: candidate.why for candidate in candidates_for(one)}
    assert found == {
        same_name.pk: ("el mismo nombre",),
        same_document.pk: ("el mismo documento",),
        same_mobile.pk: ("el mismo celular",),
        same_mail.pk: ("el mismo correo",),
    }
    grid = with_duplicates(living(people.company, "customer"), people.company, "customer")
    assert set(grid) == {one, same_name, same_document, same_mobile, same_mail}
    assert candidates_for(nobody) == []


def test_what_comes_with_a_voucher_fills_in_what_is_blank_and_moves_nothing_else(people: Cast) -> None:
    wholesale = classes.create_class(company=people.company, name="Mayoristas", actor=ANA)
    party = _create(people, external_id="C1")
    data = PartyData(kind="customer", name="Otro nombre", external_id="C1", customer_class="MAYORISTAS")
    found, new = parties.find_or_create_party(people.company, data, actor="key:erp")
    assert (found.pk, new, found.customer_class) == (party.pk, False, wholesale)
    assert CustomerClass.objects.count() == 1
    told = AuditEntry.objects.get(event="party.changed")
    assert (told.actor, told.detail) == ("key:erp", {"changed": {"customer_class": ["", "Mayoristas"]}})
    moved = replace(data, customer_class="Minoristas", tax_id="30-00000000-7")
    found, _ = parties.find_or_create_party(people.company, moved, actor="key:erp")
    assert (found.customer_class, found.name, found.tax_id) == (wholesale, "Norte SRL", "30000000007")
    assert not CustomerClass.objects.filter(name="Minoristas").exists()


def test_a_class_that_comes_with_a_voucher_is_told_as_one_made_in_the_pages(people: Cast) -> None:
    data = PartyData(kind="customer", name="Norte", external_id="C1", customer_class=" Zona  sur ")
    made, new = parties.find_or_create_party(people.company, data, actor="key:erp")
    assert new
    assert str(made.customer_class) == "Zona sur"
    assert set(AuditEntry.objects.filter(actor="key:erp").values_list("event", flat=True)) == {
        "customer_class.created", "party.created",
    }  # fmt: skip


def test_of_two_classes_alike_from_before_the_very_name_is_meant(people: Cast) -> None:
    rows = {name: CustomerClass.objects.create(company=people.company, name=name) for name in ("Crédito", "CREDITO")}
    assert classes.class_named(people.company, "CREDITO") == rows["CREDITO"]
    assert classes.class_named(people.company, "credito") == rows["Crédito"]
    assert classes.class_named(people.other_company, "credito") is None
