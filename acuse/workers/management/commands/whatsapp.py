"""`acuse whatsapp …`: the assistant without a browser. JSON on the standard output; secrets come in variables."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import CommandParser

from acuse.channels import selectors as channels
from acuse.channels.accounts import AccountError, WhatsAppParameters
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp import template_draft
from acuse.channels.whatsapp.onboarding import credentials, numbers, profile, progress, templates, webhook
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from acuse.channels.whatsapp.template_draft import Draft
from acuse.companies.models import Company
from acuse.deliveries import senders, syncing
from acuse.deliveries.models import Delivery
from acuse.deliveries.presenting import delivery_json
from acuse.deliveries.states import Origin, State
from acuse.directory.services import DirectoryError
from acuse.hooks.selectors import last_heard
from acuse.intake.services import Bringer, IntakeError
from acuse.intake.trial import SOURCE, request_trial, sample_pdf, was_delivered
from acuse.kernel import clock
from acuse.workers.command import AcuseCommand
from acuse.workers.management.commands.send import exit_of, settle

ACTOR = "command:whatsapp"
Answer = dict[str, Any]
Do = Callable[[Company, dict[str, Any]], Answer]


class Command(AcuseCommand):
    help = "Conecta y mira la cuenta de WhatsApp, paso por paso. Responde JSON"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--company", default="", metavar="CUIT", help="si hay más de una empresa")
        steps = parser.add_subparsers(dest="step", required=True, metavar="PASO")
        for name, help_, add, _ in STEPS:
            add(steps.add_parser(name, help=help_))

    def handle(self, **given: Any) -> None:
        do = next(do for name, _, _, do in STEPS if name == given["step"])
        try:
            answer = do(_company(given["company"]), given)
        except AccountRefused as error:
            self._refuse(error)
        except (AccountError, DirectoryError) as error:
            self.refuse(error.field, str(error), as_json=True)
        except IntakeError as error:
            self.refuse(error.field, str(error), as_json=True)
        self.print_json(answer)
        if given["step"] == "trial" and given["wait"]:
            delivery = Delivery.objects.get(pk=answer["delivery"]["id"])
            raise SystemExit(exit_of(State(delivery.state)))

    def _refuse(self, error: AccountRefused) -> NoReturn:
        told = {"field": error.field, "text": str(error), "next_step": error.next_step, "passing": error.passing}
        self.print_json({"error": {**told, "said": error.said}})
        raise SystemExit(1)


def _company(cuit: str) -> Company:
    digits = "".join(c for c in cuit if c.isdigit())
    found = list(Company.objects.filter(cuit=digits) if digits else Company.objects.all()[:2])
    if len(found) == 1:
        return found[0]
    text = "No hay una empresa con ese CUIT." if digits else "Decí de qué empresa: --company CUIT."
    raise OnboardingError("company", text, "Con «acuse setup» se crea una.")


def _status(company: Company, given: dict[str, Any]) -> Answer:
    places = progress.places(company, heard=last_heard(company) is not None, tried=was_delivered(company))
    return {
        "steps": [{"step": p.step.value, "done": p.done, "text": p.text} for p in places],
        "done": all(p.done for p in places if p.step not in progress.OPTIONAL),
    }


def _credentials(company: Company, given: dict[str, Any]) -> Answer:
    secret, token = _secret(given["app_secret_env"], "app_secret_env"), _secret(given["token_env"], "token_env")
    report = credentials.report(app_id=given["app_id"], app_secret=secret, token=token)
    saved = WhatsAppParameters(
        app_id=given["app_id"] if report.app_ok else None,
        app_secret=secret if report.app_ok else None,
        access_token=token if report.token_ok else None,
    )
    if report.app_ok:
        senders.change_whatsapp(company, saved, actor=ACTOR)
    if report.token is not None and report.token_ok:
        credentials.remember(company, report.token)
    return {"good": report.good, "checks": [asdict(check) for check in report.checks]}


def _accounts(company: Company, given: dict[str, Any]) -> Answer:
    return {"accounts": [asdict(account) for account in numbers.accounts_to_choose(company)]}


def _account(company: Company, given: dict[str, Any]) -> Answer:
    facts = numbers.look_at_account(company, given["waba_id"])
    senders.change_whatsapp(company, WhatsAppParameters(waba_id=given["waba_id"]), actor=ACTOR)
    return {"account": asdict(facts)}


def _numbers(company: Company, given: dict[str, Any]) -> Answer:
    return {
        "numbers": [
            {**asdict(choice.facts), "ours": choice.ours, "default": choice.default}
            for choice in numbers.numbers_to_choose(company)
        ]
    }


def _number(company: Company, given: dict[str, Any]) -> Answer:
    lane = numbers.choose_number(company, phone_number_id=given["id"], default=given["default"], actor=ACTOR)
    return {"lane": lane.pk, "name": lane.name, "default": lane.is_default}


def _add_number(company: Company, given: dict[str, Any]) -> Answer:
    return {"id": numbers.add_number(company, typed=given["phone"], verified_name=given["name"], actor=ACTOR)}


def _code(company: Company, given: dict[str, Any]) -> Answer:
    numbers.request_code(company, phone_number_id=given["id"], method=given["method"], actor=ACTOR)
    return {"requested": given["method"]}


def _verify(company: Company, given: dict[str, Any]) -> Answer:
    numbers.verify_code(company, phone_number_id=given["id"], code=given["code"], actor=ACTOR)
    return {"verified": True}


def _register(company: Company, given: dict[str, Any]) -> Answer:
    pin = _secret(given["pin_env"], "pin_env") if given["pin_env"] else None
    return {"pin": numbers.register(company, phone_number_id=given["id"], pin=pin, actor=ACTOR)}


def _profile(company: Company, given: dict[str, Any]) -> Answer:
    wanted = {name: given[name] for name in (*profile.LIMITS, "websites", "vertical") if given[name] is not None}
    if wanted:
        now = profile.read(company, phone_number_id=given["id"])
        kept = {**{k: v for k, v in asdict(now).items() if isinstance(v, str)}, "websites": " ".join(now.websites)}
        profile.save(company, phone_number_id=given["id"], given=profile.of_mapping({**kept, **wanted}), actor=ACTOR)
    return {"profile": asdict(profile.read(company, phone_number_id=given["id"]))}


def _webhook(company: Company, given: dict[str, Any]) -> Answer:
    report = webhook.connect(company, actor=ACTOR) if given["connect"] else webhook.report(company)
    heard = last_heard(company)
    return {"webhook": asdict(report), "last_heard": heard.isoformat() if heard else None}


def _templates(company: Company, given: dict[str, Any]) -> Answer:
    syncing.sync_templates(company, now=clock.now())
    rows = templates.of_account(company)
    return {
        "templates": [
            {
                "name": row.name,
                "language": row.language,
                "status": row.status,
                "category": row.category,
                "rejected_reason": row.rejected_reason,
            }
            for row in rows
        ]
    }


def _template(company: Company, given: dict[str, Any]) -> Answer:
    body = given["body_file"].read_text(encoding="utf-8") if given["body_file"] else template_draft.BETTER_BODY
    draft = Draft(
        body=body,
        footer=template_draft.footer_for(company.legal_name) if given["footer"] is None else given["footer"],
        name=given["name"],
        examples=tuple(given["example"] or template_draft.examples_for(body)),
    )
    warnings = [asdict(finding) for finding in template_draft.findings(draft) if finding.warning]
    row = templates.submit(company, draft=draft, sample=sample_pdf(company), actor=ACTOR)
    return {"name": row.name, "status": row.status, "category": row.category, "warnings": warnings}


def _health(company: Company, given: dict[str, Any]) -> Answer:
    account = channels.whatsapp_account(company)
    facts = numbers.look_at_account(company, account.waba_id if account is not None else "")
    return {"account": asdict(facts)}


def _trial(company: Company, given: dict[str, Any]) -> Answer:
    bringer = Bringer(label=ACTOR, origin=Origin.COMMAND, source=SOURCE)
    delivery = request_trial(company, mobile=given["phone"], bringer=bringer)
    if given["wait"]:
        delivery = settle(delivery, given["wait"])
    return {"voucher": str(delivery.voucher_id), "delivery": delivery_json(delivery)}


def _secret(variable: str, field: str) -> str:
    """The value of the variable: secrets never travel on the command line."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise OnboardingError(field, f"La variable {variable} está vacía o no existe.", "Definila y corré otra vez.")
    return value


