"""*BAJA* is of an address: nothing leaves for it, whoever has it as a contact. By the real planning and claim."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuse.channels.contract import Inbound
from acuse.channels.fake import FakeSender
from acuse.companies.models import Company
from acuse.deliveries import contacts as delivering
from acuse.deliveries import merging, services, wishes
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.receipts import inbound
from acuse.deliveries.services import Asker
from acuse.deliveries.statements import statement
from acuse.deliveries.states import Origin, State
from acuse.directory import optout
from acuse.directory.contacts import ContactEntry, add_contacts
from acuse.directory.models import Contact, ContactIdentity, OptOut, Party
from acuse.directory.services import ContactData, DirectoryError, PartyData
from acuse.intake.services import EVERY_PARTY, Arrival, Bringer, Deliver, accept
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.services import VoucherData
from tests.data.cast import MOBILE, make_contact, make_file, make_mailbox, make_party, make_voucher
from tests.integration.deliveries.conftest import Office

pytestmark = pytest.mark.django_db(transaction=True)

OTHER = "+5493415550188"
MAIL = "ana@norte.example"
ERP = Bringer("key:erp", Origin.API, "api", EVERY_PARTY)


def hear_baja(office: Office, digits: str = "", *, user_id: str = "", answers: str = "") -> None:
    number = InboundMessage.objects.count()
    inbound.keep(
        office.lane,
        Inbound(
            sender_id="106540352242922", provider_id=f"wamid.IN{number}", from_digits=digits.lstrip("+"),
            from_user_id=user_id, name="", at=clock.now(), type="text", text="BAJA", answers=answers, opt_out=True,
        ),
    )  # fmt: skip


def bring(office: Office, party: Party, contact: ContactData, *, number: int = 7) -> Voucher:
    """As a program posts it, to be sent at once."""
    data = VoucherData(
        kind=VoucherKind.QUOTE,
        issued_on=date(2026, 11, 20),
        currency="PES",
        total=Decimal(100),
        number=number,
        point_of_sale=1,
    )
    brought = PartyData(kind="customer", name=party.name, external_id=party.external_id)
    arrival = Arrival(voucher=data, party=brought, contacts=(contact,), deliver=Deliver.NOW)
    voucher = accept(office.company, arrival, ERP).voucher
    Voucher.objects.filter(pk=voucher.pk).update(file=make_file())
    wishes.fulfil_wish(voucher)
    return voucher


def left(office: Office) -> list[str]:
    """What leaves when the lane runs."""
    office.run()
    return [message.to for message in office.sender.sent]


def test_completing_a_contact_with_an_address_that_asked_sends_nothing_there(office: Office) -> None:
    hear_baja(office, MOBILE)
    other = make_party(office.company, name="Otra SA", external_id="C2")
    theirs = make_contact(other, mobile="", email=MAIL)
    bring(office, other, ContactData(mobile=MOBILE, email=MAIL))
    theirs.refresh_from_db()
    assert theirs.mobile == MOBILE
    assert theirs.suppressed_at is not None
    assert not Delivery.objects.exists()
    assert left(office) == []


def test_an_old_number_is_remembered_after_it_was_edited_and_the_new_one_is_free(office: Office) -> None:
    hear_baja(office, MOBILE)
    changed, _ = delivering.change(contact=office.contact, entry=ContactEntry(mobile=OTHER), actor="t")
    assert changed.suppressed_at is None
    [delivery] = office.ask(office.voucher())
    assert delivery.to == OTHER
    again = delivering.create(party=office.party, entry=ContactEntry(mobile=MOBILE), actor="t")
    assert again.suppressed_at is not None
    assert left(office) == [OTHER]


def test_a_baja_of_a_number_that_nobody_has_holds_when_somebody_has_it(office: Office) -> None:
    hear_baja(office, OTHER)
    made = delivering.create(party=office.party, entry=ContactEntry(mobile=OTHER), actor="t")
    assert made.suppressed_at is not None
    assert [delivery.to for delivery in office.ask(office.voucher())] == [MOBILE]
    assert left(office) == [MOBILE]
    row = OptOut.objects.get(address=OTHER)
    assert (row.address, row.provider_id, row.noted_by) == (OTHER, "wamid.IN0", "system:inbound")


def test_a_contact_deleted_and_brought_again_is_still_out(office: Office) -> None:
    hear_baja(office, MOBILE)
    delivering.delete(contact=office.contact, actor="t")
    [again] = add_contacts(office.party, [ContactData(mobile=MOBILE)], actor="t", may_edit=True)
    assert again.suppressed_at is not None
    assert office.ask(office.voucher()) == []


def test_the_claim_asks_the_register_about_the_very_address(office: Office) -> None:
    """Whatever became of the contact since it was asked."""
    [moved], [gone], [mail] = (office.ask(office.voucher(number)) for number in (1, 2, 3))
    hear_baja(office, MOBILE)
    Contact.objects.update(mobile=OTHER)
    Delivery.objects.filter(pk=gone.pk).update(contact=None)
    Delivery.objects.filter(pk=mail.pk).update(to="Ana@Norte.Example")
    optout.note(office.company, [MAIL], reason="Llamó", actor="t")
    assert left(office) == []
    for delivery in (moved, gone, mail):
        delivery.refresh_from_db()
        assert (delivery.state, delivery.cause_code) == (State.CANCELLED, "contact_suppressed")


def test_the_claim_asks_about_the_other_address_of_the_same_person(office: Office) -> None:
    Contact.objects.update(email=MAIL)
    [delivery] = office.ask(office.voucher())
    optout.note(office.company, [MAIL], reason="Llamó", actor="t")
    assert left(office) == []
    delivery.refresh_from_db()
    assert delivery.cause_code == "contact_suppressed"


def test_another_company_writes_to_it_all_the_same(office: Office) -> None:
    theirs = Company.objects.exclude(pk=office.company.pk).get()
    optout.note(theirs, [MOBILE], reason="BAJA", actor="t")
    office.contact.refresh_from_db()
    assert office.contact.suppressed_at is None
    office.ask(office.voucher())
    assert left(office) == [MOBILE]


def test_who_has_no_number_is_remembered_by_the_user_id_until_the_number_is_learnt(office: Office) -> None:
    hear_baja(office, user_id="AR.77")
    assert [row.address for row in OptOut.objects.all()] == ["AR.77"]
    # the same person, with the number this time
    inbound.keep(
        office.lane,
        Inbound(
            sender_id="106540352242922", provider_id="wamid.X", from_digits=MOBILE.lstrip("+"), from_user_id="AR.77",
            name="", at=clock.now(), type="text", text="Hola", answers="", opt_out=False,
        ),
    )  # fmt: skip
    office.contact.refresh_from_db()
    assert office.contact.suppressed_at is not None
    lifted = optout.restore(office.contact, origin="phone", asked_on=date(2026, 1, 1), actor="t")
    assert lifted == [office.contact]
    assert not OptOut.objects.filter(lifted_at=None).exists()


def test_who_answers_by_a_user_id_is_remembered_by_the_number_that_was_written_to(office: Office) -> None:
    [delivery] = office.ask(office.voucher())
    Delivery.objects.filter(pk=delivery.pk).update(provider_id="wamid.OUT", state=State.SENT)
    delivering.change(contact=office.contact, entry=ContactEntry(mobile=OTHER), actor="t")
    hear_baja(office, user_id="AR.77", answers="wamid.OUT")
    assert [row.address for row in OptOut.objects.all()] == [MOBILE]
    office.contact.refresh_from_db()
    assert office.contact.suppressed_at is None


def test_other_names_of_an_old_number_dont_follow_to_the_new_one(office: Office) -> None:
    ContactIdentity.objects.create(contact=office.contact, kind="bsuid", value="AR.77")
    delivering.change(contact=office.contact, entry=ContactEntry(mobile=OTHER), actor="t")
    hear_baja(office, user_id="AR.77")
    office.contact.refresh_from_db()
    assert office.contact.suppressed_at is None


def test_a_lifted_one_keeps_who_and_why_and_may_be_asked_again(office: Office) -> None:
    hear_baja(office, MOBILE)
    optout.restore(office.contact, origin="phone", asked_on=date(2026, 1, 31), actor="user:ana@oeste.example")
    row = OptOut.objects.get()
    assert (row.lifted_by, row.lifted_reason) == ("user:ana@oeste.example", "Lo dijo por teléfono, el 31/01/2026")
    assert left(office) == []
    office.ask(office.voucher(1))
    assert left(office) == [MOBILE]
    hear_baja(office, MOBILE)
    assert office.ask(office.voucher(2)) == []
    assert OptOut.objects.count() == 2


def test_the_claim_looks_the_register_up_by_its_index(office: Office) -> None:
    rows = [
        OptOut(company=office.company, address=f"+54934{n:08}", asked_at=clock.now(), noted_by="t")
        for n in range(20_000)
    ]
    OptOut.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("analyze directory_optout")
        parameters: dict[str, Any] = {
            "lane": office.lane.pk, "now": clock.now(), "held_templates": [], "only_template": None, "only": None,
            "limit": 100, "media_since": clock.now(),
        }  # fmt: skip
        cursor.execute("explain " + statement("claim"), parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "optout_once" in plan
    assert "Seq Scan on directory_optout" not in plan


MOBILES = ("+5493415550101", "+5493415550102", "+5493415550103")
MAILS = ("ana@norte.example", "luis@norte.example")
_either = st.one_of(st.tuples(st.sampled_from(MOBILES), st.sampled_from(("", *MAILS))),
                    st.tuples(st.just(""), st.sampled_from(MAILS)))  # fmt: skip
_party, _contact = st.integers(0, 1), st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("add"), _party, _either),
    st.tuples(st.just("create"), _party, _either),
    st.tuples(st.just("edit"), _contact, _either),
    st.tuples(st.just("delete"), _contact),
    st.tuples(st.just("merge"), _party),
    st.tuples(st.just("baja"), st.sampled_from(MOBILES)),
    st.tuples(st.just("by_hand"), _contact),
    st.tuples(st.just("lift"), _contact),
    st.tuples(st.just("ask"), _party),
)


@dataclass
class Walk:
    """A company's people, and in `out` the addresses that asked and didn't ask again, kept by the words of the rule."""

    office: Office
    mailbox: Office
    out: set[str] = field(default_factory=set)
    vouchers: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        Party.objects.update(merged_into=None)
        Delivery.objects.update(resend_of=None)
        for model in (Delivery, InboundMessage, Voucher, Contact, Party, OptOut):
            model.objects.all().delete()
        self.parties = [make_party(self.office.company, name=name) for name in "AB"]

    def step(self, name: str, *given: Any) -> None:
        getattr(self, name)(*given)
        shown = {one.pk: one.suppressed_at is not None for one in Contact.objects.all()}
        assert shown == {one.pk: bool({one.mobile, one.email} & self.out) for one in Contact.objects.all()}

    def party(self, place: int) -> Party:
        party = Party.objects.get(pk=self.parties[place].pk)
        return party.merged_into or party

    def contact(self, place: int) -> Contact | None:
        every = list(Contact.objects.select_related("company", "party").order_by("created_at", "id"))
        return every[place] if place < len(every) else None

    def add(self, place: int, addresses: tuple[str, str]) -> None:
        add_contacts(self.party(place), [ContactData("", *addresses)], actor="t", may_edit=True)

    def create(self, place: int, addresses: tuple[str, str]) -> None:
        try:
            delivering.create(party=self.party(place), entry=ContactEntry("", *addresses), actor="t")
        except DirectoryError:
            # it is a contact of theirs already, or has no address
            self.refused += 1

    def edit(self, place: int, addresses: tuple[str, str]) -> None:
        if (contact := self.contact(place)) is None:
            return
        try:
            delivering.change(contact=contact, entry=ContactEntry("", *addresses), actor="t")
        except DirectoryError:
            # it is a contact of theirs already, or has no address
            self.refused += 1

    def delete(self, place: int) -> None:
        if (contact := self.contact(place)) is not None:
            delivering.delete(contact=contact, actor="t")

    def merge(self, place: int) -> None:
        kept, gone = self.party(place), self.party(1 - place)
        if kept.pk != gone.pk:
            merging.merge(duplicate=gone, into=kept, actor="t")

    def baja(self, mobile: str) -> None:
        hear_baja(self.office, mobile)
        self.out.add(mobile)

    def by_hand(self, place: int) -> None:
        if (contact := self.contact(place)) is not None:
            optout.suppress_by_hand(contact, reason="Llamó", actor="t")
            self.out.add(contact.mobile or contact.email)

    def lift(self, place: int) -> None:
        if (contact := self.contact(place)) is not None:
            optout.restore(contact, origin="phone", asked_on=date(2026, 1, 1), actor="t")
            self.out -= {contact.mobile, contact.email}

    def ask(self, place: int) -> None:
        self.vouchers += 1
        voucher = make_voucher(self.office.company, self.party(place), number=self.vouchers)
        services.request_for([voucher], Asker("t", Origin.MANUAL))

    def run(self) -> None:
        for office in (self.office, self.mailbox):
            office.sender.sent.clear()
            office.run()
            assert {message.to for message in office.sender.sent}.isdisjoint(self.out)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEPS, min_size=3, max_size=12), runs=st.sets(st.integers(0, 11), max_size=2))
def test_whatever_happens_nothing_leaves_for_an_address_that_asked(
    office: Office, steps: list[tuple[Any, ...]], runs: set[int]
) -> None:
    lane = office.company.lanes.filter(channel="email").first() or make_mailbox(office.company, "smtp://127.0.0.1:2525")
    office.company.policies.update(channels_mode="all")
    walk = Walk(office, replace(office, lane=lane, sender=FakeSender()))
    for place, (name, *given_) in enumerate(steps):
        walk.step(name, *given_)
        if place in runs:
            walk.run()
    walk.run()
