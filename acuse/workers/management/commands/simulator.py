"""`acuse simulator`: a stand-in for Meta's platform and the customer's phone, in a process of its own."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from acuse.workers.command import DJANGO_OPTIONS


class Command(BaseCommand):
    help = "Simulador de WhatsApp para probar sin Meta, solo en esta máquina"
    requires_system_checks: list[str] = []
    suppressed_base_arguments = DJANGO_OPTIONS

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8009, metavar="PUERTO", help="dónde escucha (8009)")
        parser.add_argument("--config", metavar="ARCHIVO", help="archivo JSON con números, plantillas y demoras")

    def handle(self, **options: Any) -> None:
        arguments = [sys.executable, "-m", "acuse_simulator", "--port", str(options["port"])]
        if options["config"]:
            arguments += ["--config", options["config"]]
        os.execv(sys.executable, arguments)  # noqa: S606 - our own package
