"""Estado de WhatsApp: what is wrong and what to do, every check, the last thirty days, the numbers and templates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import notices, selectors
from acuse.channels.contract import Grade
from acuse.channels.models import AccountNotice, WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.probing import Probe
from acuse.channels.refusals import AccountRefused
from acuse.channels.templates import APPROVED, MARKETING
from acuse.companies.models import Company
from acuse.companies.pages import Action, Page
from acuse.deliveries import syncing
from acuse.hooks.checks import account as account_checks
from acuse.hooks.checks import history, running
from acuse.hooks.checks.templates import in_use
from acuse.hooks.checks.values import Check, Place
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.whatsapp.status_words import CATEGORIES, NUMBER_STATUSES, QUALITIES, TEMPLATE_STATUSES, WORDS, Said

#: How far back notices that are over are shown.
ENDED_SINCE = timedelta(days=30)
_PLACES = {
    Place.ASSISTANT: ("web:whatsapp", "Ir al asistente"),
    Place.PARAMETERS: ("web:parameters", "Ir a Parámetros"),
    Place.POLICIES: ("web:policies", "Ir a Configuraciones"),
    Place.DELIVERIES: ("web:deliveries", "Ver los envíos"),
}
_GRAVER = {Grade.ERROR: 0, Grade.WARNING: 1, Grade.OK: 2}


@dataclass(frozen=True, slots=True)
class Seen:
    """A check, and where its mend is."""

    check: Check
    url: str = ""
    link: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.check.grade]


@dataclass(frozen=True, slots=True)
class Days:
    """A strip of the history, with its sentence."""

    about: str
    cells: tuple[tuple[date, str, str], ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class NumberLine:
    number: WhatsAppNumber
    status: Said
    quality: Said
    #: Offer how a test number writes the mobiles.
    offers_sandbox: bool


@dataclass(frozen=True, slots=True)
class TemplateLine:
    template: WhatsAppTemplate
    status: Said
    category: str
    quality: Said
    used_in: str
    may_unpause: bool
    may_accept: bool


@require_safe
@acting
def status(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    return render(request, "web/whatsapp/status.html", context_of(request))


@require_POST
@acting
def sync(request: ActorRequest) -> HttpResponse:
    """Read the account at Meta now. The answer is the page's body, or the page again."""
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    result = _sync(request.actor.company, request.actor.label)
    if request.htmx:
        return render(request, "web/whatsapp/_status.html", context_of(request) | {"result": result})
    level = messages.success if result.grade is Grade.OK else messages.error
    level(request, f"{result.text} {result.next_step}".strip())
    return redirect("web:whatsapp_status")


def _sync(company: Company, actor: str) -> Probe:
    try:
        syncing.sync(company, now=clock.now(), actor=actor)
    except AccountRefused as refused:
        return Probe(Grade.ERROR, f"No se pudo leer la cuenta. {refused}", refused.next_step)
    numbers = WhatsAppNumber.objects.filter(account__company=company).count()
    templates = WhatsAppTemplate.objects.filter(account__company=company, gone_at=None).count()
    count = f"{numbers} {'número' if numbers == 1 else 'números'}"
    text = f"Cuenta leída: {count} y {templates} {'plantilla' if templates == 1 else 'plantillas'}."
    raised = len(notices.open_notices(company))
    step = "" if not raised else "Hay 1 aviso abierto." if raised == 1 else f"Hay {raised} avisos abiertos."
    return Probe(Grade.OK, text, step)


