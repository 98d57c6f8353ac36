"""The account's numbers: chosen, added, registered, and what is told of them."""

from __future__ import annotations

from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from acuse.channels import accounts
from acuse.channels.models import WhatsAppNumber
from acuse.channels.whatsapp.onboarding import numbers, profile
from acuse.companies.models import Company
from acuse.deliveries import senders
from acuse.workers.whatsapp.values import ACTOR, Answer, Given, Step, content_of, for_number, own_number, secret


def _numbers(company: Company, given: Given) -> Answer:
    sandbox = dict(WhatsAppNumber.objects.filter(account__company=company).values_list("phone_number_id", "sandbox"))
    return {
        "numbers": [
            {
                **asdict(choice.facts), "ours": choice.ours, "default": choice.default,
                "sandbox": sandbox.get(choice.facts.id),
            }
            for choice in numbers.numbers_to_choose(company)
        ]
    }  # fmt: skip


def _number(company: Company, given: Given) -> Answer:
    lane = numbers.choose_number(company, phone_number_id=given["id"], default=given["default"], actor=ACTOR)
    return {"lane": lane.pk, "name": lane.name, "default": lane.is_default}


def _add(company: Company, given: Given) -> Answer:
    return {"id": numbers.add_number(company, typed=given["phone"], verified_name=given["name"], actor=ACTOR)}


def _code(company: Company, given: Given) -> Answer:
    numbers.request_code(company, phone_number_id=given["id"], method=given["method"], actor=ACTOR)
    return {"requested": given["method"]}


def _verify(company: Company, given: Given) -> Answer:
    numbers.verify_code(company, phone_number_id=given["id"], code=given["code"], actor=ACTOR)
    return {"verified": True}


def _register(company: Company, given: Given) -> Answer:
    pin = secret(given["pin_env"], "pin_env") if given["pin_env"] else None
    return {"pin": numbers.register(company, phone_number_id=given["id"], pin=pin, actor=ACTOR)}


def _new_pin(company: Company, given: Given) -> Answer:
    return {"pin": numbers.set_pin(company, phone_number_id=given["id"], actor=ACTOR)}


def _profile(company: Company, given: Given) -> Answer:
    wanted = {name: given[name] for name in (*profile.LIMITS, "websites", "vertical") if given[name] is not None}
    picture = content_of(given["picture"], "picture") if given["picture"] is not None else None
    if wanted or picture is not None:
        now = profile.read(company, phone_number_id=given["id"])
        kept = {**{k: v for k, v in asdict(now).items() if isinstance(v, str)}, "websites": " ".join(now.websites)}
        values = profile.of_mapping({**kept, **wanted})
        profile.save(company, phone_number_id=given["id"], given=values, picture=picture, actor=ACTOR)
    return {"profile": asdict(profile.read(company, phone_number_id=given["id"]))}


def _sandbox(company: Company, given: Given) -> Answer:
    accounts.set_sandbox(own_number(company, given["id"]), given["form"], actor=ACTOR)
    return {"sandbox": given["form"]}


def _move_queue(company: Company, given: Given) -> Answer:
    return {"moved": senders.move_queue(company, phone_number_id=given["id"], actor=ACTOR)}


def _for_chosen(parser: ArgumentParser) -> None:
    for_number(parser)
    parser.add_argument("--default", action="store_true", help="los envíos nuevos salen por este")


def _for_added(parser: ArgumentParser) -> None:
    parser.add_argument("phone", metavar="TELÉFONO", help="como lo escribe la gente")
    parser.add_argument("--name", required=True, metavar="NOMBRE", help="el nombre que van a ver los clientes")


def _for_code(parser: ArgumentParser) -> None:
    for_number(parser)
    parser.add_argument("--method", choices=("SMS", "VOICE"), default="SMS", help="por SMS, o por una llamada")


def _for_verification(parser: ArgumentParser) -> None:
    for_number(parser)
    parser.add_argument("code", metavar="CÓDIGO")


def _for_registration(parser: ArgumentParser) -> None:
    for_number(parser)
    parser.add_argument("--pin-env", metavar="VAR", help="la variable con el PIN que tenía; sin esto se genera uno")


def _for_profile(parser: ArgumentParser) -> None:
    for_number(parser)
    for name in (*profile.LIMITS, "websites"):
        parser.add_argument(f"--{name}", metavar="TEXTO")
    parser.add_argument("--vertical", choices=sorted(profile.VERTICALS), metavar="RUBRO")
    parser.add_argument("--picture", type=Path, metavar="ARCHIVO", help="PNG, JPG o WebP; queda cuadrada")


def _for_sandbox(parser: ArgumentParser) -> None:
    for_number(parser)
    forms = WhatsAppNumber.Sandbox
    says = "; ".join(f"{form.value}: {form.label.lower()}" for form in forms)
    parser.add_argument("form", choices=forms.values, metavar="FORMA", help=says)


STEPS = (
    Step("numbers", "los números de la cuenta", _numbers),
    Step("number", "elige un número", _number, _for_chosen),
    Step("add-number", "agrega un número a la cuenta", _add, _for_added),
    Step("code", "pide el código", _code, _for_code),
    Step("verify", "verifica con el código", _verify, _for_verification),
    Step("register", "registra el número con un PIN", _register, _for_registration),
    Step("new-pin", "le pone otro PIN al número", _new_pin, for_number),
    Step("profile", "lee o cambia el perfil del número", _profile, _for_profile),
    Step("sandbox", "cómo escribe los celulares un número de prueba", _sandbox, _for_sandbox),
    Step("move-queue", "lo que espera en un número sale por el principal", _move_queue, for_number),
)
