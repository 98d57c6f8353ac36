"""What somebody else changed while a person was editing it, beside what that person wrote (`web/_clash.html`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

#: What the field is called, what it says now, and what the person wrote.
Difference = tuple[str, str, str]


def differences(form: forms.Form, present: Mapping[str, Any], shown: Callable[[str, Any], str]) -> list[Difference]:
    """Of each field of a posted form that differs from how it is now; `shown` says a field's value in words."""
    found = []
    for name, now in present.items():
        field = form.fields.get(name)
        given = field.widget.value_from_datadict(form.data, form.files, name) if field is not None else None
        if field is not None and field.has_changed(now, given):
            found.append((str(field.label), shown(name, now), shown(name, given)))
    return found
