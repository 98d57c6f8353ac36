"""What waits for a person: each number leads to exactly its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries import selectors
from acuse.deliveries.figures import statistics
from acuse.deliveries.selectors import kinds_with, seen_by
from acuse.directory.services import PAGES
from acuse.vouchers.kinds import FISCAL, VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.charts.words import number
from acuse.web.grids import counting
from acuse.web.grids.counting import Count
from acuse.web.vouchers.filters import NEVER, NO_CAE, NO_CONTACT, WITHOUT_CAE, in_state, usable_contact


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


@dataclass(frozen=True, slots=True)
class _Words:
    word: str
    icon: str
    tone: str
    #: What it means to who can only look.
    means: str
    #: The same, with what to do, to who may do it.
    to_do: str = ""

    def told(self, *, may: bool) -> str:
        return self.to_do if may and self.to_do else self.means


#: The first three are those of `statistics.WAITING`, in their order. Who may send is told what to do.
_OF_DELIVERIES = (
    _Words(
        "No se entregaron", "bs_icon/x-octagon.svg", "failed",
        "Cada uno dice la causa.",
        "Mirá la causa, y reenvialos cuando esté arreglada.",
    ),
    _Words(
        "Sin confirmar", "bs_icon/question-circle.svg", "uncertain",
        "Salieron y nadie respondió: no se sabe si llegaron.",
        "Salieron y nadie respondió. Decidí si llegaron.",
    ),
    _Words(
        "Enviados y sin entregar", "bs_icon/hourglass-split.svg", "uncertain",
        "WhatsApp los tiene hace más de 24 horas. Puede que el teléfono esté apagado.",
    ),
    _Words(
        "En pausa", "bs_icon/pause-circle.svg", "failed",
        "Una línea no puede enviar. Ahí dice por qué.",
        "Una línea no puede enviar. Ahí dice qué hacer.",
    ),
    _Words(
        "Mensajes recibidos", "bs_icon/chat-left-text.svg", "read",
        "Lo que contestaron y nadie atendió todavía.",
    ),
)  # fmt: skip
#: Who may edit whom they go to is told what to do.
_WITHOUT_CONTACT = _Words(
    "Sin contacto", "bs_icon/person-x.svg", "uncertain",
    "No hay a quién enviarles: falta un celular o un correo.",
    "No hay a quién enviarles: cargá un celular o un correo.",
)  # fmt: skip
_WITHOUT_CAE = _Words(
    "Falta el CAE", "bs_icon/hourglass.svg", "uncertain", "Se pueden enviar cuando ARCA los autorice."
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A number to be counted, and where its rows are."""

    rows: QuerySet[Any]
    url: str
    #: The kind's, where a figure has a part for each.
    name: str = ""


def figures(actor: Actor) -> list[Figure]:
    """Every number by one query."""
    kinds = kinds_with(actor, Action.VIEW)
    of_deliveries = _of_deliveries(actor) if actor.may(Page.DELIVERIES, Action.VIEW) else []
    without_contact, without_cae = _without_contact(actor, kinds), _without_cae(actor, kinds)
    wanted = [*of_deliveries, *without_contact, *without_cae]
    counts = iter(counting.count_all([one.rows for one in wanted]))
    sends = bool(kinds_with(actor, Action.SEND))
    found = [
        Figure(words.word, words.icon, words.tone, next(counts), words.told(may=sends), one.url)
        for one, words in zip(of_deliveries, _OF_DELIVERIES, strict=False)
    ]
    edits = any(actor.may(page, Action.EDIT) for page in PAGES.values())
    found.append(_summed(_WITHOUT_CONTACT, edits, without_contact, [next(counts) for _ in without_contact]))
    found.append(_summed(_WITHOUT_CAE, False, without_cae, [next(counts) for _ in without_cae]))
    # what is something comes first, in the same order
    return sorted(found, key=lambda figure: not figure.count.number)


def _of_deliveries(actor: Actor) -> list[_Wanted]:
    """In the order of `_OF_DELIVERIES`."""
    ours = seen_by(actor)
    url = reverse("web:deliveries")
    return [
        *(_Wanted(rows(ours), f"{url}?waiting={name}") for name, rows in statistics.WAITING.items()),
        _Wanted(selectors.open_suspensions(actor.company), f"{url}#pausas"),
        _Wanted(selectors.unhandled_answers(actor), reverse("web:inbound")),
    ]


def _without_contact(actor: Actor, kinds: Iterable[VoucherKind]) -> list[_Wanted]:
    since = _since()
    filters = {"ready": NO_CONTACT, "state": NEVER, "voided": "no", "since": since.isoformat()}
    return [
        _Wanted(
            in_state(_ours(actor, kind), actor.company, kind, NEVER).filter(
                ~Exists(usable_contact(OuterRef("party"), kind.value)), reach__issued_on__gte=since
            ),
            _grid(kind, filters),
            kind.plural,
        )
        for kind in kinds
    ]


def _without_cae(actor: Actor, kinds: Iterable[VoucherKind]) -> list[_Wanted]:
    since = _since()
    filters = {"cae": NO_CAE, "voided": "no", "since": since.isoformat()}
    return [
        _Wanted(_ours(actor, kind).filter(WITHOUT_CAE, issued_on__gte=since), _grid(kind, filters), kind.plural)
        for kind in kinds
        if kind in FISCAL
    ]


def _since() -> date:
    return timezone.localdate() - timedelta(days=statistics.WAITING_DAYS)


def _ours(actor: Actor, kind: VoucherKind) -> QuerySet[Voucher]:
    return scoped(Voucher.objects.filter(kind=kind.value, voided_at=None), actor)


def _grid(kind: VoucherKind, filters: dict[str, str]) -> str:
    return f"{reverse('web:voucher_grid', args=[kind])}?{urlencode(filters)}"


def _summed(words: _Words, may: bool, part: Sequence[_Wanted], counts: Sequence[Count]) -> Figure:
    leads = tuple(
        Lead(wanted.name, number(count.number) + ("" if count.exact else "+"), wanted.url)
        for wanted, count in zip(part, counts, strict=True)
        if count.number
    )
    total = Count(sum(count.number for count in counts), all(count.exact for count in counts))
    return Figure(words.word, words.icon, words.tone, total, words.told(may=may), leads=leads)
