"""Each request acts for one company: the one chosen in the session, else the user's only or first one."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone

from acuse.companies.models import Company, User
from acuse.companies.scope import actor_of_user
from acuse.web.errors import csrf_failed

SESSION_COMPANY = "company"
_READING = ("GET", "HEAD", "OPTIONS", "TRACE")


class CompanyMiddleware:
    """Sets `request.actor` (None without a signed-in user who holds a membership) and the company's time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        company, moved = _company(request)
        actor = actor_of_user(request.user, company) if company and isinstance(request.user, User) else None
        request.actor = actor  # type: ignore[attr-defined]
        with timezone.override(ZoneInfo(actor.company.time_zone) if actor else None):
            if moved and request.method not in _READING:
                # what was sent was meant for a company that is gone
                return csrf_failed(request)
            return self.get_response(request)


def act_for(request: HttpRequest, company: Company) -> None:
    """From now on. What another tab drew for the one before can't be sent any more: it would be saved in this one."""
    request.session[SESSION_COMPANY] = str(company.pk)
    rotate_token(request)


def _company(request: HttpRequest) -> tuple[Company | None, bool]:
    """And whether it is another than the session's, which the person isn't in any more."""
    user = request.user
    if not isinstance(user, User):
        return None, False
    own = list(
        Company.objects.filter(memberships__user=user, memberships__is_active=True).order_by("legal_name")
    )  # fmt: skip
    chosen = request.session.get(SESSION_COMPANY)
    found = next((company for company in own if str(company.pk) == chosen), None)
    if found is not None or not own:
        return found, False
    if chosen:
        act_for(request, own[0])
    elif len(own) > 1:
        # so that it is known when it goes
        request.session[SESSION_COMPANY] = str(own[0].pk)
    return own[0], bool(chosen)
