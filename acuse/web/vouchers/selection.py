"""What is chosen in a grid of vouchers. It never travels through the browser: the ticked ids of one page do, or the
filter itself and the moment in which it was looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict

from acuse.companies.scope import Actor, scoped
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.grids.filtering import clean_query
from acuse.web.vouchers.filters import VoucherFilter

#: In the address: all that match, instead of ids.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Selection:
    kind: VoucherKind
    #: Those ticked; empty when `query` says which.
    ids: tuple[UUID, ...]
    #: The grid's filters, as in its address; "" = every voucher of the kind. None: `ids` says which.
    query: str | None
    #: What was registered later isn't in it.
    as_of: datetime

    @classmethod
    def from_query(cls, kind: VoucherKind, given: QueryDict, *, as_of: datetime | None = None) -> Self:
        """`?id=…&id=…`, or `?all=1` with the grid's filters. Raises ValueError for an id that is none."""
        now = as_of or clock.now()
        if ALL in given:
            return cls(kind, (), clean_query(given, VoucherFilter.base_filters), now)
        return cls(kind, tuple(dict.fromkeys(UUID(text) for text in given.getlist("id"))), None, now)

    def queryset(self, actor: Actor) -> QuerySet[Voucher]:
        """Only the actor's company's. Filters that aren't understood choose nothing, instead of everything."""
        ours = scoped(Voucher.objects.filter(kind=self.kind.value, created_at__lte=self.as_of), actor)
        if self.query is None:
            return ours.filter(pk__in=self.ids)
        filtered = VoucherFilter(QueryDict(self.query), queryset=ours, kind=self.kind, company=actor.company)
        matching: QuerySet[Voucher] = filtered.qs
        return matching if filtered.form.is_valid() else ours.none()

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind.value,
            "ids": [str(pk) for pk in self.ids],
            "query": self.query,
            "as_of": self.as_of.isoformat(),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(
            VoucherKind(stored["kind"]),
            tuple(UUID(text) for text in stored["ids"]),
            stored["query"],
            datetime.fromisoformat(stored["as_of"]),
        )
