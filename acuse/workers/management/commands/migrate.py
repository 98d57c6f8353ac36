"""`acuse migrate`: Django's, one at a time. A command that finds the tables old waits for it, and it for that."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from acuse.workers import preparing


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        with preparing.turn():
            super().handle(*args, **options)
