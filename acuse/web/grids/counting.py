"""How many match, and what they add up to: exact up to 10,000, beyond that when it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import Combinable

from acuse.kernel.numerals import thousands
from acuse.web import formats

#: As many are counted without being asked.
LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Sum:
    #: ARCA's code of the currency.
    currency: str
    amount: Decimal

    @property
    def text(self) -> str:
        return formats.amount(self.amount, self.currency)


@dataclass(frozen=True, slots=True)
class Count:
    number: int
    #: False: there are more than `number`.
    exact: bool
    sums: tuple[Sum, ...] = ()

    @property
    def text(self) -> str:
        return thousands(self.number) if self.exact else f"más de {thousands(self.number)}"


@dataclass(frozen=True, slots=True)
class Adding:
    """What a grid's rows add up to: one sum a currency."""

    currency: str
    amount: Combinable
    #: What of it isn't plain.
    note: str = ""


def count(matching: QuerySet[Any], adding: Adding | None = None, *, every: bool = False) -> Count:
    """Sums are told only with an exact count."""
    rows = matching.order_by()
    if adding is None:
        number = rows.count() if every else rows[: LIMIT + 1].count()
        return _told(number, every)
    counted = _grouped(rows, adding, every=every)
    told = _told(sum(number for *_, number in counted), every)
    sums = tuple(Sum(currency, amount) for currency, amount, _ in counted) if told.exact else ()
    return Count(told.number, told.exact, sums)


def count_all(matching: Sequence[QuerySet[Any]]) -> list[Count]:
    """Each as `count` does it, in one query."""
    parts: list[str] = []
    params: list[Any] = []
    for rows in matching:
        try:
            inner, given = rows.order_by().values("pk")[: LIMIT + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
        else:
            parts.append(f"(select count(*) from ({inner}) as matching)")  # noqa: S608
            params += given
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(parts)}", params)
        return [_told(number, False) for number in cursor.fetchone()]


def _told(number: int, every: bool) -> Count:
    exact = every or number <= LIMIT
    return Count(number if exact else LIMIT, exact)


def _grouped(rows: QuerySet[Any], adding: Adding, *, every: bool) -> list[tuple[str, Decimal, int]]:
    """(currency, sum, how many), of the first of them at most."""
    chosen = rows.annotate(added=adding.amount).values_list(adding.currency, "added")
    try:
        inner, params = (chosen if every else chosen[: LIMIT + 1]).query.sql_with_params()
    except EmptyResultSet:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"select c, sum(a), count(*) from ({inner}) as matching (c, a) group by c order by count(*) desc, c",  # noqa: S608
            params,
        )
        found: list[tuple[str, Decimal, int]] = cursor.fetchall()
        return found
