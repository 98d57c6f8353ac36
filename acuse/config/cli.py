"""The `acuse` command: Django's commands and ours, on the configured or the embedded database."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

from acuse.config import logs
from acuse.config.errors import ConfigurationError

#: These touch no database.
WITHOUT_DATABASE = frozenset({"help", "--help", "-h", "version", "--version", "simulator", "collectstatic", "demo"})


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuse.config.settings")
    signal.signal(signal.SIGTERM, _terminate)
    logs.configure()
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    try:
        if command not in WITHOUT_DATABASE:
            from acuse.config import database

            database.ensure()
        from django.core.management import execute_from_command_line

        execute_from_command_line(["acuse", *sys.argv[1:]])
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(1)


def _terminate(signum: int, frame: FrameType | None) -> None:
    """End in order, so that the embedded database is let go."""
    sys.exit(128 + signum)


if __name__ == "__main__":
    main()
