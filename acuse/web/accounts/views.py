"""Change company."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from acuse.web.access import ActorRequest, acting
from acuse.web.context import companies_of
from acuse.web.middleware import SESSION_COMPANY


@require_POST
@acting
def choose_company(request: ActorRequest) -> HttpResponse:
    try:
        chosen = UUID(request.POST.get("company", ""))
    except ValueError as error:
        raise Http404 from error
    if not companies_of(request).filter(pk=chosen).exists():
        raise Http404
    request.session[SESSION_COMPANY] = str(chosen)
    return redirect("web:home")
