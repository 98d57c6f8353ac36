"""Inicio: what waits for a person, and what is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from acuse.companies.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.states import State
from acuse.web.access import ActorRequest, acting
from acuse.web.states import LOOKS, Look


@dataclass(frozen=True, slots=True)
class Figure:
    look: Look
    count: int
    #: What it means, and what to do.
    text: str
    url: str


_SUSPENDED = Look("En pausa", "bs_icon/pause-circle.svg", "uncertain")
_WAITING = {
    State.FAILED: "No llegaron: mirá la causa y reenvialos.",
    State.UNCERTAIN: "Salieron y nadie respondió: decidí si llegaron.",
}
_ON_THEIR_WAY = {
    State.QUEUED: "Esperan su turno.",
    State.SENT: "El proveedor los aceptó.",
    State.DELIVERED: "Llegaron, sin leer todavía.",
    State.READ: "Los leyeron.",
}


@require_safe
@acting
def home(request: ActorRequest) -> HttpResponse:
    if not request.actor.may(Page.DELIVERIES, Action.VIEW):
        return render(request, "web/home/home.html", {"sees_deliveries": False})
    counts = _counts(request.actor)
    suspended = scoped(Suspension.objects.filter(ended_at=None), request.actor).count()
    waiting = [_figure(state, counts, text, unresolved="on") for state, text in _WAITING.items()]
    waiting.append(
        Figure(_SUSPENDED, suspended, "Algo no funciona: mirá qué hacer.", reverse("web:deliveries") + "#pausas")
    )
    context = {
        "sees_deliveries": True,
        "waiting": waiting,
        "nothing_waits": not any(figure.count for figure in waiting),
        "on_their_way": [_figure(state, counts, text, unresolved="on") for state, text in _ON_THEIR_WAY.items()],
    }
    return render(request, "web/home/home.html", context)


def _counts(actor: Actor) -> dict[str, int]:
    """By state; what was asked again counts once, as its last delivery."""
    last = scoped(Delivery.objects.filter(resends=None), actor)
    return dict(last.values_list("state").annotate(count=Count("pk")).order_by())


def _figure(state: State, counts: dict[str, int], text: str, **filters: str) -> Figure:
    url = f"{reverse('web:deliveries')}?{urlencode({'state': state.value, **filters})}"
    return Figure(LOOKS[state], counts.get(state.value, 0), text, url)
