"""What is done to many deliveries: a question that says how many can and why the others can't, then slice by slice.

Each request does what fits in a moment and says how far it is; the page goes on by itself, or by its button.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries import hurrying, services
from acuse.deliveries.models import Delivery
from acuse.deliveries.previewing import market_of
from acuse.deliveries.selectors import kinds_with, seen_by
from acuse.deliveries.services import Asker, DeliveryError
from acuse.deliveries.states import Origin, Priority, State
from acuse.kernel.numerals import thousands
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.charts.words import many as counted
from acuse.web.deliveries.costing import Sent, costs_of
from acuse.web.deliveries.filters import DeliveryFilter
from acuse.web.grids.selecting import ASK, Chosen, refuse_another_company
from acuse.web.states import LOOKS

#: The most in one go; the newest of a longer list.
MOST = 10_000
#: Rows read at once, and seconds that a request works.
_SLICE, _BUDGET = 100, 1.5
#: Uncertain ones of which what is known is listed.
_SHOWN = 50
_SALT = "deliveries.many"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done to many."""

    #: `¿Cancelar 12 envíos?`, `¿Cancelar este envío?`, and their buttons.
    verb: str
    verb_for_one: str
    #: What becomes of them, of many and of one.
    what: tuple[str, str]
    #: Singular and plural of what was done.
    done: tuple[str, str]
    #: States in which it can be done.
    states: frozenset[State]
    do: Callable[[Delivery, str], object]
    danger: bool = False
    #: What was asked again already can't be.
    once: bool = False
    #: Messages leave, which cost.
    sends: bool = False


def _resend(delivery: Delivery, actor: str) -> object:
    return services.resend(delivery, Asker(actor, Origin.MANUAL, Priority.BULK))


def _send_again(delivery: Delivery, actor: str) -> object:
    with transaction.atomic():
        services.resolve(delivery, sent=False, actor=actor)
        return _resend(delivery, actor)


ACTS: dict[str, Act] = {
    "cancelar": Act(
        "Cancelar", "Cancelar",
        ("No salen. Después se pueden pedir de nuevo.", "No sale. Después se puede pedir de nuevo."),
        ("cancelado", "cancelados"), frozenset({State.QUEUED}),
        lambda delivery, actor: services.cancel(delivery, actor=actor), danger=True,
    ),
    "reintentar": Act(
        "Reintentar", "Reintentar",
        ("Los que esperan para más tarde salen apenas les toque el turno.", "Sale apenas le toque el turno."),
        ("apurado", "apurados"), frozenset({State.QUEUED}),
        lambda delivery, actor: hurrying.hurry(delivery, actor=actor),
    ),
    "reenviar": Act(
        "Reenviar", "Reenviar",
        ("Cada uno se pide de nuevo, como un envío nuevo unido al anterior.",
         "Se pide de nuevo, como un envío nuevo unido a este."),
        ("en cola", "en cola"), frozenset({State.FAILED, State.CANCELLED}), _resend, once=True, sends=True,
    ),
    "llego": Act(
        "Marcar que llegaron", "Marcar que llegó",
        ("Quedan como enviados y no se repiten.", "Queda como enviado y no se repite."),
        ("marcado", "marcados"),
        frozenset({State.UNCERTAIN}), lambda delivery, actor: services.resolve(delivery, sent=True, actor=actor),
        once=True,
    ),
    "volver-a-enviar": Act(
        "Volver a enviar", "Volver a enviar",
        ("Quedan como no entregados y se piden de nuevo. Si el primero había llegado, llega dos veces.",
         "Queda como no entregado y se pide de nuevo. Si el primero había llegado, llega dos veces."),
        ("en cola", "en cola"), frozenset({State.UNCERTAIN}), _send_again, once=True, sends=True,
    ),
}  # fmt: skip


