"""`acuse serve`: web and worker, on one machine. One that dies is started again; SIGTERM ends both."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from types import FrameType
from typing import Any

from acuse.workers.command import AcuseCommand

PARTS = ("web", "worker")
RESTART_AFTER = 1.0
LANDING = 70.0


class Command(AcuseCommand):
    help = "Todo en un solo comando: páginas, API, webhooks y envíos"

    def handle(self, **options: Any) -> None:
        run_parts([[sys.executable, "-m", "acuse.config.cli", part] for part in PARTS])


def run_parts(commands: list[list[str]]) -> None:
    """Run them until SIGTERM or SIGINT; start again what dies."""
    stop = _Stop()
    parts = [subprocess.Popen(command) for command in commands]  # noqa: S603 - our own commands
    while not stop.asked:
        for index, part in enumerate(parts):
            if part.poll() is not None and not stop.asked:
                time.sleep(RESTART_AFTER)
                parts[index] = subprocess.Popen(commands[index])  # noqa: S603
        time.sleep(0.2)
    end_parts(parts)


def end_parts(parts: list[subprocess.Popen[bytes]]) -> None:
    for part in parts:
        if part.poll() is None:
            part.terminate()
    until = time.monotonic() + LANDING
    for part in parts:
        try:
            part.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            part.kill()
            part.wait()


class _Stop:
    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, signum: int, frame: FrameType | None) -> None:
        self.asked = True
