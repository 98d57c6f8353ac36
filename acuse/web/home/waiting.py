"""What waits for a person: each number leads to exactly its rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from acuse.companies.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries import selectors
from acuse.deliveries.figures import statistics
from acuse.deliveries.selectors import kinds_with, seen_by
from acuse.vouchers.kinds import FISCAL, VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.charts.words import number
from acuse.web.grids import counting
from acuse.web.grids.counting import Count
from acuse.web.navigation import GRID_NAMES
from acuse.web.vouchers.filters import NEVER, NO_CAE, NO_CONTACT, VoucherFilter


@dataclass(frozen=True, slots=True)
class Lead:
    """A part of a figure, with its own rows."""

    text: str
    count: str
    url: str


@dataclass(frozen=True, slots=True)
class Figure:
    word: str
    icon: str
    #: The CSS class `state-<tone>`.
    tone: str
    count: Count
    #: What it means, and what to do.
    text: str
    #: Blank where the leads say it.
    url: str = ""
    leads: tuple[Lead, ...] = field(default=())

    @property
    def text_count(self) -> str:
        return number(self.count.number) + ("" if self.count.exact else "+")


_OF_DELIVERIES = {
    "failed": (
        "No se entregaron", "bs_icon/x-octagon.svg", "failed",
        "Mirá la causa, y reenvialos cuando esté arreglada.",
    ),
    "uncertain": (
        "Sin confirmar", "bs_icon/question-circle.svg", "uncertain",
        "Salieron y nadie respondió. Decidí si llegaron.",
    ),
    "undelivered": (
        "Enviados y sin entregar", "bs_icon/hourglass-split.svg", "uncertain",
        "WhatsApp los tiene hace más de 24 horas. Puede que el teléfono esté apagado.",
    ),
}  # fmt: skip


def figures(actor: Actor) -> list[Figure]:
    found = _of_vouchers(actor)
    if actor.may(Page.DELIVERIES, Action.VIEW):
        found = [*_of_deliveries(actor), *found]
    # what is something comes first, in the same order
    return sorted(found, key=lambda figure: not figure.count.number)


def _of_deliveries(actor: Actor) -> list[Figure]:
    ours = seen_by(actor)
    url = reverse("web:deliveries")
    found = [
        Figure(word, icon, tone, counting.count(statistics.WAITING[name](ours)), text, f"{url}?waiting={name}")
        for name, (word, icon, tone, text) in _OF_DELIVERIES.items()
    ]
    suspended = Count(selectors.open_suspensions(actor.company).count(), exact=True)
    unread = counting.count(selectors.unhandled_answers(actor.company))
    found.append(
        Figure("En pausa", "bs_icon/pause-circle.svg", "failed", suspended,
               "Una línea no puede enviar. Ahí dice qué hacer.", f"{url}#pausas")
    )  # fmt: skip
    found.append(
        Figure("Mensajes recibidos", "bs_icon/chat-left-text.svg", "read", unread,
               "Lo que contestaron y nadie atendió todavía.", reverse("web:inbound"))
    )  # fmt: skip
    return found


def _of_vouchers(actor: Actor) -> list[Figure]:
    since = (timezone.localdate() - timedelta(days=statistics.WAITING_DAYS)).isoformat()
    kinds = kinds_with(actor, Action.VIEW)
    return [
        _by_kind(
            actor, "Sin contacto", "bs_icon/person-x.svg", "No hay a quién enviarles: cargá un celular o un correo.",
            kinds, {"ready": NO_CONTACT, "state": NEVER, "voided": "no", "since": since},
        ),
        _by_kind(
            actor, "Falta el CAE", "bs_icon/hourglass.svg", "Se pueden enviar cuando ARCA los autorice.",
            [kind for kind in kinds if kind in FISCAL], {"cae": NO_CAE, "voided": "no", "since": since},
        ),
    ]  # fmt: skip


def _by_kind(
    actor: Actor, word: str, icon: str, text: str, kinds: Iterable[VoucherKind], filters: dict[str, str]
) -> Figure:
    query = QueryDict(mutable=True)
    query.update(filters)
    leads, total, exact = [], 0, True
    for kind in kinds:
        ours = scoped(Voucher.objects.filter(kind=kind.value), actor)
        found = counting.count(VoucherFilter(query, queryset=ours, kind=kind, company=actor.company).qs)
        if found.number:
            url = f"{reverse('web:voucher_grid', args=[kind])}?{query.urlencode()}"
            leads.append(Lead(GRID_NAMES[kind], number(found.number) + ("" if found.exact else "+"), url))
        total, exact = total + found.number, exact and found.exact
    return Figure(word, icon, "uncertain", Count(total, exact), text, leads=tuple(leads))
