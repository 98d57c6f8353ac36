"""`acuse worker`: runs the lanes, applies receipts, sweeps."""

from __future__ import annotations

from typing import Any

import uvloop

from acuse.workers.command import AcuseCommand
from acuse.workers.worker import work


class Command(AcuseCommand):
    help = "Proceso que envía y que registra los acuses"

    def handle(self, **options: Any) -> None:
        uvloop.run(work())
