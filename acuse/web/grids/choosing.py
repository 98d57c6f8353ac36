"""A select whose rows are searched for while one types: the page holds the chosen one alone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class SearchSelect(forms.Select):
    """For a ModelChoiceField of many rows; `url` answers as static/web/choose.js wants it."""

    def __init__(self, url: str, placeholder: str) -> None:
        super().__init__(
            attrs={"data-search-select": True, "data-search-url": url, "data-search-placeholder": placeholder}
        )

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        rows: Any = self.choices
        try:
            chosen = list(rows.queryset.filter(pk__in=[one for one in value if one]))
        except ValidationError:
            chosen = []
        options = [("", rows.field.empty_label or ""), *((str(row.pk), str(row)) for row in chosen)]
        return forms.Select(choices=options).optgroups(name, value, attrs)
