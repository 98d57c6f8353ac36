from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from acuse.companies.models import Company, User
from acuse.companies.scope import Actor
from acuse.deliveries import waits, waking
from acuse.deliveries.batches import services as batches
from acuse.web import navigation


def office(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: for whom one acts, where one may go, and the companies to change to."""
    actor = getattr(request, "actor", None)
    if actor is None:
        # one's own account, and the installation: pages that need no company
        return {"actor": None, "menu": lambda: _menu(request, None)}
    return {
        "actor": actor,
        # called by the templates that show it: a fragment costs no query
        "menu": lambda: _menu(request, actor),
        "batches_under_way": lambda: batches.under_way(actor.company, actor.label),
        "waiting_looked_at": lambda: waits.being_looked_at(actor.company),
        "anybody_working": waking.anybody_working,
        "companies": lambda: list(companies_of(request)),
    }


def _menu(request: HttpRequest, actor: Actor | None) -> navigation.Menu | None:
    if not isinstance(request.user, User):
        return None
    path = getattr(request, "menu_path", request.path)
    return navigation.menu_for(actor, request.user, path, request.COOKIES.get(navigation.MENU_COOKIE, ""))


def companies_of(request: HttpRequest) -> QuerySet[Company]:
    return Company.objects.filter(memberships__user=request.user.pk, memberships__is_active=True).order_by("legal_name")
