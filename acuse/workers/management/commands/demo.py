"""`acuse demo`: everything on this machine, in a folder of its own, talking only to its own simulator."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from acuse.workers.command import DJANGO_OPTIONS
from acuse.workers.demo.show import DemoEnded, DemoFailed, Show


class Command(BaseCommand):
    help = "Muestra completa en esta máquina: páginas, envíos y el teléfono del cliente, con datos inventados"
    requires_system_checks: list[str] = []
    suppressed_base_arguments = DJANGO_OPTIONS

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-browser", action="store_true", help="no abre el navegador")
        parser.add_argument("--once", action="store_true", help="envía un comprobante, muestra cada estado y termina")

    def handle(self, **given: Any) -> None:
        if os.environ.get("ACUSE_DATABASE_URL") or os.environ.get("ACUSE_DATABASE_URL_FILE"):
            raise CommandError("La demo no se mezcla con una base configurada. Quitá ACUSE_DATABASE_URL para verla.")
        try:
            with Show(self._say) as show:
                if given["once"]:
                    show.send_one()
                else:
                    show.stay(open_browser=not given["no_browser"])
        except DemoEnded as error:
            raise CommandError("La demo se cortó antes de terminar.") from error
        except DemoFailed as error:
            raise CommandError(str(error)) from error

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
