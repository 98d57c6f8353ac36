"""Estado de WhatsApp: what is wrong and what to do, every check, the last thirty days, the numbers and templates."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import notices, selectors
from acuse.channels.contract import Grade
from acuse.channels.models import WhatsAppNumber, WhatsAppTemplate
from acuse.channels.probing import Probe
from acuse.channels.refusals import AccountRefused
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import syncing
from acuse.hooks.checks import history, running
from acuse.kernel import clock
from acuse.web.access import ActorRequest, acting
from acuse.web.charts.words import number as counted
from acuse.web.whatsapp import status_days, status_rows, status_troubles
from acuse.web.whatsapp.status_words import Said

#: How far back notices that are over are shown.
ENDED_SINCE = timedelta(days=30)


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
        return render(request, "web/whatsapp/status/_status.html", context_of(request) | {"result": result})
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
    actor, now = request.actor, clock.now()
    company = actor.company
    account = selectors.whatsapp_account(company)
    found = running.seen_by(company, now=now)
    wrong = status_troubles.troubles(actor, found, notices.open_notices(company))
    good = [check for check in found if check.grade is Grade.OK]
    own = [check for check in found if check.company is not None]
    recent = notices.recent_notices(company, since=now - ENDED_SINCE)
    templates = status_rows.templates(company, account)
    strips = [] if account is None else history.strips(company, now=now, today_has=own)
    return {
        "may_configure": actor.may(Page.PARAMETERS, Action.CONFIGURE),
        "account": account,
        "can_sync": account is not None and bool(account.access_token) and bool(account.waba_id),
        "troubles": wrong,
        "good": good,
        "summary": _summary([trouble.grade for trouble in wrong], len(good)),
        "ended": [notice for notice in recent if notice.cleared_at is not None],
        "history": status_days.shown(strips),
        "numbers": status_rows.numbers(company, now),
        "sandboxes": WhatsAppNumber.Sandbox.choices,
        "templates": templates[: status_rows.MOST_SHOWN],
        "more_templates": len(templates) - status_rows.MOST_SHOWN,
        "assistant": status_troubles.ASSISTANT,
    }


def _summary(wrong: Sequence[Grade], good: int) -> Said:
    errors, warnings = wrong.count(Grade.ERROR), wrong.count(Grade.WARNING)
    if errors:
        more = f", {counted(warnings)} para mirar" if warnings else ""
        return Said(f"{counted(errors)} {'falla' if errors == 1 else 'fallas'}{more} y {counted(good)} bien.", "error")
    if warnings:
        return Said(f"Se puede enviar. {counted(warnings)} para mirar y {counted(good)} bien.", "warning")
    return Said(f"Todo bien: {counted(good)} controles.", "ok")
