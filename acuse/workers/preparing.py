"""Before a command does anything: the tables are there, and this process belongs to this installation."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pkgutil import iter_modules

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from acuse.companies import installation

#: One process migrates, the others wait for it.
MIGRATION_LOCK = 0x41434D49
#: Seconds until it is asked for again.
_AGAIN = 0.2


def prepare() -> None:
    """Raises WrongInstallation."""
    if _pending():
        call_command("migrate", interactive=False, verbosity=0)
    installation.verify(
        secret_key=settings.SECRET_KEY, old_keys=settings.SECRET_KEY_FALLBACKS, files_dir=settings.FILES_DIR
    )


@contextmanager
def turn() -> Iterator[None]:
    """To migrate."""
    _wait_for_turn()
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])


def _wait_for_turn() -> None:
    """Asks again and again: one statement that waits would be waited for by an index that is made concurrently."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("select pg_try_advisory_lock(%s)", [MIGRATION_LOCK])
            if cursor.fetchone()[0]:
                return
            time.sleep(_AGAIN)


def _pending() -> bool:
    """By their names: to read all of them takes longer than what most commands do."""
    applied = MigrationRecorder(connection).applied_migrations()
    return any((app.label, name) not in applied for app in apps.get_app_configs() for name in _migrations(app.label))


def _migrations(label: str) -> Iterator[str]:
    """As Django finds them."""
    package, _ = MigrationLoader.migrations_module(label)
    spec = find_spec(package) if package else None
    places = spec.submodule_search_locations if spec else None
    return (found.name for found in iter_modules(places or []) if not found.ispkg and found.name[0] not in "_~")