def _nothing(parser: ArgumentParser) -> None:
    return


def _for_credentials(parser: ArgumentParser) -> None:
    parser.add_argument("--app-id", required=True, metavar="ID")
    parser.add_argument("--app-secret-env", required=True, metavar="VAR")
    parser.add_argument("--token-env", required=True, metavar="VAR")


def _for_number(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID")


def _for_chosen(parser: ArgumentParser) -> None:
    _for_number(parser)
    parser.add_argument("--default", action="store_true", help="los envíos nuevos salen por este")


def _for_added(parser: ArgumentParser) -> None:
    parser.add_argument("phone", metavar="TELÉFONO", help="como lo escribe la gente")
    parser.add_argument("--name", required=True, help="el nombre que van a ver los clientes")


def _for_code(parser: ArgumentParser) -> None:
    _for_number(parser)
    parser.add_argument("--method", choices=("SMS", "VOICE"), default="SMS")


def _for_verification(parser: ArgumentParser) -> None:
    _for_number(parser)
    parser.add_argument("code", metavar="CÓDIGO")


def _for_registration(parser: ArgumentParser) -> None:
    _for_number(parser)
    parser.add_argument("--pin-env", metavar="VAR", help="el PIN que el número ya tenía; sin esto se genera uno")


def _for_profile(parser: ArgumentParser) -> None:
    _for_number(parser)
    for name in (*profile.LIMITS, "websites"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--vertical", choices=sorted(profile.VERTICALS))


def _for_webhook(parser: ArgumentParser) -> None:
    parser.add_argument("--connect", action="store_true", help="suscribe la app y la cuenta")


def _for_template(parser: ArgumentParser) -> None:
    parser.add_argument("--name", default=template_draft.DEFAULT_NAME)
    parser.add_argument("--body-file", type=Path, metavar="ARCHIVO", help="sin esto va el texto que propone Acuse")
    parser.add_argument("--footer", help="sin esto va el nombre de la empresa")
    parser.add_argument("--example", action="append", metavar="TEXTO", help="uno por variable, en orden")


def _for_account(parser: ArgumentParser) -> None:
    parser.add_argument("waba_id", metavar="ID")


def _for_trial(parser: ArgumentParser) -> None:
    parser.add_argument("phone", metavar="CELULAR")
    parser.add_argument("--wait", type=float, default=0.0, metavar="SEGUNDOS", help="espera a que salga")


STEPS: tuple[tuple[str, str, Callable[[ArgumentParser], None], Do], ...] = (
    ("status", "qué pasos están hechos", _nothing, _status),
    ("credentials", "comprueba y guarda la app y el token", _for_credentials, _credentials),
    ("accounts", "las cuentas a las que llega el token", _nothing, _accounts),
    ("account", "elige la cuenta", _for_account, _account),
    ("numbers", "los números de la cuenta", _nothing, _numbers),
    ("number", "elige un número", _for_chosen, _number),
    ("add-number", "agrega un número a la cuenta", _for_added, _add_number),
    ("code", "pide el código", _for_code, _code),
    ("verify", "verifica con el código", _for_verification, _verify),
    ("register", "registra el número con un PIN", _for_registration, _register),
    ("profile", "lee o cambia el perfil del número", _for_profile, _profile),
    ("webhook", "mira o conecta los avisos de Meta", _for_webhook, _webhook),
    ("templates", "lee las plantillas", _nothing, _templates),
    ("template", "manda una plantilla a revisar", _for_template, _template),
    ("health", "pago, verificación y salud, en palabras de Meta", _nothing, _health),
    ("trial", "manda un comprobante de prueba", _for_trial, _trial),
)
