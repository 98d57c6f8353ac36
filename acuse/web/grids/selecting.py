"""What is chosen in a grid: what was ticked on any of its pages, or all that its filters leave.

A selection never travels whole: the ids that a person ticked one by one do, or the filters themselves and the moment in
which the grid was looked at. With them goes the company for which it was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self, TypeVar
from uuid import UUID

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime

from acuse.kernel import clock
from acuse.web.access import ActorRequest, refuse_nul
from acuse.web.grids.filtering import clean_query

M = TypeVar("M", bound=Model)

#: The most that are ticked one by one.
MOST_TICKED = 5_000
#: All that match, instead of ids; of which filters, and seen when; ids of other pages; a question is asked for.
ALL, FILTERS, AS_OF, ELSEWHERE, ASK = "all", "filtros", "as_of", "ids", "preguntar"


@dataclass(frozen=True, slots=True)
class Chosen:
    #: Those ticked; empty when `query` says which.
    ids: tuple[UUID, ...]
    #: The grid's filters, as in its address; "" = every row. None: `ids` says which.
    query: str | None
    #: What came in later isn't in it.
    as_of: datetime

    @classmethod
    def read(cls, given: QueryDict, names: Iterable[str]) -> Self:
        """As a grid's form and our questions send it, or an address does (`?id=…`, `?all=1` with filters, whose names
        are `names`). Raises Http404 for what they never send."""
        moment = given.get(AS_OF, "")
        as_of = _moment(moment) if moment else clock.now()
        if ALL in given:
            filters = QueryDict(given.get(FILTERS, "")) if FILTERS in given else given
            refuse_nul(filters)
            return cls((), clean_query(filters, names), as_of)
        elsewhere = [text for text in given.get(ELSEWHERE, "").split(",") if text]
        try:
            ids = tuple(dict.fromkeys(UUID(text) for text in [*given.getlist("id"), *elsewhere]))
        except ValueError as error:
            raise Http404 from error
        if len(ids) > MOST_TICKED:
            raise Http404
        return cls(ids, None, as_of)

    def of(self, rows: QuerySet[M], filtered: Callable[[QueryDict, QuerySet[M]], Any]) -> QuerySet[M]:
        """Of `rows`, which are the actor's. `filtered`: their grid's filters; what they don't understand chooses
        nothing, instead of everything."""
        seen = rows.filter(created_at__lte=self.as_of)
        if self.query is None:
            return seen.filter(pk__in=self.ids)
        found = filtered(QueryDict(self.query), seen)
        matching: QuerySet[M] = found.qs
        return matching if found.form.is_valid() else seen.none()

    def as_json(self) -> dict[str, Any]:
        return {"ids": [str(pk) for pk in self.ids], "query": self.query, "as_of": self.as_of.isoformat()}


def query_of(stored: Mapping[str, Any]) -> str:
    """The filters of what `as_json` made; blank for ticks."""
    return stored.get("query") or ""


def refuse_another_company(request: ActorRequest, grid: str) -> HttpResponse | None:
    """For a POST from a page that was drawn for another company: to `grid`, told. None: it is of this one. All that
    match must say of whom."""
    drawn_for = request.POST.get("company", "")
    company = request.actor.company
    if request.method != "POST" or drawn_for == str(company.pk) or not (drawn_for or ALL in request.POST):
        return None
    messages.warning(
        request, f"Esa página era de otra empresa y no se hizo nada. Ahora estás en {company}: elegí de nuevo."
    )
    return redirect(grid)


def _moment(text: str) -> datetime:
    try:
        found = parse_datetime(text)
        if found is None or found.tzinfo is None:
            raise Http404
        # PostgreSQL takes fewer offsets than Python reads
        return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