def _rows(chosen: Chosen, actor: Actor) -> QuerySet[Delivery]:
    """Only those of kinds that the actor may see."""
    kinds = kinds_with(actor, Action.VIEW)

    def filtered(query: QueryDict, rows: QuerySet[Delivery]) -> DeliveryFilter:
        return DeliveryFilter(query, queryset=rows, company=actor.company, kinds=kinds)

    return chosen.of(seen_by(actor).order_by("-created_at", "-id"), filtered)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is; it travels signed, since who reads it believes it."""

    done: int = 0
    seen: int = 0
    #: How many in all, when it began.
    total: int = 0
    #: The last row that was looked at.
    after: tuple[str, str] | None = None
    #: Why the others couldn't → how many.
    refused: tuple[tuple[str, int], ...] = ()

    def sealed(self) -> str:
        return signing.dumps([self.done, self.seen, self.total, self.after, self.refused], salt=_SALT)

    @classmethod
    def opened(cls, sealed: str) -> Progress:
        if not sealed:
            return cls()
        try:
            done, seen, total, after, refused = signing.loads(sealed, salt=_SALT)
        except signing.BadSignature as error:
            raise Http404 from error
        return cls(done, seen, total, tuple(after) if after else None, tuple((text, count) for text, count in refused))


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def many(request: ActorRequest, act: str) -> HttpResponse:
    request.actor.require(Page.DELIVERIES, Action.VIEW)
    chosen_act = ACTS.get(act)
    if chosen_act is None:
        raise Http404
    sendable = kinds_with(request.actor, Action.SEND)
    if not sendable:
        # tells which right is missing
        seen = kinds_with(request.actor, Action.VIEW) or [VoucherKind.SALES_INVOICE]
        request.actor.require(seen[0], Action.SEND)
    away = refuse_another_company(request, reverse("web:deliveries"))
    if away is not None:
        return away
    given = request.POST if request.method == "POST" else request.GET
    chosen = Chosen.read(given, DeliveryFilter.base_filters)
    if request.method == "POST" and ASK not in request.POST:
        return _work(request, act, chosen_act, chosen)
    return _ask(request, act, chosen_act, chosen)


def _ask(request: ActorRequest, key: str, act: Act, chosen: Chosen) -> HttpResponse:
    rows = _rows(chosen, request.actor)
    total = rows.order_by()[: MOST + 1].count()
    told, going = _looked_at(rows, act, request.actor)
    can = going.total()
    facts = _facts(rows, act, request.actor)[:can] if State.UNCERTAIN in act.states else []
    context = {
        "act": act, "what": act.what[can == 1], "key": key, "can": can, "refused": told.most_common(), "chosen": chosen,
        "as_of": chosen.as_of.isoformat(), "most": MOST if total > MOST else None, "title": _question(act, can),
        "facts": facts, "untold": can - len(facts),
        "submit": f"{act.verb} {thousands(can)}" if can > 1 else act.verb_for_one,
        "back": _back(chosen), **(costs_of(request.actor, going) if act.sends and can else {}),
    }  # fmt: skip
    return render(request, "web/deliveries/many.html", context)


def _question(act: Act, can: int) -> str:
    if not can:
        return f"{act.verb}: ninguno se puede"
    return f"¿{act.verb_for_one} este envío?" if can == 1 else f"¿{act.verb} {thousands(can)} envíos?"


def _back(chosen: Chosen) -> str:
    return f"{reverse('web:deliveries')}?{chosen.query}" if chosen.query else reverse("web:deliveries")


def _looked_at(rows: QuerySet[Delivery], act: Act, actor: Actor) -> tuple[Counter[str], Counter[Sent]]:
    """Why some can't, and what the others are, of the first `MOST`; the services have the last word on each."""
    found = list(rows.values_list("pk", "state", "kind", "held", "channel", "to")[:MOST])
    resent: set[UUID] = set()
    if act.once:
        ids = [pk for pk, state, *_ in found if state in act.states]
        resent = set(Delivery.objects.filter(resend_of__in=ids).values_list("resend_of_id", flat=True))
    told: Counter[str] = Counter()
    going: Counter[Sent] = Counter()
    for pk, state, kind, held, channel, to in found:
        reason = _why_not((pk, state, kind, held), act, actor, resent)
        if reason:
            told[reason] += 1
        else:
            going[Sent(kind, market_of(channel, to))] += 1
    return told, going


