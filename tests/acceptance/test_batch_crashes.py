"""`kill -9` of workers in the middle of a batch: while it is worked out, asked, paused and sent."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator

import pytest

from tests.acceptance.installation import Installation, installation, wait_for
from tests.acceptance.test_crashes import Nursery, accepted

VOUCHERS = 1500
KILLS = 25
FEW = 300

pytestmark = [pytest.mark.crash, pytest.mark.timeout(420)]


@pytest.fixture
def place() -> Iterator[Installation]:
    # no receipts: what a crash left uncertain must stay visible
    with installation() as made:
        yield made


def _kill_workers(nursery: Nursery, dice: random.Random, times: int) -> None:
    for _ in range(times):
        pid = nursery.worker()
        time.sleep(dice.uniform(0.1, 0.9))
        os.kill(pid, signal.SIGKILL)
        nursery.states()


def test_a_batch_survives_its_workers_and_asks_each_voucher_once(place: Installation) -> None:
    place.setup("--throughput", "300")
    nursery = Nursery(place.spawn("tests.acceptance.nursery", piped=True))
    dice = random.Random(20261124)
    assert nursery.ask(f"batch {VOUCHERS}")["total"] == VOUCHERS
    _kill_workers(nursery, dice, 3)
    worker = nursery.worker()
    assert wait_for(lambda: nursery.ask("batch?")["state"] == "ready", 60), place.log()
    os.kill(worker, signal.SIGKILL)
    assert nursery.ask("confirm")["done"]
    assert not nursery.ask("confirm")["done"]
    _kill_workers(nursery, dice, KILLS)
    last = nursery.worker()
    assert wait_for(lambda: nursery.ask("batch?")["ended"], 120, 0.5), place.log()
    os.kill(last, signal.SIGTERM)
    states, counts = nursery.states(), accepted(place)
    assert len(states) == VOUCHERS, "one delivery a voucher, whatever died"
    assert set(states.values()) <= {"sent", "uncertain"}
    assert all(counts[delivery] == 1 for delivery, state in states.items() if state == "sent")
    assert max(counts.values()) == 1
    assert sum(state == "sent" for state in states.values()) > VOUCHERS / 2


def test_what_is_paused_stays_though_its_worker_dies_and_goes_on_when_resumed(place: Installation) -> None:
    # slow enough that a machine with other things to do presses the button in the middle too
    place.setup("--throughput", "15")
    nursery = Nursery(place.spawn("tests.acceptance.nursery", piped=True))
    nursery.ask(f"batch {FEW}")
    first = nursery.worker()
    assert wait_for(lambda: nursery.ask("batch?")["state"] == "ready", 60), place.log()
    nursery.ask("confirm")
    assert wait_for(lambda: sum(accepted(place).values()) > 20, 30), place.log()
    assert nursery.ask("pause")["done"]
    os.kill(first, signal.SIGKILL)
    place.setup("--throughput", "300")
    second = nursery.worker()
    assert wait_for(lambda: _is_held(nursery), 30), nursery.ask("batch?")
    # what was on its way when it was held still leaves
    assert wait_for(lambda: "sending" not in nursery.states().values(), 30), nursery.ask("batch?")
    left = sum(accepted(place).values())
    assert 0 < left < FEW, "it was paused in the middle"
    time.sleep(3)
    assert sum(accepted(place).values()) == left, "nothing leaves while it is paused"
    assert nursery.ask("resume")["done"]
    assert wait_for(lambda: nursery.ask("batch?")["ended"], 60), place.log()
    os.kill(second, signal.SIGTERM)
    assert max(accepted(place).values()) == 1
    uncertain = sum(state == "uncertain" for state in nursery.states().values())
    assert sum(accepted(place).values()) >= FEW - uncertain


def _is_held(nursery: Nursery) -> bool:
    batch = nursery.ask("batch?")
    return bool(batch["open"] == batch["held"])
