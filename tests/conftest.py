from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings

from acuse.config import database


def pytest_configure(config: pytest.Config) -> None:
    # a real hasher would cost each test a second
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """The server must run before the test database is made."""
    database.ensure()


@dataclass(frozen=True)
class Cast:
    """Ana owns the company, Beto works in it, Carla belongs to another one and must see nothing."""

    company: Any
    ana: Any
    beto: Any
    other_company: Any
    carla: Any


@pytest.fixture
def people(db: None) -> Cast:
    from tests.data.cast import make_cast

    return Cast(**make_cast())


@pytest.fixture
def run_async() -> Callable[[Any], Any]:
    return asyncio.run
