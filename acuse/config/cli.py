"""The `acuse` command: Django's commands and ours, on the configured or the embedded database."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType

import structlog

from acuse.config import database, logs, usage
from acuse.config.environment import load
from acuse.config.errors import ConfigurationError

log = structlog.get_logger(__name__)

#: These touch no database.
WITHOUT_DATABASE = frozenset({"help", "--help", "-h", "version", "--version", "simulator", "collectstatic", "demo"})

LONG_RUNNING = frozenset({"web", "worker"})
#: Seconds between looks at the embedded server.
DATABASE_EVERY = 2.0


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuse.config.settings")
    signal.signal(signal.SIGTERM, _terminate)
    logs.configure()
    usage.speak_spanish()
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        if command not in WITHOUT_DATABASE:
            database.ensure()
            if command in LONG_RUNNING:
                threading.Thread(target=_keep_database, daemon=True).start()
        # not before: it reads the settings
        from acuse.config.commands import Commands

        Commands(["acuse", *sys.argv[1:]]).execute()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


def _keep_database() -> None:
    """Start the embedded server again if it dies while we run; a configured one is its owner's to mend."""
    if load().database_url is not None:
        return
    while True:
        time.sleep(DATABASE_EVERY)
        try:
            database.ensure()
        except (ConfigurationError, OSError):
            log.exception("embedded_database_down")


def _terminate(signum: int, frame: FrameType | None) -> None:
    """End in order, so that the embedded database is let go."""
    sys.exit(128 + signum)


if __name__ == "__main__":
    main()
