"""Error pages that Django would draw without the request: inside the office, for whoever is in it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from acuse.web.access import way_back


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=400)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form that was sent is of another session, or of none: back to its page, where the draft waits."""
    return render(request, "403_csrf.html", {"back": way_back(request)}, status=403)


def refused_page(status: int, files: bool) -> str:
    """Of a form that is refused ahead of Django: 413 or 408. `files`: they came with it."""
    return render_to_string(f"{status}.html", {"files": files})
