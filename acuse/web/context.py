from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from acuse.companies.models import Company
from acuse.web import navigation


def office(request: HttpRequest) -> dict[str, Any]:
    """What every page shows: for whom one acts, where one may go, and the companies to change to."""
    actor = getattr(request, "actor", None)
    if actor is None:
        return {"actor": None}
    return {
        "actor": actor,
        # called by the templates that show them: a fragment costs no query
        "modules": lambda: navigation.modules_for(actor, request.path),
        "companies": lambda: list(companies_of(request)),
    }


def companies_of(request: HttpRequest) -> QuerySet[Company]:
    return Company.objects.filter(memberships__user=request.user.pk, memberships__is_active=True).order_by("legal_name")
