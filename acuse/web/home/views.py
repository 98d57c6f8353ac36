"""Inicio: what waits for a person, how the deliveries go, and the first steps."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import notices
from acuse.companies.models import User
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries import waking
from acuse.deliveries.models import Delivery
from acuse.deliveries.selectors import kinds_with
from acuse.deliveries.states import State
from acuse.web import polling
from acuse.web.access import ActorRequest, acting
from acuse.web.home.checklist import Checklist, checklist
from acuse.web.home.overview import overview
from acuse.web.home.waiting import figures

#: The companies whose first steps this person put away, for as long as a browser keeps a cookie.
HIDDEN_COOKIE = "acuse_steps"
_A_YEAR = 31_536_000


@require_safe
@acting
def home(request: ActorRequest) -> HttpResponse:
    actor = request.actor
    sees = actor.may(Page.DELIVERIES, Action.VIEW) and bool(kinds_with(actor, Action.VIEW))
    waiting = figures(actor) if kinds_with(actor, Action.VIEW) else []
    context = {
        "steps": _steps(request),
        "waiting": waiting,
        "nothing_waits": not any(figure.count.number for figure in waiting),
        "sees_deliveries": sees,
        "overview": overview(actor, request.GET.get("periodo", ""), timezone.localdate()) if sees else None,
        "alerts": notices.open_errors(actor.company) if actor.may(Page.PARAMETERS, Action.VIEW) else [],
        "nobody_sends": sees and _nobody_sends(actor),
        "may_set_rates": actor.may(Page.RATES, Action.CONFIGURE),
    }
    return polling.live(request, "web/home/home.html", "web/home/_live.html", context)


def _nobody_sends(actor: Actor) -> bool:
    """Something waits in the queue, and no worker was heard of."""
    return (
        not waking.anybody_working() and scoped(Delivery.objects.filter(state=State.QUEUED, held=False), actor).exists()
    )


def _steps(request: ActorRequest) -> Checklist | None:
    if _hidden_key(request) in _hidden(request):
        return None
    return checklist(request.actor, cast(User, request.user))


def _hidden_key(request: ActorRequest) -> str:
    return f"{request.user.pk}.{request.actor.company.pk}"


def _hidden(request: ActorRequest) -> list[str]:
    return request.COOKIES.get(HIDDEN_COOKIE, "").split("_")


@require_POST
@acting
def hide_steps(request: ActorRequest) -> HttpResponse:
    """Only once nothing that is needed is missing."""
    response = redirect("web:home")
    found = checklist(request.actor, cast(User, request.user))
    if found is None or found.can_hide:
        kept = "_".join({*_hidden(request), _hidden_key(request)}).strip("_")
        response.set_cookie(
            HIDDEN_COOKIE, kept, max_age=_A_YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return response
