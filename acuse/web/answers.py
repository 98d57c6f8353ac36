"""The page of a form: 422 when what was sent isn't right, whatever the page. Entering keeps 200, as browsers that save
passwords expect of a door that stays shut."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def status_of(*forms: BaseForm) -> int:
    return 422 if any(form.is_bound and form.errors for form in forms) else 200


def form_page(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """`context["form"]` is the form."""
    return render(request, template, dict(context), status=status_of(context["form"]))
