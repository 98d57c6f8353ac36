"""Change company."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from acuse.web.access import ActorRequest, acting
from acuse.web.context import companies_of
from acuse.web.middleware import act_for


@require_POST
@acting
def choose_company(request: ActorRequest) -> HttpResponse:
    try:
        chosen = UUID(request.POST.get("company", ""))
    except ValueError as error:
        raise Http404 from error
    company = companies_of(request).filter(pk=chosen).first()
    if company is None:
        raise Http404
    act_for(request, company)
    return redirect("web:home")