def context_of(request: ActorRequest) -> dict[str, Any]:
    company, now = request.actor.company, clock.now()
    account = selectors.whatsapp_account(company)
    found = running.seen_by(company, now=now)
    wrong = sorted((c for c in found if c.grade is not Grade.OK), key=lambda check: _GRAVER[check.grade])
    own = [check for check in found if check.company is not None]
    recent = notices.recent_notices(company, since=now - ENDED_SINCE)
    return {
        "may_configure": request.actor.may(Page.PARAMETERS, Action.CONFIGURE),
        "account": account,
        "can_sync": account is not None and bool(account.access_token) and bool(account.waba_id),
        "open": [(notice, notices.ends_by_hand(notice)) for notice in notices.open_notices(company)],
        "ended": [notice for notice in recent if notice.cleared_at is not None],
        "wrong": [_seen(check) for check in wrong],
        "good": [check for check in found if check.grade is Grade.OK],
        "summary": _summary(found),
        "strips": [_days(strip) for strip in history.strips(company, now=now, today_has=own)],
        "numbers": [_number(company, number, now) for number in account_checks.numbers_of(company)],
        "sandboxes": WhatsAppNumber.Sandbox.choices,
        "templates": _templates(company, account),
    }


def _seen(check: Check) -> Seen:
    name, link = _PLACES.get(check.place, ("", ""))
    return Seen(check, reverse(name) if name else "", link)


def _summary(found: list[Check]) -> Said:
    errors = sum(check.grade is Grade.ERROR for check in found)
    warnings = sum(check.grade is Grade.WARNING for check in found)
    good = len(found) - errors - warnings
    if errors:
        more = f", {warnings} para mirar" if warnings else ""
        return Said(f"{errors} {'falla' if errors == 1 else 'fallas'}{more} y {good} bien.", "error")
    if warnings:
        return Said(f"Se puede enviar. {warnings} para mirar y {good} bien.", "warning")
    return Said(f"Todo bien: {good} controles.", "ok")


def _days(strip: history.Strip) -> Days:
    cells = tuple((day, grade.value if grade is not None else "none", text) for day, grade, text in strip.days)
    counts = {grade: sum(one is grade for _, one, _ in strip.days) for grade in Grade}
    parts = [
        f"{count} {'día' if count == 1 else 'días'} {word}"
        for count, word in (
            (counts[Grade.OK], "bien"), (counts[Grade.WARNING], "para mirar"), (counts[Grade.ERROR], "con una falla"),
        )
        if count
    ]  # fmt: skip
    return Days(strip.about, cells, ", ".join(parts))


def _number(company: Company, number: WhatsAppNumber, now: datetime) -> NumberLine:
    sandbox = (
        number.mode == "SANDBOX"
        or number.sandbox != WhatsAppNumber.Sandbox.OFF
        or account_checks.refused_by_test_number(company, number, now)
    )
    status = NUMBER_STATUSES.get(number.status, Said(number.status or "Sin leer", "error" if number.status else "none"))
    return NumberLine(number, status, QUALITIES.get(number.quality, Said("—", "none")), sandbox)


def _templates(company: Company, account: WhatsAppAccount | None) -> list[TemplateLine]:
    if account is None:
        return []
    used = in_use(company)
    rows = WhatsAppTemplate.objects.filter(account=account, gone_at=None).order_by("name", "language")
    # those in use first
    return sorted((_template(row, used.get((row.name, row.language), [])) for row in rows), key=lambda t: not t.used_in)


def _template(row: WhatsAppTemplate, kinds: list[str]) -> TemplateLine:
    names = [VoucherKind(kind).plural for kind in kinds]
    return TemplateLine(
        template=row,
        status=TEMPLATE_STATUSES.get(row.status, Said(row.status or "Sin leer", "warning")),
        category=CATEGORIES.get(row.category, row.category or "—"),
        quality=QUALITIES.get(row.quality, Said("—", "none")),
        used_in="Todos los comprobantes" if len(names) == len(VoucherKind) else ", ".join(names),
        may_unpause=row.status == "PAUSED" and bool(row.meta_id),
        may_accept=row.category == MARKETING and row.category_accepted_at is None and row.status == APPROVED,
    )


def alerts_of(company: Company) -> list[AccountNotice]:
    """What doesn't work until somebody mends it: for the first page."""
    return [notice for notice in notices.open_notices(company) if notice.grade == Grade.ERROR]
