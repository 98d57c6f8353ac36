"""One box for all: a voucher by its number, a party by its name, CUIT or phone, a page by what the menu calls it.

Each person finds what their roles let them see, in the company they work in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from acuse.companies.models import User
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor, scoped
from acuse.directory.models import Party
from acuse.kernel.names import fold
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web import formats, navigation
from acuse.web.directory import filters
from acuse.web.directory.sections import SECTIONS
from acuse.web.directory.showing import document
from acuse.web.directory.views import parties_of
from acuse.web.vouchers import searching

#: As many of each are shown: who wants more types more.
SHOWN = 6
#: So many match that the newest are read by their own index; with fewer, all of them are put in order.
_COMMON = 200
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Hit:
    text: str
    url: str
    note: str = ""
    voided: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    icon: str
    hits: tuple[Hit, ...]
    #: There are others.
    more: bool = False


def look_for(text: str, actor: Actor, user: User) -> list[Group]:
    """What is found, in groups; none is empty."""
    asked = text.strip()[:_LONGEST]
    if not asked:
        return []
    groups = [_pages(asked, actor, user)]
    # one letter begins half of the names
    if len(asked) > 1 or asked.isdecimal():
        groups += [_vouchers(asked, actor), *_parties(asked, actor)]
    return [group for group in groups if group.hits]


def only_hit(groups: list[Group]) -> Hit | None:
    """When there is no doubt."""
    hits = [hit for group in groups for hit in group.hits]
    return hits[0] if len(hits) == 1 else None


def _pages(asked: str, actor: Actor, user: User) -> Group:
    words = _words(asked)
    hits = [
        Hit(item.name, item.url, "" if module.single else module.name)
        for module in navigation.modules_for(actor, user, "")
        for item in module.items
        if _begin(words, _words(f"{module.name} {item.name} {item.also}"))
    ]
    return Group("Páginas", "bs_icon/window.svg", tuple(hits[:SHOWN]), len(hits) > SHOWN)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", fold(text))


def _begin(words: list[str], named: list[str]) -> bool:
    return all(any(name.startswith(word) for name in named) for word in words)


def _vouchers(asked: str, actor: Actor) -> Group:
    kinds = [kind.value for kind in VoucherKind if actor.may(kind, Action.VIEW)]
    ours = scoped(Voucher.objects.filter(kind__in=kinds), actor)
    rows = _newest(searching.search(ours, actor.company, asked)) if kinds else []
    hits = [_voucher_hit(row) for row in rows[:SHOWN]]
    return Group("Comprobantes", "bs_icon/file-earmark-text.svg", tuple(hits), len(rows) > SHOWN)


def _newest(found: QuerySet[Voucher]) -> list[Voucher]:
    """Few are found before they are put in order; of many the order finds the first ones at once."""
    ids: list[UUID] = list(found.order_by().values_list("pk", flat=True)[:_COMMON])
    rows = found if len(ids) == _COMMON else Voucher.objects.filter(pk__in=ids)
    return list(rows.select_related("party").order_by("-issued_on", "-id")[: SHOWN + 1])


def _voucher_hit(row: Voucher) -> Hit:
    url = reverse("web:voucher", args=[row.kind, row.pk])
    note = f"{row.party.name} · {formats.day(row.issued_on)} · {formats.amount(row.total, row.currency)}"
    return Hit(row.title, url, note, voided=row.voided_at is not None)


def _parties(asked: str, actor: Actor) -> Iterator[Group]:
    for section in SECTIONS:
        if not actor.may(section.page, Action.VIEW):
            continue
        found = filters.search(parties_of(actor, section), actor.company, asked)
        rows: list[Party] = list(found.order_by("name", "id")[: SHOWN + 1])
        hits = tuple(Hit(row.name, reverse("web:party", args=[section, row.pk]), _who(row)) for row in rows[:SHOWN])
        yield Group(section.title, "bs_icon/people.svg", hits, len(rows) > SHOWN)


def _who(party: Party) -> str:
    return " · ".join(filter(None, (document(party.tax_id), party.external_id)))
