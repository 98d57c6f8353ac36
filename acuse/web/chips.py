"""Active filters as chips: each says what it filters, and its link takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Chip:
    label: str
    text: str
    url: str


def chips_of(form: forms.Form, request: HttpRequest) -> list[Chip]:
    if not form.is_valid():
        return []
    given = {name: value for name, value in form.cleaned_data.items() if value}
    return [
        Chip(str(form.fields[name].label), _text(form.fields[name], value), _without(request, name))
        for name, value in given.items()
    ]


def _text(field: forms.Field, value: Any) -> str:
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(field, forms.ChoiceField):
        choices: dict[Any, Any] = dict(field.widget.choices)
        return str(choices.get(value, value))
    return "sí" if value is True else str(value)


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    for gone in (name, "page"):
        query.pop(gone, None)
    return f"{request.path}?{query.urlencode()}"
