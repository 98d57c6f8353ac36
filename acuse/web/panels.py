"""What opens in the side panel, and is a page of its own at the same address."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers

from acuse.web.access import PANEL_TARGET, ActorRequest, AdminRequest
from acuse.web.answers import status_of


def render_panel(
    request: ActorRequest | AdminRequest,
    template: str,
    context: dict[str, Any],
) -> HttpResponse:
    """`template` extends `frame` and fills the blocks `title` and `panel`; the context has `title`, `crumb`, `back`."""
    inside = request.htmx.target == PANEL_TARGET
    frame = "web/panel.html" if inside else "web/panel_page.html"
    response = render(request, template, {**context, "frame": frame, "inside": inside}, status=_status(context))
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _status(context: dict[str, Any]) -> int:
    return status_of(context["form"]) if "form" in context else 200
