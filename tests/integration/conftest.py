from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from acuse_simulator.process import SimulatorProcess
from tests.integration.simulator.callback import Callback, CallbackServer

#: Fixtures with companies and their vouchers.
_STAGES = ("people", "office", "cast")


@pytest.fixture(autouse=True)
def _nothing_drifts(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test does to deliveries and parties, what triggers keep of them is right at its end."""
    stages = [name for name in _STAGES if name in request.fixturenames]
    for name in stages:
        request.getfixturevalue(name)
    yield
    if stages:
        from tests.integration.truth import assert_nothing_drifted

        assert_nothing_drifted()


@pytest.fixture(scope="session")
def process() -> Iterator[SimulatorProcess]:
    """Meta's; whoever needs it configured in another way overrides this one."""
    with SimulatorProcess({"slow_seconds": 0.2, "very_slow_seconds": 30, "hooks": {"first_wait": 0.05}}) as started:
        yield started


@pytest.fixture
def meta(process: SimulatorProcess, settings: Any) -> SimulatorProcess:
    """As new, over real HTTP, and where Acuse asks."""
    process.control("reset")
    settings.GRAPH_URL = process.url
    return process


@pytest.fixture
def callback(meta: SimulatorProcess) -> Iterator[Callback]:
    """Whom Meta tells."""
    server = CallbackServer()
    meta.control("configure-webhook", url=server.callback.url)
    yield server.callback
    meta.control("reset")
    server.close()
