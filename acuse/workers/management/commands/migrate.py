"""`acuse migrate`: Django's, one at a time. A command that finds the tables old waits for it, and it for that."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from acuse.workers import preparing
from acuse.workers.command import DJANGO_OPTIONS


class Command(migrate.Command):
    help = "Pone la base al día, después de actualizar"
    suppressed_base_arguments = DJANGO_OPTIONS

    def handle(self, *args: Any, **options: Any) -> None:
        with preparing.turn():
            super().handle(*args, **options)
