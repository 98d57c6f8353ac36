from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _nobody_asks_meta(settings: Any) -> None:
    """Who wants an answer puts the simulator's address here."""
    settings.GRAPH_URL = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def _plain_static(settings: Any) -> None:
    """Without a collected manifest; `test_static.py` collects one."""
    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}


def signed_in(user: Any) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user, backend=BACKEND)
    return client


@pytest.fixture
def ana(people: Cast) -> Client:
    return signed_in(people.ana)


@pytest.fixture
def beto(people: Cast) -> Client:
    return signed_in(people.beto)


@pytest.fixture
def carla(people: Cast) -> Client:
    return signed_in(people.carla)


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorProcess]:
    with SimulatorProcess({"slow_seconds": 0.2, "very_slow_seconds": 30}) as started:
        yield started


@pytest.fixture
def platform(simulator: SimulatorProcess, settings: Any) -> SimulatorProcess:
    """Meta's, as new, over real HTTP."""
    simulator.control("reset")
    settings.GRAPH_URL = simulator.url
    return simulator
