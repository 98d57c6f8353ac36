from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.conftest import Cast

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(autouse=True)
def _nobody_asks_meta(settings: Any) -> None:
    """Who wants an answer asks for `meta`."""
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
