"""The names of what the entries of a page are about: one query a kind of thing, whatever the number of entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse

from acuse.companies.models import AuditEntry
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.models import Batch, Delivery
from acuse.directory.models import Contact, Party
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.actors import who
from acuse.web.charts.words import many
from acuse.web.security.audit_words import EVENTS, Thing, Told, words_of


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as people read it."""

    entry: AuditEntry
    who: str
    words: str
    #: Of its detail.
    detail: str
    #: Of what it is about, when the person may open it.
    url: str = ""

    @property
    def opens(self) -> str:
        return "Ver la tanda" if _told(self.entry).thing is Thing.BATCH else "Ver el comprobante"


#: What a thing is called (a batch by how many it has), and for those with a page its kind and its key.
_NAMES: dict[Thing, tuple[type[Model], tuple[str, ...]]] = {
    Thing.VOUCHER: (Voucher, ("title", "kind", "pk")),
    Thing.DELIVERY: (Delivery, ("voucher__title", "voucher__kind", "voucher__pk")),
    Thing.PARTY: (Party, ("name",)),
    Thing.CONTACT: (Contact, ("name", "party__name")),
    Thing.BATCH: (Batch, ("total", "kind", "pk")),
}
_UNKNOWN = "algo que ya no está"


def lines_of(entries: Sequence[AuditEntry], actor: Actor | None, address: str = "web:audit_entry") -> list[Line]:
    """`actor`: None for the installation's own entries. `address`: the name of an entry's page."""
    found: dict[tuple[Thing, str], tuple[Any, ...]] = {}
    for thing, (model, fields) in _NAMES.items():
        keys = {entry.target for entry in entries if _told(entry).thing is thing and _is_key(entry.target)}
        if keys:
            rows: QuerySet[Any] = scoped(model._default_manager.filter(pk__in=keys), actor)
            found |= {(thing, str(row[0])): row[1:] for row in rows.values_list("pk", *fields)}
    return [_line(entry, found, actor, address) for entry in entries]


def _told(entry: AuditEntry) -> Told:
    return EVENTS.get(entry.event, Told(""))


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _line(
    entry: AuditEntry, found: dict[tuple[Thing, str], tuple[Any, ...]], actor: Actor | None, address: str
) -> Line:
    thing = _told(entry).thing
    row = found.get((thing, entry.target))
    if entry.event == "policy.changed" and entry.target in list(VoucherKind):
        target = VoucherKind(entry.target).plural
    elif row is not None:
        target = _called(thing, row)
    else:
        target = entry.target if thing is Thing.ITSELF else str(entry.detail.get("title") or _UNKNOWN)
    return Line(
        entry,
        who(entry.actor),
        words_of(entry.event, target, entry.detail),
        reverse(address, args=[entry.pk]),
        _url(thing, row, actor),
    )


def _called(thing: Thing, row: tuple[Any, ...]) -> str:
    if thing is Thing.BATCH:
        return _many(*row[:2])
    # many a company's contact is called Compras
    return " de ".join(filter(None, row)) if thing is Thing.CONTACT else str(row[0])


def _many(total: int, kind: str) -> str:
    """1 factura de venta, 1.200 facturas de venta."""
    found = VoucherKind(kind)
    return many(total, found.singular.lower(), found.plural.lower())


def _url(thing: Thing, row: tuple[Any, ...] | None, actor: Actor | None) -> str:
    if actor is None or row is None or len(row) != 3:
        return ""
    _, kind, key = row
    if thing is Thing.BATCH:
        return reverse("web:batch", args=[key]) if actor.may(kind, Action.SEND) else ""
    return reverse("web:voucher", args=[kind, key]) if actor.may(kind, Action.VIEW) else ""
