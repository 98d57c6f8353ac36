"""Envíos: every delivery, and what is suspended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from acuse.channels.models import Lane
from acuse.companies.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.states import State
from acuse.web import paging
from acuse.web.access import ActorRequest, acting
from acuse.web.chips import chips_of
from acuse.web.deliveries.filters import DeliveryFilter
from acuse.web.deliveries.tables import DeliveryTable


@dataclass(frozen=True, slots=True)
class Held:
    suspension: Suspension
    #: What is suspended, by name.
    name: str
    #: Deliveries that wait for it.
    count: int


@require_safe
@acting
def deliveries(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.DELIVERIES, Action.VIEW)
    ours = scoped(Delivery.objects.all(), request.actor)
    filtered = DeliveryFilter(request.GET, queryset=ours.select_related("voucher__party", "contact").defer("content"))
    table = DeliveryTable(filtered.qs)
    paging.configure(table, request)
    for row in table.paginated_rows:
        row.record.may_open = request.actor.may(row.record.voucher.kind, Action.VIEW)
    chips = chips_of(filtered.form, request)
    context = {
        "filter": filtered,
        "chips": chips,
        "table": table,
        "none_at_all": not chips and not table.paginator.count,
        "held": _held(request.actor),
        "may_resume": request.actor.may(Page.DELIVERIES, Action.EDIT),
    }
    template = "web/deliveries/_grid.html" if request.htmx.target == "grid" else "web/deliveries/deliveries.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


def _held(actor: Actor) -> list[Held]:
    open_ones = list(scoped(Suspension.objects.filter(ended_at=None), actor).order_by("since"))
    if not open_ones:
        return []
    lanes = list(scoped(Lane.objects.select_related("whatsapp_number"), actor))
    queued = scoped(Delivery.objects.filter(state=State.QUEUED), actor)
    waiting = queued.order_by().values_list("lane_id", "account_key", "template_key")
    counts = list(waiting.annotate(count=Count("pk")))
    place = {"lane": 0, "account": 1, "template": 2}
    return [
        Held(one, _name(one, lanes), sum(row[-1] for row in counts if str(row[place[one.scope]]) == one.key))
        for one in open_ones
    ]


def _name(suspension: Suspension, lanes: Sequence[Lane]) -> str:
    if suspension.scope == "template":
        return f"La plantilla {suspension.key.split('/')[1]}"
    if suspension.scope == "account" and _is_uuid(suspension.key):
        return "La cuenta de WhatsApp"
    lane_id = suspension.key.removeprefix("lane:")
    return next((lane.name for lane in lanes if str(lane.pk) == lane_id), "Una línea de envío")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
