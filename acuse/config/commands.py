"""Django's commands and ours, by name; one that there isn't is told in Spanish, and so is which ones there are."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib.metadata import version

from django.core.management import BaseCommand, ManagementUtility, get_commands

#: As argparse ends on bad usage.
_USAGE = 2

#: What the help lists, by what one comes for. Of ours, the line is the command's own help.
LISTED: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Para conocerlo", ("demo", "simulator")),
    ("Para empezar", ("setup", "whatsapp", "serve")),
    ("Para enviar", ("send",)),
    ("Por partes, en varias máquinas", ("web", "worker")),
    ("Para cuidarlo", ("doctor", "migrate", "rotate_secrets", "changepassword", "axes_reset_username")),
)
#: The lines of those that aren't ours.
_SAID = {
    "changepassword": "Cambia la contraseña de una persona",
    "axes_reset_username": "Deja ingresar antes de tiempo a quien se bloqueó",
}


class Commands(ManagementUtility):
    def execute(self) -> None:
        if self.argv[1:] in (["version"], ["--version"]):
            sys.stdout.write(f"Acuse {version('acuse')}\n")
            return
        super().execute()

    def main_help_text(self, commands_only: bool = False) -> str:
        if commands_only:
            return super().main_help_text(commands_only)
        wide = max(len(name) for _, names in LISTED for name in names)
        lines = [f"uso: {self.prog_name} COMANDO [opciones]"]
        for purpose, names in LISTED:
            lines += ["", f"{purpose}:", *(f"  {name:{wide}}  {self._line(name)}" for name in names)]
        return "\n".join(
            [*lines, "", f"Las opciones de uno: {self.prog_name} help COMANDO.",
             f"Todos los que hay, también los de Django: {self.prog_name} help --commands."]
        )  # fmt: skip

    def _line(self, name: str) -> str:
        return _SAID.get(name) or self.fetch_command(name).help

    def fetch_command(self, subcommand: str) -> BaseCommand:
        known = get_commands()
        if subcommand not in known:
            near = get_close_matches(subcommand, known, n=1)
            hint = f"¿Quisiste decir «{near[0]}»?" if near else f"Para ver los que hay: {self.prog_name} help."
            sys.stderr.write(f"No hay un comando «{subcommand}». {hint}\n")
            sys.exit(_USAGE)
        return super().fetch_command(subcommand)
