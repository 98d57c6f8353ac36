"""A test number of Meta's writes Argentine mobiles in its own way: all the way to Meta, and back with the receipts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from acuse.channels import accounts
from acuse.channels.models import Lane, WhatsAppApp
from acuse.companies.models import Company
from acuse.deliveries import services
from acuse.deliveries.models import Delivery
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, State
from acuse.hooks.checks import account as account_checks
from acuse.hooks.models import RawHook
from acuse.hooks.processing import apply_batch
from acuse.kernel import clock
from acuse.workers import lanes
from acuse_simulator.process import SimulatorProcess
from tests.data import kept
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.integration.simulator.callback import Callback

MOBILE = "+5493415550190"
WAYS = [("off", "5493415550190"), ("without_9", "543415550190"), ("with_15", "54341155550190")]


@pytest.fixture(scope="module")
def process() -> Iterator[SimulatorProcess]:
    delays = {"sent": 0.0, "delivered": 0.05, "read": 0.1}
    with SimulatorProcess({"delays": delays, "hooks": {"first_wait": 0.05}}) as started:
        yield started


@pytest.fixture
def lane(transactional_db: None, callback: Callback) -> Lane:
    return make_whatsapp(kept.cast()["company"], token="simulator-token")


def _send(company: Company, lane: Lane) -> Delivery:
    party = make_party(company)
    make_contact(party, mobile=MOBILE)
    _, asked = services.request_for([make_voucher(company, party)], Asker("test", Origin.MANUAL))
    asyncio.run(lanes.run(lane.pk))
    return Delivery.objects.get(pk=asked.deliveries[0][0].pk)


def _write(lane: Lane, way: str) -> None:
    accounts.set_sandbox(lane.whatsapp_number, way, actor="test")


@pytest.mark.parametrize(("way", "digits"), WAYS)
def test_each_way_of_writing_reaches_meta_and_its_receipts_find_the_delivery(
    lane: Lane, meta: SimulatorProcess, callback: Callback, way: str, digits: str
) -> None:
    meta.control("event", event="number_sandbox", allowed=[digits])
    _write(lane, way)
    delivery = _send(lane.company, lane)
    assert (delivery.state, delivery.to) == (State.SENT, MOBILE)
    (entry,) = meta.ledger()["messages"]
    assert (entry["accepted"], entry["to"]) == (True, f"+{digits}")
    told = callback.wait_for_statuses(3)
    assert {status["recipient_id"] for status in told} == {digits}
    app = WhatsAppApp.objects.get(company=lane.company)
    for post in callback.posts:
        RawHook.objects.create(app=app, body=post.body, received_at=clock.now())
    apply_batch()
    delivery.refresh_from_db()
    assert delivery.state == State.READ


@pytest.mark.parametrize("way", [way for way, _ in WAYS])
def test_a_way_that_is_not_in_the_list_fails_and_says_where_to_try_another(
    lane: Lane, meta: SimulatorProcess, way: str
) -> None:
    (other,) = (digits for name, digits in WAYS if name == {"off": "without_9"}.get(way, "off"))
    meta.control("event", event="number_sandbox", allowed=[other])
    _write(lane, way)
    delivery = _send(lane.company, lane)
    assert (delivery.state, delivery.cause_code) == (State.FAILED, "whatsapp.131030")
    assert "Estado de WhatsApp" in delivery.cause_next_step
    assert account_checks.refused_by_test_number(lane.company, lane.whatsapp_number, clock.now())
