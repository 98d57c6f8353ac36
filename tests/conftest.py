from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from acuse.config import database
from acuse.config.embedded import DATABASE
from acuse.config.environment import load
from tests import prepared
from tests.emptying import empty_tables

#: What waits for a browser; what waits for processes, and the longest of the others.
_IN_A_BROWSER = "tests/browser/"
_LONG = ("tests/acceptance/", "tests/integration/embedded/", "tests/integration/web/test_hostile_forms")


def pytest_configure(config: pytest.Config) -> None:
    # a real hasher would cost each test a second
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What wasn't run and why, in plain words: without a browser `-q` would only count it."""
    skipped = [report.longrepr for report in terminalreporter.stats.get("skipped", [])]
    reasons = Counter(str(told[2]).removeprefix("Skipped: ") for told in skipped if isinstance(told, tuple))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"not run ({count}): {reason}", yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take minutes begin first, so that no process is left alone with one of them at the end; those in a
    browser, which keep a core busy, between those that wait."""
    modules: dict[str, None] = dict.fromkeys(_module(item) for item in items)
    in_a_browser = [name for name in modules if name.startswith(_IN_A_BROWSER)]
    long = [name for name in modules if name.startswith(_LONG)]
    places = {name: (at + 0.5) / len(group) for group in (in_a_browser, long) for at, name in enumerate(group)}
    items.sort(key=lambda item: places.get(_module(item), 1.0))


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: to look it over for garbage takes a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The server must run before the test database is made; on the embedded one it begins as a copy, migrated."""
    environment = load()
    if environment.database_url is None and prepared.put_cluster(environment.data_dir):
        connection.settings_dict["TEST"]["TEMPLATE"] = DATABASE
    database.ensure()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """At the end, take leave of the sessions of threads: a live server's, a pool's, which would come back."""
    yield
    name = str(connection.settings_dict["NAME"])
    with django_db_blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"alter database {connection.ops.quote_name(name)} allow_connections false")
            cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])


@pytest.fixture(scope="session", autouse=True)
def _tables_are_emptied_quickly() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _: empty_tables())
        yield


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
    from tests.data import kept

    with connection.cursor() as cursor:
        # what happens when a transaction ends: a test's never does
        cursor.execute("set constraints reach_settled immediate")
    return Cast(**kept.cast())
