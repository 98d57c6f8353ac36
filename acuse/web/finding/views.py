"""The box in the head of every page: while one types it shows what there is, and on Enter it goes there."""

from __future__ import annotations

from typing import cast

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from acuse.companies.models import User
from acuse.web.access import ActorRequest, acting
from acuse.web.finding.looking import look_for, only_hit

_TARGET = "find-results"


@require_safe
@acting
def find(request: ActorRequest) -> HttpResponse:
    asked = request.GET.get("q", "").strip()
    groups = look_for(asked, request.actor, cast(User, request.user))
    inside = request.htmx.target == _TARGET
    only = only_hit(groups)
    if only is not None and not inside:
        return redirect(only.url)
    template = "web/finding/_found.html" if inside else "web/finding/find.html"
    response = render(request, template, {"asked": asked, "groups": groups})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
