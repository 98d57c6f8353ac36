"""What our commands share: prepared database, JSON or text, and exit codes that mean something."""

from __future__ import annotations

import json
import sys
from enum import IntEnum
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

from acuse.companies.installation import WrongInstallation
from acuse.workers.preparing import prepare


class Exit(IntEnum):
    #: Done.
    DONE = 0
    #: Refused or failed, with the reason.
    REFUSED = 1
    #: Bad usage.
    USAGE = 2
    #: Still open: nobody knows yet.
    OPEN = 3


#: Django's own options, which still work: the help is for who uses the command.
DJANGO_OPTIONS = {
    "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color",
}  # fmt: skip


class AcuseCommand(BaseCommand):
    requires_system_checks: list[str] = []
    suppressed_base_arguments = DJANGO_OPTIONS

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.add_argument("--json", action="store_true", dest="as_json", help="JSON para programas")
        return parser

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            prepare()
        except WrongInstallation as error:
            raise CommandError(str(error)) from error
        return super().execute(*args, **options)

    def say(self, text: str) -> None:
        self.stdout.write(text)

    def print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False))

    def refuse(self, field: str, text: str, *, as_json: bool) -> NoReturn:
        """End with the reason: JSON on the standard output for programs, words on the standard error for people."""
        if as_json:
            self.print_json({"error": {"field": field, "text": text}})
        else:
            self.stderr.write(text)
        sys.exit(Exit.REFUSED)
