"""The names of what the entries of a page are about: one query a kind of thing, whatever the number of entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet
from django.urls import reverse

from acuse.companies.models import AuditEntry
from acuse.companies.pages import Action
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.models import Delivery
from acuse.directory.models import Contact, Party
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.security.audit_words import EVENTS, Thing, Told, who, words_of


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as people read it."""

    entry: AuditEntry
    who: str
    words: str
    #: Of what it is about, when the person may open it.
    url: str = ""


#: What a thing is called, and for a voucher its kind and its key.
_NAMES: dict[Thing, tuple[type[Model], tuple[str, ...]]] = {
    Thing.VOUCHER: (Voucher, ("title", "kind", "pk")),
    Thing.DELIVERY: (Delivery, ("voucher__title", "voucher__kind", "voucher__pk")),
    Thing.PARTY: (Party, ("name",)),
    Thing.CONTACT: (Contact, ("name",)),
}
_UNKNOWN = "algo que ya no está"


def lines_of(entries: Sequence[AuditEntry], actor: Actor) -> list[Line]:
    found: dict[tuple[Thing, str], tuple[Any, ...]] = {}
    for thing, (model, fields) in _NAMES.items():
        keys = {entry.target for entry in entries if _told(entry).thing is thing and _is_key(entry.target)}
        if keys:
            rows: QuerySet[Any] = scoped(model._default_manager.filter(pk__in=keys), actor)
            found |= {(thing, str(row[0])): row[1:] for row in rows.values_list("pk", *fields)}
    return [_line(entry, found, actor) for entry in entries]


def _told(entry: AuditEntry) -> Told:
    return EVENTS.get(entry.event, Told(""))


def _is_key(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def _line(entry: AuditEntry, found: dict[tuple[Thing, str], tuple[Any, ...]], actor: Actor) -> Line:
    thing = _told(entry).thing
    row = found.get((thing, entry.target))
    if entry.event == "policy.changed" and entry.target in list(VoucherKind):
        target = VoucherKind(entry.target).plural
    elif row is not None:
        target = str(row[0])
    else:
        target = entry.target if thing is Thing.ITSELF else str(entry.detail.get("title") or _UNKNOWN)
    url = ""
    if row is not None and len(row) == 3 and actor.may(row[1], Action.VIEW):
        url = reverse("web:voucher", args=[row[1], row[2]])
    return Line(entry, who(entry.actor), words_of(entry.event, target, entry.detail), url)
