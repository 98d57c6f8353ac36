"""The account, its numbers and its people of the day, as Meta last told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from acuse.channels import selectors
from acuse.channels.contract import Grade
from acuse.channels.models import WhatsAppAccount, WhatsAppNumber
from acuse.channels.portfolio import TIERS, people_of
from acuse.channels.templates import APPROVED
from acuse.companies.models import Company
from acuse.deliveries.models import Delivery
from acuse.deliveries.policy import PEOPLE_LIMIT
from acuse.deliveries.states import State
from acuse.hooks.checks.values import Check, Place
from acuse.kernel.numerals import thousands

ACCOUNT, HEALTH, VERIFICATION, PEOPLE, TEST_NUMBER = (
    "Cuenta", "Lo que Meta deja enviar", "Negocio verificado", "Personas por día", "Número de prueba",
)  # fmt: skip
DAY = timedelta(days=1)
#: What Meta answers for a test number that writes to a mobile that isn't in its list.
NOT_IN_LIST = "whatsapp.131030"
RECENT = timedelta(days=7)
_ALMOST = 0.8
_QUALITIES = {"GREEN": "alta", "YELLOW": "media", "RED": "baja"}
_MANAGER = "Miralo en WhatsApp Manager."
_SUPPORT = "Pedí una revisión en Meta: Ayuda para empresas → Inicio de ayuda."


def of_account(company: Company, now: datetime) -> Iterator[Check]:
    account = selectors.whatsapp_account(company)
    if account is None or account.synced_at is None:
        return
    yield from _account(account, now)
    yield from _health(account)
    yield from _verification(account)
    yield from _people(account, now)
    numbers = numbers_of(company)
    for number in numbers:
        yield from _number(number)
    yield from _test_number(company, numbers, now)


def numbers_of(company: Company) -> Sequence[WhatsAppNumber]:
    """Those that are ours, the default one first."""
    rows = WhatsAppNumber.objects.filter(account__company=company).select_related("lane", "account")
    return list(rows.order_by("-lane__is_default", "id"))


def name_of(number: WhatsAppNumber) -> str:
    return number.display or number.phone_number_id


def number_about(name: str) -> str:
    return f"Número {name}"


def quality_about(name: str) -> str:
    return f"Calidad de {name}"


def name_about(name: str) -> str:
    return f"Nombre de {name}"


def people_today(account: WhatsAppAccount, now: datetime) -> int:
    """How many people the account wrote to first in the last 24 hours: what its limit counts."""
    sent = Delivery.objects.filter(account_key=str(account.pk), sent_at__gt=now - DAY)
    return sent.order_by().values("to").distinct().count()


def _account(account: WhatsAppAccount, now: datetime) -> Iterator[Check]:
    stopped = [row for row in account.restrictions if _holds(row, now)]
    if account.status in ("DISABLED", "DELETED"):
        word = "inhabilitó" if account.status == "DISABLED" else "borró"
        grade, text, mend = Grade.ERROR, f"Meta {word} la cuenta de WhatsApp.", _SUPPORT
    elif stopped:
        names = ", ".join(str(row.get("type", "")) for row in stopped)
        grade, text, mend = Grade.ERROR, f"Meta restringió la cuenta ({names}).", _SUPPORT
    elif account.review not in ("", APPROVED):
        grade = Grade.WARNING if account.review == "PENDING" else Grade.ERROR
        text = "Meta todavía revisa la cuenta." if account.review == "PENDING" else "Meta no aprobó la cuenta."
        mend = _MANAGER if account.review == "PENDING" else _SUPPORT
    else:
        name = f" «{account.name}»" if account.name else ""
        grade, text, mend = Grade.OK, f"Meta aprobó la cuenta{name} y no la restringe.", ""
    yield Check("acuse.whatsapp.account", grade, text, mend, about=ACCOUNT)


def _holds(row: Any, now: datetime) -> bool:
    until = row.get("until") if isinstance(row, dict) else None
    return isinstance(row, dict) and (not isinstance(until, int) or datetime.fromtimestamp(until, UTC) > now)


def _health(account: WhatsAppAccount) -> Iterator[Check]:
    can_send = str(account.health.get("can_send", ""))
    if not can_send:
        return
    problems = account.health.get("problems", [])
    said = " ".join(str(text) for problem in problems for text in problem.get("texts", []))
    mend = " ".join(str(text) for problem in problems for text in problem.get("solutions", [])) or _MANAGER
    if can_send == "AVAILABLE":
        yield Check("acuse.whatsapp.health", Grade.OK, "Meta deja enviar.", about=HEALTH)
    elif can_send == "BLOCKED":
        yield Check("acuse.whatsapp.health", Grade.ERROR, f"Meta no deja enviar: {said}", mend, about=HEALTH)
    else:
        yield Check("acuse.whatsapp.health", Grade.WARNING, f"Meta deja enviar con límites: {said}", mend, about=HEALTH)


def _verification(account: WhatsAppAccount) -> Iterator[Check]:
    if account.verification.lower() == "verified":
        text = "Meta verificó el negocio."
        yield Check("acuse.whatsapp.verification", Grade.OK, text, about=VERIFICATION)
    elif account.verification and (people_of(account.limit) or 0) > TIERS["TIER_250"]:
        text = "Meta no verificó el negocio, y deja escribirle a más de 250 personas por día."
        yield Check("acuse.whatsapp.verification", Grade.OK, text, about=VERIFICATION)
    elif account.verification:
        text = "Meta todavía no verificó el negocio: se puede enviar, a 250 personas por día."
        mend = "Si necesitás más, verificalo en Meta: Configuración del negocio → Centro de seguridad."
        yield Check("acuse.whatsapp.verification", Grade.WARNING, text, mend, about=VERIFICATION)


def _people(account: WhatsAppAccount, now: datetime) -> Iterator[Check]:
    most, used = people_of(account.limit), people_today(account, now)
    if most is None:
        limit = "no hay límite" if account.limit else "Meta no dice el límite"
        yield Check(
            "acuse.whatsapp.people", Grade.OK, f"{_people_word(used)} en las últimas 24 horas; {limit}.", about=PEOPLE
        )
        return
    text = f"{_people_word(used)} de {thousands(most)} en las últimas 24 horas."
    low = most <= TIERS["TIER_250"]
    more = "Con el negocio verificado en Meta son 2.000." if low else "Meta lo sube solo con el uso y la calidad."
    waiting = Delivery.objects.filter(
        company=account.company_id, state=State.QUEUED, cause_code=PEOPLE_LIMIT, account_key=str(account.pk)
    ).count()
    if waiting:
        text += f" {'Espera 1 envío' if waiting == 1 else f'Esperan {thousands(waiting)} envíos'}."
    if used >= most or waiting:
        mend = f"Los demás salen solos a medida que se libera lugar. {more}"
        yield Check("acuse.whatsapp.people", Grade.WARNING, text, mend, about=PEOPLE, place=Place.DELIVERIES)
    elif used >= most * _ALMOST:
        mend = f"Al llegar, los demás esperan a que se libere lugar. {more}"
        yield Check("acuse.whatsapp.people", Grade.WARNING, text, mend, about=PEOPLE)
    else:
        yield Check("acuse.whatsapp.people", Grade.OK, text, about=PEOPLE)


def _people_word(count: int) -> str:
    return "1 persona" if count == 1 else f"{thousands(count)} personas"


def _number(number: WhatsAppNumber) -> Iterator[Check]:
    name = name_of(number)
    if number.status in ("", "CONNECTED", "FLAGGED"):
        pace = f"conectado, hasta {thousands(number.lane.throughput)} mensajes por segundo"
        also = ", también en la app del teléfono" if number.on_biz_app else ""
        yield Check("acuse.whatsapp.number", Grade.OK, f"{name}: {pace}{also}.", about=number_about(name))
    else:
        yield Check(
            "acuse.whatsapp.number", Grade.ERROR, f"{name} no está conectado: Meta dice {number.status}.",
            "Registralo en el asistente, paso 3.", about=number_about(name), place=Place.ASSISTANT,
        )  # fmt: skip
    if number.quality in _QUALITIES:
        about, word = quality_about(name), _QUALITIES[number.quality]
        mend = "" if number.quality == "GREEN" else "Revisá a quiénes les mandás: si baja, Meta limita el número."
        grade = Grade.WARNING if mend else Grade.OK
        yield Check("acuse.whatsapp.quality", grade, f"La calidad de {name} es {word}.", mend, about=about)
    if number.name_status and number.name_status != "NONE":
        yield _name(number, name)


def _name(number: WhatsAppNumber, name: str) -> Check:
    about, shown = name_about(name), f"«{number.verified_name}»"
    if number.name_status in (APPROVED, "AVAILABLE_WITHOUT_REVIEW"):
        return Check("acuse.whatsapp.name", Grade.OK, f"La gente ve {shown}.", about=about)
    if number.name_status in ("PENDING_REVIEW", "PENDING", "DEFERRED"):
        text, mend = f"Meta todavía revisa el nombre {shown}.", "Suele tardar un día o dos."
        return Check("acuse.whatsapp.name", Grade.WARNING, text, mend, about=about)
    text = f"Meta no aprobó el nombre {shown}: dice {number.name_status}."
    return Check("acuse.whatsapp.name", Grade.WARNING, text, "Cambialo en WhatsApp Manager → Números.", about=about)


def refused_by_test_number(company: Company, number: WhatsAppNumber, now: datetime) -> bool:
    """Meta lately answered that the recipient isn't in the list of this number."""
    refused = Delivery.objects.filter(company=company, cause_code=NOT_IN_LIST, created_at__gt=now - RECENT)
    return refused.filter(lane=number.lane).exists()


def _test_number(company: Company, numbers: Sequence[WhatsAppNumber], now: datetime) -> Iterator[Check]:
    for number in numbers:
        name = name_of(number)
        if refused_by_test_number(company, number, now):
            yield Check(
                "acuse.whatsapp.sandbox", Grade.WARNING,
                f"{name} es de prueba: Meta rechazó envíos a celulares que no están en su lista.",
                "Agregalos en Meta. Si ya están, probá otra forma de escribir los celulares, acá abajo.",
                about=TEST_NUMBER, place=Place.STATUS,
            )  # fmt: skip
        elif number.sandbox != WhatsAppNumber.Sandbox.OFF and number.mode == "LIVE":
            yield Check(
                "acuse.whatsapp.sandbox", Grade.WARNING,
                f"{name} no es de prueba y escribe los celulares de otra forma ({number.get_sandbox_display()}).",
                "Volvé a «Como es».", about=TEST_NUMBER, place=Place.STATUS,
            )  # fmt: skip
