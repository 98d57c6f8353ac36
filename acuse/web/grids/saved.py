"""The saved filters of a grid, as tabs."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

from acuse.companies import saved_filters
from acuse.companies.models import Company, User


@dataclass(frozen=True, slots=True)
class Tab:
    #: None: all the rows.
    id: int | None
    name: str
    url: str
    current: bool


def tabs_of(request: HttpRequest, company: Company | None, query: str) -> list[Tab]:
    """Empty where nothing is saved."""
    if not isinstance(request.user, User) or company is None:
        return []
    saved = saved_filters.of(user=request.user, company=company, grid=request.path)
    tabs = [Tab(one.pk, one.name, f"{request.path}?{one.query}", one.query == query) for one in saved]
    return [Tab(None, "Todos", request.path, not query), *tabs] if tabs else []
