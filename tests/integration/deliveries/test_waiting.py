"""What wished to go and couldn't, when what a whole company lacked has come."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from acuse.companies import services as companies
from acuse.deliveries import contacts, senders, services, waits, wishes
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.planning import today_in
from acuse.deliveries.policies import services as policies
from acuse.deliveries.statements import statement
from acuse.deliveries.states import Origin, Priority
from acuse.deliveries.waits import WaitingLook
from acuse.directory.contacts import ContactEntry
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.workers.connection import conninfo
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks

INVOICE = VoucherKind.SALES_INVOICE
WISH = {"when": "now", "by": "key:erp", "origin": "api"}


@pytest.fixture
def office(people: Cast) -> Cast:
    make_whatsapp(people.company)
    DeliveryPolicy.objects.filter(company=people.company, kind=INVOICE.value).update(enabled=False)
    return people


def _waiting(cast: Cast, count: int, **wish: Any) -> list[Voucher]:
    party = make_party(cast.company)
    make_contact(party)
    made = [make_voucher(cast.company, party, number=number) for number in range(1, count + 1)]
    Voucher.objects.filter(pk__in=[one.pk for one in made]).update(wish={**WISH, **wish})
    return made


def _enable(cast: Cast) -> None:
    values = policies.values_of(DeliveryPolicy.objects.get(company=cast.company, kind=INVOICE.value))
    policies.change(company=cast.company, kind=INVOICE, values=replace(values, enabled=True), actor="test")


def _due() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement("waiting_due"))
        return [row[0] for row in cursor.fetchall()]


def test_a_configuration_is_saved_at_the_same_cost_however_many_wait(office: Cast) -> None:
    _waiting(office, 3)
    with CaptureQueriesContext(connection) as few:
        _enable(office)
    WaitingLook.objects.all().delete()
    DeliveryPolicy.objects.filter(kind=INVOICE.value).update(enabled=False)
    Voucher.objects.all().delete()
    _waiting(office, 30)
    with CaptureQueriesContext(connection) as many:
        _enable(office)
    assert len(many) == len(few)
    assert not Delivery.objects.exists(), "that is a worker's"
    assert _due() == [office.company.pk]


def test_a_worker_asks_for_them_slice_by_slice_in_the_name_of_who_wished(
    office: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "SLICE", 2)
    made = _waiting(office, 5)
    _enable(office)
    wishes.look(office.company.pk)
    rows = Delivery.objects.values_list("requested_by", "origin", "priority")
    assert list(rows) == [("key:erp", Origin.API, Priority.BY_HAND)] * len(made)
    assert not waits.waiting_of(office.company).exists()
    assert _due() == []


def test_what_a_crash_interrupts_is_done_again_once(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wishes, "SLICE", 2)
    _waiting(office, 5)
    _enable(office)
    asked = 0

    def die_in_the_second(*args: Any, **given: Any) -> Any:
        nonlocal asked
        asked += 1
        answer = services.request(*args, **given)
        if asked == 2:
            raise SystemExit("killed")
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(wishes, "request", die_in_the_second)
        with pytest.raises(SystemExit, match="killed"):
            wishes.look(office.company.pk)
    assert Delivery.objects.count() == 2
    assert _due() == [office.company.pk], "the sweep finds it"
    wishes.look(office.company.pk)
    assert Delivery.objects.count() == Delivery.objects.values("voucher").distinct().count() == 5
    assert _due() == []


@wherever_it_breaks
def test_one_that_cant_be_worked_out_holds_nobody_up(office: Cast, monkeypatch: pytest.MonkeyPatch, spot: Spot) -> None:
    made = _waiting(office, 5)
    _enable(office)
    with monkeypatch.context() as patched:
        break_it(patched, spot, {made[1].pk})
        wishes.look(office.company.pk)
    assert set(Delivery.objects.values_list("voucher", flat=True)) == {one.pk for one in made if one != made[1]}
    assert [one.pk for one in waits.waiting_of(office.company)] == [made[1].pk], "it still wishes to go"
    assert _due() == []


@wherever_it_breaks
def test_nor_who_saves_the_contact_that_was_missing(office: Cast, monkeypatch: pytest.MonkeyPatch, spot: Spot) -> None:
    DeliveryPolicy.objects.filter(kind=INVOICE.value).update(enabled=True)
    made = _waiting(office, 3)
    with monkeypatch.context() as patched:
        break_it(patched, spot, {made[1].pk})
        entry = ContactEntry(name="Pagos", mobile="341 15 555-0188")
        contacts.create(party=made[0].party, entry=entry, actor="test")
    assert made[0].party.contacts.filter(name="Pagos").exists()
    assert set(Delivery.objects.values_list("voucher", flat=True)) == {made[0].pk, made[2].pk}


@wherever_it_breaks
def test_nor_whoever_saves_that_very_one(office: Cast, monkeypatch: pytest.MonkeyPatch, spot: Spot) -> None:
    DeliveryPolicy.objects.filter(kind=INVOICE.value).update(enabled=True)
    (made,) = _waiting(office, 1)
    with monkeypatch.context() as patched, capture_logs() as logs:
        break_it(patched, spot, {made.pk})
        assert not wishes.fulfil_wish(made).deliveries
    assert [entry["voucher"] for entry in logs if entry["event"] == "waiting_voucher_failed"] == [str(made.pk)]
    assert [one.pk for one in waits.waiting_of(office.company)] == [made.pk], "it still wishes to go"
    assert len(wishes.fulfil_wish(made).deliveries) == 1


def test_what_is_saved_while_a_worker_looks_is_looked_at_next(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    _waiting(office, 1)
    waits.look_later(office.company)
    looked = 0
    real = wishes._fulfil

    def enabled_meanwhile(vouchers: Any) -> Any:
        nonlocal looked
        looked += 1
        answer = real(vouchers)
        if looked == 1:
            _enable(office)
        return answer

    monkeypatch.setattr(wishes, "_fulfil", enabled_meanwhile)
    wishes.look(office.company.pk)
    assert (looked, Delivery.objects.count(), _due()) == (2, 1, [])


def test_asked_to_stop_it_leaves_the_rest_to_the_next(office: Cast) -> None:
    _waiting(office, 1)
    _enable(office)
    wishes.look(office.company.pk, stopping=lambda: True)
    assert (Delivery.objects.count(), _due()) == (0, [office.company.pk])


def test_a_sender_that_was_missing_is_no_work_of_the_request(people: Cast) -> None:
    policies.ensure_policies(people.company)
    _waiting(people, 2)
    senders.change_mailbox(people.company, url="smtp://127.0.0.1:2525", from_address="hola@oeste.example", actor="test")
    assert not Delivery.objects.exists()
    assert _due() == [people.company.pk]
    make_whatsapp(people.company)
    wishes.look(people.company.pk)
    assert Delivery.objects.count() == 2


def test_what_wished_to_go_by_itself_still_does_only_where_it_may(office: Cast) -> None:
    _waiting(office, 2, when="auto")
    Voucher.objects.update(issued_on=today_in(office.company))
    _enable(office)
    wishes.look(office.company.pk)
    assert not Delivery.objects.exists(), "neither the service nor the kind is automatic"
    companies.set_automatic_service(company=office.company, active=True, actor="test")
    DeliveryPolicy.objects.filter(kind=INVOICE.value).update(automatic=True)
    Voucher.objects.update(created_at=office.company.automatic_service_since)
    waits.look_later(office.company)
    wishes.look(office.company.pk)
    assert set(Delivery.objects.values_list("origin", "priority")) == {(Origin.AUTOMATIC, Priority.AUTOMATIC)}
    assert not Voucher.objects.filter(automatic_asked_at=None).exists()


def test_of_a_party_with_many_the_first_go_at_once_and_a_worker_does_the_rest(
    office: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "AT_ONCE", 2)
    DeliveryPolicy.objects.filter(kind=INVOICE.value).update(enabled=True)
    made = _waiting(office, 3)
    others = make_voucher(office.company, make_party(office.company, name="Otro"))
    Voucher.objects.filter(pk=others.pk).update(wish=WISH)
    wishes.fulfil_waiting(office.company, party=made[0].party)
    assert Delivery.objects.count() == 2
    assert _due() == [office.company.pk]
    looked: list[Any] = []
    real = wishes._look_at

    def look_at(ids: Any) -> None:
        looked.extend(ids)
        real(ids)

    monkeypatch.setattr(wishes, "_look_at", look_at)
    wishes.look(office.company.pk)
    assert looked == [made[2].pk], "what waits for others isn't looked at"
    assert Delivery.objects.count() == 3
    assert _due() == []


def test_another_companys_wishes_are_not_looked_at(office: Cast) -> None:
    make_whatsapp(office.other_company, phone_number_id="109")
    policies.ensure_policies(office.other_company)
    party = make_party(office.other_company)
    make_contact(party)
    make_voucher(office.other_company, party)
    Voucher.objects.update(wish=WISH)
    _waiting(office, 1)
    _enable(office)
    wishes.look(office.company.pk)
    assert set(Delivery.objects.values_list("company", flat=True)) == {office.company.pk}


def test_one_looks_at_a_time_and_who_comes_second_leaves_it_to_the_first(office: Cast) -> None:
    _waiting(office, 2)
    _enable(office)
    lock = (wishes.LOOK_LOCKS, str(office.company.pk))
    with psycopg.connect(conninfo(), autocommit=True) as first:
        first.execute("select pg_advisory_lock(%s, hashtext(%s))", lock)
        wishes.look(office.company.pk)
        assert not Delivery.objects.exists()
        assert _due() == [office.company.pk], "what was asked for stays asked for"
        first.execute("select pg_advisory_unlock(%s, hashtext(%s))", lock)
        wishes.look(office.company.pk)
        assert Delivery.objects.count() == 2
        [(free,)] = first.execute("select pg_try_advisory_lock(%s, hashtext(%s))", lock).fetchall()
        assert free, "its turn ended"
