"""Internal to `acuse demo`: fills the demo's empty database; prints what the demo must know, as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from acuse.companies.models import Company
from acuse.workers.command import AcuseCommand
from acuse.workers.demo import sample


class Command(AcuseCommand):
    help = "Datos de muestra; lo usa «acuse demo»"

    def handle(self, **options: Any) -> None:
        if Company.objects.exists():
            raise CommandError("Ya hay empresas cargadas: los datos de muestra son solo para la demo.")
        self.print_json(asdict(sample.make()))
