"""Lists by keyset: `{items, next, count}`, newest first. The cursor is signed, so nobody builds one by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import Model, Q, QuerySet

from acuse.api.problems import one

M = TypeVar("M", bound=Model)
T = TypeVar("T")
MAX_LIMIT = 200
#: Counting more rows than these costs more than it tells.
COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Order:
    """Newest first by `field`, then by id."""

    name: str
    field: str
    parse: Callable[[str], date | datetime]


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next: str | None
    count: int | None


def page(
    queryset: QuerySet[M], order: Order, *, limit: int, cursor: str | None, count: Literal["exact"] | None
) -> Page[M]:
    """Raises Problem on a bad cursor."""
    after = _after(order, cursor) if cursor is not None else Q()
    rows = list(queryset.filter(after).order_by(f"-{order.field}", "-id")[: limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, _cursor(order, rows[-1]) if more else None, _count(queryset, exact=count == "exact"))


def _count(queryset: QuerySet[M], *, exact: bool) -> int | None:
    if exact:
        return queryset.count()
    counted = queryset.order_by()[: COUNTED + 1].count()
    return counted if counted <= COUNTED else None


def _cursor(order: Order, row: Any) -> str:
    value = getattr(row, order.field)
    return signing.dumps([value.isoformat(), str(row.pk)], salt=_salt(order), compress=False)


def _after(order: Order, cursor: str) -> Q:
    try:
        value, key = signing.loads(cursor, salt=_salt(order))
        moment, id_ = order.parse(value), UUID(key)
    except (signing.BadSignature, ValueError) as error:
        raise one(
            422, "invalid_cursor", "El cursor no sirve. Usá el «next» de la página anterior.", field="cursor"
        ) from error
    later = Q(**{f"{order.field}__lt": moment}) | Q(**{order.field: moment, "id__lt": id_})
    # the first condition says nothing new, but lets the index be entered at its place
    return Q(**{f"{order.field}__lte": moment}) & later


def _salt(order: Order) -> str:
    return f"acuse.api.{order.name}"
