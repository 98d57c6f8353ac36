"""Step 7: payment, verification and health, in Meta's own words, with where to go."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import selectors
from acuse.channels.models import WhatsAppNumber
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import syncing
from acuse.kernel import clock
from acuse.web.access import ActorRequest, acting
from acuse.web.whatsapp.frame import Trouble, require_configure, step_page, trouble_of
from acuse.web.whatsapp.steps.health_words import facts_of


@require_safe
@acting
def page(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    return _show(request)


@require_POST
@acting
def read(request: ActorRequest) -> HttpResponse:
    """The whole account again, as the daily reading has it."""
    company = require_configure(request)
    try:
        syncing.sync(company, now=clock.now(), actor=request.actor.label)
    except AccountRefused as refused:
        return _show(request, trouble=trouble_of(refused, form_id="health-read"))
    messages.success(request, "Leído de Meta.")
    return redirect("web:whatsapp_health")


def _show(request: ActorRequest, *, trouble: Trouble | None = None) -> HttpResponse:
    actor = request.actor
    account = selectors.whatsapp_account(actor.company)
    ready = account is not None and bool(account.access_token) and bool(account.waba_id)
    facts = []
    if account is not None and account.synced_at is not None:
        numbers = WhatsAppNumber.objects.filter(account=account).order_by("-lane__is_default", "id")
        facts = list(facts_of(account, list(numbers)))
    context = {
        "account": account,
        "ready": ready,
        "facts": facts,
        "blocked": any(fact.said.grade == "error" for fact in facts),
        # nobody looked yet: who may, looks by opening the page
        "look_now": ready and not facts and trouble is None,
        "sees_rates": actor.may(Page.RATES, Action.VIEW),
        "trouble": trouble,
    }
    return step_page(request, Step.HEALTH, "web/whatsapp/step_health.html", context)
