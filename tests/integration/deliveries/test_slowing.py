"""The provider complains of the pace after the messages left: the runner, in whatever process, learns it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from structlog.testing import capture_logs

from acuse.channels.models import Lane
from acuse.deliveries.models import Delivery
from acuse.deliveries.receipts import aftermath
from acuse.deliveries.states import State
from acuse.kernel import clock
from tests.data.cast import make_contact, make_party
from tests.integration.deliveries.conftest import Office

Logged = list[MutableMapping[str, Any]]


@pytest.fixture
def logged() -> Iterator[Logged]:
    with capture_logs() as entries:
        yield entries


def _slowed(logged: Logged) -> list[float]:
    return [entry["rate"] for entry in logged if entry["event"] == "lane_slowed"]


def _ask(office: Office, count: int) -> None:
    for number in range(count):
        party = make_party(office.company, name=f"Cliente {number}")
        make_contact(party, mobile=f"+549341555{7000 + number}")
        office.ask(office.voucher(1000 + number, party=party))


def _run(office: Office) -> None:
    try:
        asyncio.run(office.runner().run())
    finally:
        connections.close_all()


def test_a_lane_that_is_running_slows_down_once_when_it_is_told_elsewhere(office: Office, logged: Logged) -> None:
    office.lane.throughput = 4
    office.lane.save()
    _ask(office, 14)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(_run, office)
        while len(office.sender.sent) < 2:
            assert not running.done()
            time.sleep(0.02)
        assert _slowed(logged) == []
        aftermath.slow_down({office.lane.pk}, now=clock.now())
        running.result(60)
    assert _slowed(logged) == [2.0]
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


@pytest.mark.parametrize(("seconds", "slow"), [(2, True), (30, False)])
def test_a_run_that_begins_soon_after_is_slow_too(office: Office, logged: Logged, seconds: int, slow: bool) -> None:
    Lane.objects.update(slowed_at=clock.now() - timedelta(seconds=seconds))
    _ask(office, 2)
    office.run()
    assert _slowed(logged) == ([office.lane.throughput / 2] if slow else [])
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}
