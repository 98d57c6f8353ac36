"""Each request acts for one company: the one chosen in the session, else the user's only or first one."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from acuse.companies.models import Company, User
from acuse.companies.scope import Actor, actor_of_user

SESSION_COMPANY = "company"


class CompanyMiddleware:
    """Sets `request.actor` (None without a signed-in user who holds a membership) and the company's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = _actor(request)
        request.actor = actor  # type: ignore[attr-defined]
        with timezone.override(ZoneInfo(actor.company.time_zone) if actor else None):
            return self.get_response(request)


def _actor(request: HttpRequest) -> Actor | None:
    user = request.user
    if not isinstance(user, User):
        return None
    companies = Company.objects.filter(memberships__user=user, memberships__is_active=True).order_by("legal_name")
    chosen = request.session.get(SESSION_COMPANY)
    company = companies.filter(pk=chosen).first() if chosen else None
    company = company or companies.first()
    return actor_of_user(user, company) if company else None
