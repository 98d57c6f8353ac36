"""`acuse whatsapp …`: the assistant without a browser. JSON on the standard output; secrets come in variables."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.management.base import CommandParser

from acuse.channels.accounts import AccountError
from acuse.channels.refusals import AccountRefused
from acuse.companies.models import Company
from acuse.directory.services import DirectoryError
from acuse.intake.services import IntakeError
from acuse.workers.command import AcuseCommand, Exit
from acuse.workers.whatsapp import connecting, numbers, templates

STEPS = (*connecting.STEPS, *numbers.STEPS, *templates.STEPS)


class Command(AcuseCommand):
    help = "Conecta y mira la cuenta de WhatsApp, paso por paso. Responde JSON"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", default="", metavar="CUIT", help="si hay más de una empresa")
        steps = parser.add_subparsers(dest="step", required=True, metavar="PASO")
        for step in STEPS:
            step.add(steps.add_parser(step.name, help=step.says, description=step.says))

    def handle(self, **given: Any) -> None:
        step = next(step for step in STEPS if step.name == given["step"])
        try:
            answer = step.do(_company(given["company"]), given)
        except AccountRefused as error:
            self._refuse(error)
        except (AccountError, DirectoryError, IntakeError) as error:
            self.refuse(error.field, str(error), as_json=True)
        self.print_json(answer)
        if code := step.code(answer, given):
            raise SystemExit(int(code))

    def _refuse(self, error: AccountRefused) -> NoReturn:
        told = {"field": error.field, "text": str(error), "next_step": error.next_step, "passing": error.passing}
        self.print_json({"error": {**told, "said": error.said}})
        raise SystemExit(int(Exit.REFUSED))


def _company(cuit: str) -> Company:
    digits = "".join(c for c in cuit if c.isdigit())
    found = list(Company.objects.filter(cuit=digits) if digits else Company.objects.all()[:2])
    if len(found) == 1:
        return found[0]
    text = "No hay una empresa con ese CUIT." if digits else "Decí de qué empresa: --company CUIT."
    raise AccountRefused("company", text, "Con «acuse setup» se crea una.")
