"""A grid, and what one request shows of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers

from acuse.companies.models import Company, SavedFilter
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import NotAllowed
from acuse.kernel import clock
from acuse.web.access import ActorRequest, AdminRequest
from acuse.web.chips import Chip, chips_of
from acuse.web.grids import counting, exporting, keyset
from acuse.web.grids.counting import Adding, Count
from acuse.web.grids.exporting import Column
from acuse.web.grids.filtering import COUNT, EXPORT, PAGE, SORT, clean_query, clean_url, has_empty, url_with
from acuse.web.grids.keyset import Order, Sort
from acuse.web.grids.saved import Tab, tabs_of

#: For dates and moments: what an order up or down is called.
NEWEST = ("más viejos primero", "más nuevos primero")
BY_NAME = ("de la A a la Z", "de la Z a la A")


@runtime_checkable
class Gathering(Protocol):
    """Filters that know more than their count tells."""

    def gathers(self, sort: str) -> bool:
        """What is filtered by has an index with the keys of this order in it, and not in this order: sorting all that
        match is quicker than meeting them in the order's own index."""


@runtime_checkable
class Estimating(Protocol):
    """Filters that may know that many match before any row is read."""

    def exceeds(self, most: int) -> bool:
        """Surely more than so many; False: it has to be counted."""


