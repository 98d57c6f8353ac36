"""Numbers and tokens change while there is a queue: each delivery is sent once, or waits and says for what."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from acuse.channels import accounts
from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.models import Lane, WhatsAppNumber
from acuse.companies.models import Company
from acuse.deliveries import selectors, senders, services
from acuse.deliveries.models import Delivery, MediaUpload, Suspension
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, State
from acuse.kernel import clock
from acuse.workers import lanes
from acuse_simulator.process import SimulatorProcess
from tests.data import kept
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp

FIRST, SECOND = "106540352242922", "206540352242922"
#: Deliveries in the queue, and how fast they leave: the whole takes a second and a half.
MANY, PACE = 15, 10


@pytest.fixture(scope="module")
def process() -> Iterator[SimulatorProcess]:
    with SimulatorProcess({"delays": {"sent": 60.0, "delivered": 60.0, "read": None}}) as started:
        yield started


@dataclass
class Shop:
    company: Company
    lane: Lane
    meta: SimulatorProcess

    def ask(self, count: int = MANY, *, start: int = 0) -> list[Delivery]:
        """One to each of so many customers."""
        asked: list[Delivery] = []
        for number in range(start, start + count):
            party = make_party(self.company, name=f"Cliente {number}")
            make_contact(party, mobile=f"+549341555{7000 + number}")
            voucher = make_voucher(self.company, party, number=1000 + number)
            asked += services.request_for([voucher], Asker("test", Origin.MANUAL))[1].deliveries[0]
        return asked

    def run(self, *lane_ids: int) -> None:
        """As the worker does: again while something is due."""
        for _ in range(10):
            for lane_id in lane_ids or (self.lane.pk,):
                asyncio.run(lanes.run(lane_id))
            waiting = Delivery.objects.filter(state=State.QUEUED, held=False, due_at__lte=clock.now())
            if not waiting.exists() or Suspension.objects.filter(ended_at=None).exists():
                return

    def run_and(self, change: Callable[[], object], *, after: int = 3) -> None:
        """`change` happens when so many have left, while the others are on their way."""
        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(self._run_apart)
            while len(self.accepted()) < after:
                assert not running.done(), self.states()
            change()
            running.result(60)

    def _run_apart(self) -> None:
        try:
            asyncio.run(lanes.run(self.lane.pk))
        finally:
            connections.close_all()

    def accepted(self) -> list[dict[str, Any]]:
        return [entry for entry in self.meta.ledger()["messages"] if entry["accepted"]]

    def sent_by(self) -> dict[str, int]:
        numbers = [entry["number"] for entry in self.accepted()]
        return {number: numbers.count(number) for number in dict.fromkeys(numbers)}

    def states(self) -> dict[str, int]:
        states = list(Delivery.objects.values_list("state", flat=True))
        return {state: states.count(state) for state in dict.fromkeys(states)}

    def change(self, *, access_token: str | None = None, phone_number_id: str | None = None) -> None:
        given = WhatsAppParameters(access_token=access_token, phone_number_id=phone_number_id)
        senders.change_whatsapp(self.company, given, actor="test")


def _all_sent_once(shop: Shop, asked: list[Delivery]) -> None:
    assert shop.states() == {State.SENT: len(asked)}
    counts = {opaque: count["accepted"] for opaque, count in shop.meta.ledger()["by_opaque"].items()}
    assert counts == {str(delivery.pk): 1 for delivery in asked}
    assert not Suspension.objects.filter(ended_at=None).exists()


def _waits_with_a_next_step(shop: Shop) -> None:
    assert set(shop.states()) <= {State.SENT, State.QUEUED}
    assert State.QUEUED in shop.states()
    open_ = list(selectors.open_suspensions(shop.company))
    assert open_
    assert all(suspension.cause_next_step for suspension in open_)


@pytest.fixture
def shop(transactional_db: None, meta: SimulatorProcess) -> Shop:
    meta.control("numbers", id=SECOND, display="+54 9 341 555-0100")
    meta.control("tokens", token="nuevo")
    company = kept.cast()["company"]
    lane = make_whatsapp(company, token="simulator-token", throughput=PACE)
    return Shop(company, lane, meta)


def _second(shop: Shop, *, default: bool = False) -> Lane:
    account = WhatsAppNumber.objects.get(phone_number_id=FIRST).account
    number = accounts.add_number(account, phone_number_id=SECOND, default=default, throughput=1000, actor="test")
    return number.lane


def test_a_token_that_is_replaced_in_the_middle(shop: Shop) -> None:
    """The old one is revoked a moment later, as people do."""
    asked = shop.ask()

    def change() -> None:
        shop.change(access_token="nuevo")
        shop.meta.control("tokens", token="simulator-token", valid=False)

    shop.run_and(change)
    shop.run()
    _all_sent_once(shop, asked)


def test_a_token_that_is_revoked_first_waits_for_the_new_one(shop: Shop) -> None:
    asked = shop.ask()
    shop.run_and(lambda: shop.meta.control("tokens", token="simulator-token", valid=False))
    _waits_with_a_next_step(shop)
    shop.change(access_token="nuevo")
    shop.run()
    _all_sent_once(shop, asked)


def test_a_bad_token_in_the_middle_waits_for_a_good_one(shop: Shop) -> None:
    asked = shop.ask()
    shop.run_and(lambda: shop.change(access_token="malo"))
    shop.run()
    _waits_with_a_next_step(shop)
    shop.change(access_token="nuevo")
    shop.run()
    _all_sent_once(shop, asked)


def test_a_token_that_is_taken_away_stops_at_once_and_loses_nothing(shop: Shop) -> None:
    asked = shop.ask()
    shop.run_and(lambda: accounts.remove_token(shop.company, actor="test"))
    left = len(shop.accepted())
    assert left < MANY
    shop.run()
    assert len(shop.accepted()) == left
    assert shop.states() == {State.SENT: left, State.QUEUED: MANY - left}
    shop.change(access_token="nuevo")
    shop.run()
    _all_sent_once(shop, asked)


def test_a_number_that_is_replaced_in_the_middle(shop: Shop) -> None:
    """The same line with another number: what it uploaded is nothing to the new one."""
    asked = shop.ask()
    shop.run_and(lambda: shop.change(phone_number_id=SECOND))
    shop.run()
    _all_sent_once(shop, asked)
    by = shop.sent_by()
    assert by[FIRST] < MANY
    assert by[SECOND] > 0


def test_a_file_that_another_number_uploaded_is_uploaded_again(shop: Shop) -> None:
    asked = shop.ask(2)
    shop.run()
    MediaUpload.objects.update(media_id="1234567890")
    asked += shop.ask(2, start=50)
    shop.run()
    _all_sent_once(shop, asked)
    assert len(shop.meta.ledger()["uploads"]) == 2


def test_another_default_in_the_middle_leaves_the_queue_where_it_is(shop: Shop) -> None:
    asked = shop.ask()
    shop.run_and(lambda: _second(shop, default=True))
    later = shop.ask(2, start=100)
    other = Lane.objects.get(whatsapp_number__phone_number_id=SECOND)
    shop.run(shop.lane.pk, other.pk)
    _all_sent_once(shop, [*asked, *later])
    assert shop.sent_by() == {FIRST: MANY, SECOND: 2}


def test_a_number_that_meta_does_not_have_any_more_gives_its_queue_to_the_default(shop: Shop) -> None:
    asked = shop.ask()
    shop.run_and(lambda: shop.meta.control("numbers", id=FIRST, status="DISCONNECTED"))
    _waits_with_a_next_step(shop)
    other = _second(shop, default=True)
    moved = senders.move_queue(shop.company, phone_number_id=FIRST, actor="test")
    assert moved == shop.states()[State.QUEUED]
    shop.run(other.pk)
    assert shop.states() == {State.SENT: MANY}
    assert shop.sent_by()[SECOND] == moved
    counts = {opaque: count["accepted"] for opaque, count in shop.meta.ledger()["by_opaque"].items()}
    assert counts == {str(delivery.pk): 1 for delivery in asked}


def test_the_queue_of_the_default_number_has_nowhere_to_go(shop: Shop) -> None:
    shop.ask(1)
    with pytest.raises(accounts.AccountError, match="principal"):
        senders.move_queue(shop.company, phone_number_id=FIRST, actor="test")
    with pytest.raises(accounts.AccountError, match="no es tuyo"):
        senders.move_queue(shop.company, phone_number_id="999", actor="test")
    assert shop.states() == {State.QUEUED: 1}


def test_what_is_held_and_what_a_dead_runner_left_live_through_a_change(shop: Shop) -> None:
    held, started, claimed, due = shop.ask(4)
    Delivery.objects.filter(pk=held.pk).update(held=True)
    now = clock.now()
    Delivery.objects.filter(pk=started.pk).update(state=State.SENDING, attempt=1, claimed_at=now, started_at=now)
    Delivery.objects.filter(pk=claimed.pk).update(state=State.SENDING, attempt=1, claimed_at=now)
    shop.change(phone_number_id=SECOND, access_token="nuevo")
    shop.run()
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {
        held.pk: State.QUEUED, started.pk: State.UNCERTAIN, claimed.pk: State.SENT, due.pk: State.SENT,
    }  # fmt: skip
    Delivery.objects.filter(pk=held.pk).update(held=False)
    shop.run()
    assert shop.sent_by() == {SECOND: 3}


def test_a_pace_that_changes_in_the_middle_is_kept_at_once(shop: Shop) -> None:
    """A number that Meta slowed down doesn't empty its queue at the old pace."""
    asked = shop.ask(6)
    Lane.objects.filter(pk=shop.lane.pk).update(throughput=2)
    shop.run_and(lambda: Lane.objects.filter(pk=shop.lane.pk).update(throughput=1000), after=2)
    shop.run()
    _all_sent_once(shop, asked)
    assert clock.now() - asked[0].created_at < timedelta(minutes=5)
