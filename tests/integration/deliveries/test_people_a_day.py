"""The account's limit of people a day, through the real runner: the rest is planned for later, and nobody is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from acuse.channels.models import WhatsAppAccount
from acuse.deliveries.lane.sending import LaneRunner
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.workers import lanes
from acuse.workers.connection import conninfo
from tests.data.cast import make_contact, make_party
from tests.integration.deliveries.conftest import Office


def _run(office: Office) -> None:
    """With the lane as the worker loads it, and the fake for its sender."""
    loaded = lanes.load(office.lane.pk)
    assert loaded is not None
    runner = LaneRunner(type(loaded)(loaded.info, office.runner()._lane.open_sender, loaded.path_of), conninfo())
    asyncio.run(runner.run())


def _ask_three(office: Office) -> list[Delivery]:
    asked = office.ask(office.voucher(1))
    for number in (2, 3):
        party = make_party(office.company, name=f"Cliente {number}")
        make_contact(party, mobile=f"+549341555018{number}")
        asked += office.ask(office.voucher(number, party=party))
    return asked


def test_above_the_limit_the_rest_leaves_when_a_place_gets_free(office: Office) -> None:
    WhatsAppAccount.objects.update(limit="TIER_2")
    _ask_three(office)
    _run(office)
    assert Delivery.objects.filter(state=State.SENT).count() == 2
    waiting = Delivery.objects.get(state=State.QUEUED)
    assert timedelta(hours=23) < waiting.due_at - clock.now() <= timedelta(hours=24)
    # who was written to today is no new person
    Delivery.objects.filter(state=State.SENT).update(state=State.DELIVERED)
    [again] = office.ask(office.voucher(1), again=True)
    _run(office)
    again.refresh_from_db()
    assert again.state == State.SENT
    # a day later
    Delivery.objects.exclude(pk=waiting.pk).update(sent_at=clock.now() - timedelta(hours=25))
    Delivery.objects.filter(pk=waiting.pk).update(due_at=clock.now())
    _run(office)
    waiting.refresh_from_db()
    assert waiting.state == State.SENT


def test_without_a_limit_that_is_known_nobody_waits(office: Office) -> None:
    _ask_three(office)
    _run(office)
    assert Delivery.objects.filter(state=State.SENT).count() == 3
