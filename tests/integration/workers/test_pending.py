"""Before a command does anything: whether a migration is missing, which is told by names alone."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from acuse.companies import installation
from acuse.workers import preparing

Applied = MigrationRecorder.Migration


@pytest.fixture
def asked(db: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The commands that were called; none runs."""
    called: list[str] = []
    monkeypatch.setattr(preparing, "call_command", lambda name, **_: called.append(name))
    monkeypatch.setattr(installation, "verify", lambda **_: None)
    return called


def test_with_all_of_them_applied_nothing_is_migrated(asked: list[str]) -> None:
    preparing.prepare()
    assert asked == []


def test_whichever_is_missing_is_noticed(asked: list[str]) -> None:
    there_are = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    assert len(there_are) > 100
    unnoticed = []
    for label, name in there_are:
        asked.clear()
        with transaction.atomic():
            Applied.objects.filter(app=label, name=name).delete()
            preparing.prepare()
            transaction.set_rollback(True)
        if asked != ["migrate"]:
            unnoticed.append((label, name))
    assert unnoticed == []
