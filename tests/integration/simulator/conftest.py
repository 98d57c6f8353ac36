from collections.abc import Iterator

import pytest

from acuse_simulator.process import SimulatorProcess

from .graph_client import Graph

FAST = {"sent": 0.01, "delivered": 0.04, "read": 0.08, "failed": 0.02}


@pytest.fixture(scope="session")
def process() -> Iterator[SimulatorProcess]:
    config = {"delays": FAST, "slow_seconds": 0.4, "very_slow_seconds": 30, "hooks": {"first_wait": 0.05}}
    with SimulatorProcess(config) as started:
        yield started


@pytest.fixture
def graph(meta: SimulatorProcess) -> Graph:
    return Graph(meta.url)
