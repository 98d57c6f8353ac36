"""A grid's filters in its address: only those that say something, under the names that the grid knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict

#: What the address holds beside the filters.
SORT, PAGE, COUNT, EXPORT = "sort", "page", "count", "export"
#: They lead to a place in the rows, not to rows.
_PASSING = (PAGE, COUNT, EXPORT)


def keys_of(rows: QuerySet[Any], most: int) -> list[Any] | QuerySet[Any]:
    """For `…__in`: the keys themselves when there are at most so many, else the query for them. PostgreSQL, which can't
    tell how many a word finds, is told the way; and what is few is looked for once."""
    keys = rows.order_by().values("pk")
    few = list(keys.values_list("pk", flat=True)[: most + 1])
    return few if len(few) <= most else keys


def clean_query(given: QueryDict, names: Iterable[str]) -> str:
    """The filters that are filled in, in the order of `names`."""
    kept = QueryDict(mutable=True)
    for name in names:
        values = [value.strip() for value in given.getlist(name) if value.strip()]
        if values:
            kept.setlist(name, values)
    return kept.urlencode()


def has_empty(given: QueryDict) -> bool:
    """A form sends every field that it has."""
    return any(not value for _, values in given.lists() for value in values)


def clean_url(request: HttpRequest) -> str:
    """The same page, without what is empty."""
    kept = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        filled = [value for value in values if value]
        if filled:
            kept.setlist(name, filled)
    return with_query(request.path, kept)


def url_with(request: HttpRequest, **changes: str | None) -> str:
    """This page with some values changed; None takes one away. The place in the rows is left unless it is named."""
    query = request.GET.copy()
    for name in (*_PASSING, *changes):
        query.pop(name, None)
    for name, value in changes.items():
        if value is not None:
            query[name] = value
    return with_query(request.path, query)


def with_query(path: str, query: QueryDict) -> str:
    encoded = query.urlencode()
    return f"{path}?{encoded}" if encoded else path
