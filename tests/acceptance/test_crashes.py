"""`kill -9` of real workers, at any step of the path: nothing is lost, nothing is received twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.installation import Installation, installation, wait_for

KILLS = int(os.environ.get("ACUSE_TEST_KILLS", "100"))
DELIVERIES = 1500

pytestmark = [pytest.mark.crash, pytest.mark.timeout(420)]


class Nursery:
    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        self._child = child

    def ask(self, words: str) -> dict[str, Any]:
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(words.encode() + b"\n")
        self._child.stdin.flush()
        loaded: dict[str, Any] = json.loads(self._child.stdout.readline())
        return loaded

    def worker(self) -> int:
        return int(self.ask("worker")["pid"])

    def states(self) -> dict[str, str]:
        return self.ask("states")


@pytest.fixture
def place() -> Iterator[Installation]:
    # no receipts: what a crash left uncertain must stay visible
    with installation() as made:
        made.setup("--throughput", "400")
        yield made


def accepted(place: Installation) -> Counter[str]:
    return Counter({opaque: counts["accepted"] for opaque, counts in place.ledger()["by_opaque"].items()})


def open_ones(states: dict[str, str]) -> int:
    return sum(state in ("queued", "sending") for state in states.values())


def test_nothing_is_lost_and_nothing_is_received_twice(place: Installation) -> None:
    nursery = Nursery(place.spawn("tests.acceptance.nursery", piped=True))
    assert nursery.ask(f"fill {DELIVERIES}")["created"] == DELIVERIES
    dice = random.Random(20261124)
    for _ in range(KILLS):
        pid = nursery.worker()
        time.sleep(dice.uniform(0.02, 0.5))
        os.kill(pid, signal.SIGKILL)
        if not open_ones(nursery.states()):
            break
    last = nursery.worker()
    assert wait_for(lambda: not open_ones(nursery.states()), 120, 0.5), place.log()
    os.kill(last, signal.SIGTERM)
    states, counts = nursery.states(), accepted(place)
    assert len(states) == DELIVERIES
    assert set(states.values()) <= {"sent", "uncertain"}
    for delivery, state in states.items():
        if state == "sent":
            assert counts[delivery] == 1, f"{delivery} is sent, and was received {counts[delivery]} times"
        else:
            assert counts[delivery] <= 1, f"{delivery} is uncertain, and was received {counts[delivery]} times"
    # the scenario is worth something only if the kills hit the path, and something else as well; how much of each, the
    # machine's speed decides
    found = Counter(states.values())
    assert min(found["sent"], found["uncertain"]) > DELIVERIES / 100, found


def test_another_worker_goes_on_when_a_lanes_runner_is_killed(place: Installation) -> None:
    nursery = Nursery(place.spawn("tests.acceptance.nursery", piped=True))
    nursery.ask("fill 600")
    first, second = nursery.worker(), nursery.worker()
    assert wait_for(lambda: sum(accepted(place).values()) > 20, 30)
    os.kill(first, signal.SIGKILL)
    assert wait_for(lambda: not open_ones(nursery.states()), 60), place.log()
    os.kill(second, signal.SIGTERM)
    assert max(accepted(place).values()) == 1
    assert sum(accepted(place).values()) >= 600 - Counter(nursery.states().values())["uncertain"]