@dataclass(frozen=True, slots=True)
class Head:
    """Of a column that sorts."""

    url: str
    #: None: the rows aren't in its order.
    descending: bool | None


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks: in whose name it is exported, and whether it may be."""

    label: str
    #: None: the installation's own rows, whose filters nobody saves.
    company: Company | None
    may_export: bool


@dataclass(frozen=True, kw_only=True)
class Grid:
    #: Its action EXPORT is asked for.
    page: str
    one: str
    many: str
    filterset: Any
    table: Any
    #: The first is the usual one.
    sorts: tuple[Sort, ...]
    export: tuple[Column, ...] = ()
    #: What the columns of the export say that is read of many rows at once.
    gather: Callable[[Sequence[Any], HttpRequest], None] | None = None
    adding: Adding | None = None
    size: int = 50

    def open(
        self,
        request: ActorRequest | AdminRequest,
        rows: QuerySet[Any],
        *,
        filters: Mapping[str, Any] | None = None,
        table: Mapping[str, Any] | None = None,
        viewer: Viewer | None = None,
    ) -> Shown:
        """`filters` and `table`: what the filters and the table are made with, besides the request and the rows.
        `viewer`: needed where nobody acts for a company."""
        filtered = self.filterset(request.GET, queryset=rows, request=request, **(filters or {}))
        return Shown(self, request, rows, filtered, dict(table or {}), viewer or self._viewer(request))

    def _viewer(self, request: ActorRequest | AdminRequest) -> Viewer:
        if not hasattr(request, "actor"):
            raise TypeError("who looks?")
        actor = request.actor
        return Viewer(actor.label, actor.company, actor.may(self.page, Action.EXPORT))

    def order(self, asked: str) -> Order:
        usual = self.sorts[0]
        found = next((sort for sort in self.sorts if sort.name == asked.removeprefix("-")), None)
        return Order(found, asked.startswith("-")) if found else Order(usual, usual.descending_first)


@dataclass
class Shown:
    grid: Grid
    request: ActorRequest | AdminRequest
    #: Before the filters.
    every: QuerySet[Any]
    filter: Any
    table_options: dict[str, Any]
    viewer: Viewer
    #: When it was looked at: what comes in later is in no selection of it.
    as_of: str = field(default_factory=lambda: clock.now().isoformat())

    @cached_property
    def matching(self) -> QuerySet[Any]:
        found: QuerySet[Any] = self.filter.qs
        return found

    @cached_property
    def query(self) -> str:
        """The filters alone."""
        return clean_query(self.request.GET, self.filter.form.fields)

    @cached_property
    def order(self) -> Order:
        return self.grid.order(self.request.GET.get(SORT, ""))

    @cached_property
    def page(self) -> keyset.Page[Any]:
        asked = self.request.GET.get(PAGE, "")
        return keyset.page_of(self.matching, self.order, asked, self.grid.size, few=self._few)

    @property
    def _few(self) -> bool:
        if isinstance(self.filter, Gathering) and self.filter.gathers(self.order.sort.name):
            return True
        return bool(self.query) and self.count.exact and self.count.number <= counting.LIMIT

    @property
    def rows(self) -> list[Any]:
        return self.page.rows

    @cached_property
    def table(self) -> Any:
        table = self.grid.table(self.rows, orderable=False, **self.table_options)
        table.shown = self
        return table

    @cached_property
    def count(self) -> Count:
        every = COUNT in self.request.GET
        if not every and isinstance(self.filter, Estimating) and self.filter.exceeds(counting.LIMIT):
            return Count(counting.LIMIT, exact=False)
        return counting.count(self.matching, self.grid.adding, every=every)

    @cached_property
    def chips(self) -> list[Chip]:
        return chips_of(self.filter.form, self.request)

    @cached_property
    def nothing_yet(self) -> bool:
        """There isn't one row, filters or none."""
        return not self.rows and not (self.query and self.every.exists())

    @cached_property
    def tabs(self) -> list[Tab]:
        return tabs_of(self.request, self.viewer.company, self.query)

    @property
    def may_save(self) -> bool:
        return self.viewer.company is not None

    @property
    def current_tab(self) -> Tab | None:
        return next((tab for tab in self.tabs if tab.current and tab.id), None)

    @property
    def name_limit(self) -> int | None:
        return SavedFilter._meta.get_field("name").max_length

    def heads(self) -> dict[str, Head]:
        """By the column's name."""
        return {sort.name: self._head(sort) for sort in self.grid.sorts}

    def _head(self, sort: Sort) -> Head:
        current = self.order.sort.name == sort.name
        then = self.order.turned if current else Order(sort, sort.descending_first)
        return Head(url_with(self.request, **{SORT: then.text}), self.order.descending if current else None)

    def orders(self) -> list[Choice]:
        """For a phone, which has no heads."""
        both = [Order(sort, descending) for sort in self.grid.sorts for descending in (False, True)]
        return [
            Choice(order.text, f"{order.sort.label}: {order.sort.words[order.descending]}", order == self.order)
            for order in both
        ]

    @property
    def first_url(self) -> str | None:
        return url_with(self.request) if self.page.previous else None

    @property
    def previous_url(self) -> str | None:
        return self._page_url(self.page.previous)

    @property
    def next_url(self) -> str | None:
        return self._page_url(self.page.next)

    @property
    def last_url(self) -> str | None:
        return self._page_url(keyset.LAST) if self.page.next else None

    def _page_url(self, place: str | None) -> str | None:
        return url_with(self.request, **{PAGE: place}) if place else None

    @property
    def count_url(self) -> str:
        return url_with(self.request, **{COUNT: "1"})

    @property
    def may_export(self) -> bool:
        return bool(self.grid.export) and self.viewer.may_export

    @property
    def xlsx_url(self) -> str:
        return url_with(self.request, **{EXPORT: exporting.XLSX})

    @property
    def csv_url(self) -> str:
        return url_with(self.request, **{EXPORT: exporting.CSV})

    def elsewhere(self, title: str) -> HttpResponseBase | None:
        """What the address asks for that isn't the page: the export, or itself without what is empty."""
        if EXPORT in self.request.GET and self.request.method == "GET":
            if not self.viewer.may_export:
                raise NotAllowed(self.grid.page, Action.EXPORT)
            chosen = self.matching if self.filter.form.is_valid() else self.every.none()
            return exporting.export(
                self.request, keyset.in_order(chosen, self.order), self.grid.export, title=title, query=self.query,
                company=self.viewer.company, actor=self.viewer.label, gather=self.grid.gather,
            )  # fmt: skip
        if has_empty(self.request.GET) and not self.request.htmx:
            return redirect(clean_url(self.request))
        return None

    def answer(self, page: str, fragment: str, context: dict[str, Any]) -> HttpResponseBase:
        """The page, its fragment when the grid alone is asked for, or what `elsewhere` has. `context["title"]` is the
        page's, and the name of the exported file."""
        away = self.elsewhere(str(context["title"]))
        if away is not None:
            return away
        alone = self.request.htmx.target == "grid"
        given = {**context, "grid": self, "filter": self.filter, "fragment": fragment}
        response = render(self.request, fragment if alone else page, given)
        if alone and has_empty(self.request.GET):
            response["HX-Push-Url"] = clean_url(self.request)
        patch_vary_headers(response, ["HX-Request", "HX-Target"])
        return response
