"""Django's commands and ours, by name; one that there isn't is told in Spanish."""

from __future__ import annotations

import sys
from difflib import get_close_matches

from django.core.management import BaseCommand, ManagementUtility, get_commands

#: As argparse ends on bad usage.
_USAGE = 2


class Commands(ManagementUtility):
    def fetch_command(self, subcommand: str) -> BaseCommand:
        known = get_commands()
        if subcommand not in known:
            near = get_close_matches(subcommand, known, n=1)
            hint = f"¿Quisiste decir «{near[0]}»?" if near else f"Para ver los que hay: {self.prog_name} help."
            sys.stderr.write(f"No hay un comando «{subcommand}». {hint}\n")
            sys.exit(_USAGE)
        return super().fetch_command(subcommand)
