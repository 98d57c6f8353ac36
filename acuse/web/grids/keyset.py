"""Pages by keyset: each begins after the last row of the one before, whatever comes in meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, F, Func, Model, QuerySet, Value
from django.db.models.expressions import Combinable, OrderBy

M = TypeVar("M", bound=Model)

#: The last page, in the address.
LAST = "last"


@dataclass(frozen=True, slots=True)
class Sort:
    """An order of rows. It goes up or down as a whole, as an index is read forwards or backwards."""

    #: In the address, and the name of the table's column.
    name: str
    #: As the phone's list of orders names it.
    label: str
    #: Fields' names or expressions, never null; the last is unique. An index begins with what all filter by, and these.
    keys: tuple[str | Combinable, ...]
    #: The first click on its header, and what "" of it means on a phone: (up, down).
    words: tuple[str, str] = ("de menor a mayor", "de mayor a menor")
    descending_first: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    sort: Sort
    descending: bool

    @property
    def text(self) -> str:
        """As in the address: `-issued_on`."""
        return f"-{self.sort.name}" if self.descending else self.sort.name

    @property
    def turned(self) -> Order:
        return Order(self.sort, not self.descending)


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    rows: list[M]
    #: Each the value of `page` in the address; None where there is none. The first page has no value.
    previous: str | None = None
    next: str | None = None

    @property
    def alone(self) -> bool:
        return self.previous is None and self.next is None


class _Beyond(Func):
    """`(a, b) > (x, y)`: one comparison of rows, for which an index descends once."""

    output_field = BooleanField()

    def __init__(self, keys: Sequence[Any], values: Sequence[Any], *, up: bool) -> None:
        super().__init__(*keys, *values)
        self.up = up

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        compiled = [compiler.compile(source) for source in self.get_source_expressions()]
        half = len(compiled) // 2
        left, right = (", ".join(sql for sql, _ in part) for part in (compiled[:half], compiled[half:]))
        params = [param for _, given in compiled for param in given]
        return f"({left}) {'>' if self.up else '<'} ({right})", params


class Unindexed(Func):
    """The same value, of which no index knows."""

    template = "(array[%(expressions)s])[1]"


def page_of(queryset: QuerySet[M], order: Order, asked: str, size: int, *, few: bool = False) -> Page[M]:
    """The page that the address asks for. One that can't be read, or that is no more, is the nearest there is.

    `few`: rows are so few that they are found by what they are filtered by, and sorted. PostgreSQL, which doesn't know,
    would read the whole index of the order until it has met enough of them.
    """
    reader = _Reader(queryset, order, size, few=few)
    if asked == LAST:
        return reader.last()
    side, place = reader.read(asked)
    if side == "a":
        return reader.after(place)
    return reader.before(place) if side == "b" else reader.first()


def in_order(queryset: QuerySet[M], order: Order) -> QuerySet[M]:
    """Every row, as the pages have them."""
    return _Reader(queryset, order, 0).ordered(order)


class _Reader(Generic[M]):
    def __init__(self, queryset: QuerySet[M], order: Order, size: int, *, few: bool = False) -> None:
        self._size, self._order, self._few = size, order, few
        self._names = [f"key_{place}" for place in range(len(order.sort.keys))]
        keys: list[Any] = [F(key) if isinstance(key, str) else key for key in order.sort.keys]
        if few:
            keys = [Unindexed(key) for key in keys]
        self._rows = queryset.annotate(**dict(zip(self._names, keys, strict=True)))
        self._salt = f"grid:{queryset.model._meta.label}:{order.text}"

    def first(self) -> Page[M]:
        rows = self._take(self._rows, self._order)
        return Page(rows[: self._size], next=self._next(rows))

    def last(self) -> Page[M]:
        rows = self._take(self._rows, self._order.turned)
        shown = rows[: self._size][::-1]
        more = len(rows) > self._size
        return Page(shown, previous=self.place("b", shown[0]) if more else None)

    def after(self, place: list[Any]) -> Page[M]:
        rows = self._take(self._beyond(place, self._order), self._order)
        if not rows:
            return self.last()
        return Page(rows[: self._size], previous=self.place("b", rows[0]), next=self._next(rows))

    def before(self, place: list[Any]) -> Page[M]:
        rows = self._take(self._beyond(place, self._order.turned), self._order.turned)
        if len(rows) <= self._size:
            # the first page is always a whole one
            return self.first()
        shown = rows[: self._size][::-1]
        return Page(shown, previous=self.place("b", shown[0]), next=self.place("a", shown[-1]))

    def ordered(self, order: Order) -> QuerySet[M]:
        rows: QuerySet[M] = self._rows.order_by(*self._directions(order))
        return rows

    def _directions(self, order: Order) -> list[OrderBy]:
        return [F(name).desc() if order.descending else F(name).asc() for name in self._names]

    def _take(self, rows: QuerySet[M], order: Order) -> list[M]:
        directions = self._directions(order)
        if self._few:
            # the keys of all of them are sorted, which an index may have, and not whole rows
            rows = self._rows.filter(pk__in=rows.order_by(*directions).values("pk")[: self._size + 1])
        return list(rows.order_by(*directions)[: self._size + 1])

    def _beyond(self, place: list[Any], order: Order) -> QuerySet[M]:
        keys = [F(name) for name in self._names]
        values = [Value(value, self._field(name)) for name, value in zip(self._names, place, strict=True)]
        rows: QuerySet[M] = self._rows.filter(_Beyond(keys, values, up=not order.descending))
        return rows

    def _field(self, name: str) -> Any:
        return self._rows.query.annotations[name].output_field

    def _next(self, rows: list[M]) -> str | None:
        return self.place("a", rows[self._size - 1]) if len(rows) > self._size else None

    def place(self, side: str, row: M) -> str:
        values = [str(getattr(row, name)) for name in self._names]
        return signing.Signer(salt=self._salt).sign_object([side, *values])

    def read(self, asked: str) -> tuple[str, list[Any]]:
        """("a" or "b", the keys of the row beyond which it begins); ("", []) for what isn't ours or is of another
        order."""
        if not asked:
            return "", []
        try:
            side, *texts = signing.Signer(salt=self._salt).unsign_object(asked)
            pairs = zip(self._names, texts, strict=True)
            return side, [self._field(name).to_python(text) for name, text in pairs]
        except (signing.BadSignature, ValueError, ValidationError):
            return "", []