def _why_not(row: tuple[UUID, str, str, bool], act: Act, actor: Actor, resent: set[UUID]) -> str:
    pk, state, kind, held = row
    if not actor.may(kind, Action.SEND):
        return "Son de un tipo de comprobante que tu rol no puede enviar."
    if state not in act.states:
        return f"Están en otro estado: {LOOKS[state].word.lower()}."
    if pk in resent:
        return "Ya se volvieron a pedir."
    return "Su tanda está en pausa: reanudala y salen." if held and act is ACTS["reintentar"] else ""


def _facts(rows: QuerySet[Delivery], act: Act, actor: Actor) -> Sequence[Delivery]:
    """What is known of the first uncertain ones, of those that can."""
    states = [state.value for state in act.states]
    uncertain = rows.filter(state__in=states, resends=None, kind__in=kinds_with(actor, Action.SEND))
    return list(uncertain.select_related("voucher__party", "contact").prefetch_related("answers")[:_SHOWN])


def _work(request: ActorRequest, key: str, act: Act, chosen: Chosen) -> HttpResponse:
    before = Progress.opened(request.POST.get("progress", ""))
    rows = _rows(chosen, request.actor)
    if not before.total:
        before = Progress(total=min(rows.order_by()[: MOST + 1].count(), MOST))
    progress, more = _slice(rows, act, request.actor, before)
    words = act.done[0] if progress.done == 1 else act.done[1]
    context = {
        "act": act, "key": key, "chosen": chosen, "as_of": chosen.as_of.isoformat(), "progress": progress, "more": more,
        "title": act.verb, "sentence": f"{counted(progress.done, 'envío', 'envíos')} {words}.",
        "refused": progress.refused, "back": _back(chosen), "sealed": progress.sealed(),
    }  # fmt: skip
    template = "web/deliveries/_many_progress.html" if request.htmx else "web/deliveries/many_progress.html"
    return render(request, template, context)


def _slice(rows: QuerySet[Delivery], act: Act, actor: Actor, before: Progress) -> tuple[Progress, bool]:
    """What fits in a moment, and whether there is more."""
    until = time.monotonic() + _BUDGET
    done, seen, after, refused = before.done, before.seen, before.after, Counter(dict(before.refused))
    more = True
    while more and time.monotonic() < until and seen < before.total:
        batch = list(_after(rows, after)[: min(_SLICE, before.total - seen)])
        more = bool(batch)
        for delivery in batch:
            reason = _do(delivery, act, actor)
            done, seen = done + (not reason), seen + 1
            if reason:
                refused[reason] += 1
            after = (delivery.created_at.isoformat(), str(delivery.pk))
            if time.monotonic() >= until:
                break
    return Progress(done, seen, before.total, after, tuple(refused.most_common())), more and seen < before.total


def _after(rows: QuerySet[Delivery], after: tuple[str, str] | None) -> QuerySet[Delivery]:
    if after is None:
        return rows
    at, pk = after
    return rows.filter(Q(created_at__lt=at) | Q(created_at=at, pk__lt=pk))


def _do(delivery: Delivery, act: Act, actor: Actor) -> str:
    """Why it couldn't; blank when it is done."""
    resent = {delivery.pk} if act.once and delivery.resends.exists() else set()
    reason = _why_not((delivery.pk, delivery.state, delivery.kind, delivery.held), act, actor, resent)
    if reason:
        return reason
    try:
        act.do(delivery, actor.label)
    except DeliveryError as error:
        return str(error)
    return ""
