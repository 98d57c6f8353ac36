"""Active filters as chips: each says what it filters, and its link takes it away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Model
from django.http import HttpRequest

from acuse.web import formats
from acuse.web.grids.filtering import url_with


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
        Chip(str(form.fields[name].label), _text(form.fields[name], value), url_with(request, **{name: None}))
        for name, value in given.items()
    ]


def _text(field: forms.Field, value: Any) -> str:
    if isinstance(value, date):
        return formats.day(value)
    if isinstance(value, Model):
        return str(value)
    if isinstance(field, forms.ChoiceField):
        choices: dict[Any, Any] = dict(field.widget.choices)
        chosen = value if isinstance(value, list) else [value]
        return ", ".join(str(choices.get(one, one)) for one in chosen)
    return "sí" if value is True else str(value)
