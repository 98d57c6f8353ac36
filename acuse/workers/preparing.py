"""Before a command does anything: the tables are there, and this process belongs to this installation."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from acuse.companies import installation

#: One process migrates, the others wait for it.
MIGRATION_LOCK = 0x41434D49


def prepare() -> None:
    """Raises WrongInstallation."""
    if _pending():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                call_command("migrate", interactive=False, verbosity=0)
            finally:
                cursor.execute("select pg_advisory_unlock(%s)", [MIGRATION_LOCK])
    installation.verify(
        secret_key=settings.SECRET_KEY, old_keys=settings.SECRET_KEY_FALLBACKS, files_dir=settings.FILES_DIR
    )


def _pending() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
