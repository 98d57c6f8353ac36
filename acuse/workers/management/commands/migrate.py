"""`acuse migrate`: Django's, one at a time. A command that finds the tables old waits for it, and it for that.
Up to date, every *Administrador* holds what the new version has."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate

from acuse.companies.permissions.ready_roles import complete_administrators
from acuse.workers import preparing
from acuse.workers.command import DJANGO_OPTIONS


class Command(migrate.Command):
    help = "Pone la base al día, después de actualizar"
    suppressed_base_arguments = DJANGO_OPTIONS

    def handle(self, *args: Any, **options: Any) -> None:
        with preparing.turn():
            super().handle(*args, **options)
            if not any(options[partly] for partly in ("app_label", "plan", "check_unapplied")):
                complete_administrators(actor="command:migrate")
