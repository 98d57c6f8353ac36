"""`acuse doctor`: configuration, webhook and worker; says what to mend. Exit 1 when something doesn't work."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import Any

from acuse.channels.probing import Grade
from acuse.hooks.checks import running
from acuse.workers.command import AcuseCommand, Exit

_MARKS = {Grade.OK: "bien ", Grade.WARNING: "ojo  ", Grade.ERROR: "falla"}


class Command(AcuseCommand):
    help = "Revisa la configuración y dice qué arreglar"

    def handle(self, **options: Any) -> None:
        found = running.everything()
        if options["as_json"]:
            self.print_json({"checks": [asdict(check) for check in found]})
        else:
            for check in found:
                company = f"[{check.company}] " if check.company else ""
                self.say(f"{_MARKS[check.grade]}  {company}{check.text}")
                if check.mend:
                    command = f" (en el servidor: «{check.command}»)" if check.command else ""
                    self.say(f"       → {check.mend}{command}")
        if any(check.grade is Grade.ERROR for check in found):
            sys.exit(Exit.REFUSED)
