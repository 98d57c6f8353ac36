"""The rows behind each number of a batch, by pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from acuse.companies.permissions.pages import Action
from acuse.deliveries.batches.progress import STAYED
from acuse.deliveries.models import Batch, BatchItem, Delivery
from acuse.deliveries.states import LEFT, OPEN, State
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.batches.access import batch_or_404
from acuse.web.batches.previewing import refused_of
from acuse.web.batches.reasons import CHANGES, REASONS, WARNINGS
from acuse.web.grids.keyset import Unindexed
from acuse.web.states import LOOKS
from acuse.web.vouchers.preview import lines_of

PER_PAGE = 50
Outcome = BatchItem.Outcome

#: In the address: which vouchers, and how their list is headed.
_VOUCHERS = {
    "van": (Outcome.GOES, "Van"),
    "repetidos": (Outcome.REPEATS, "Ya se pidieron antes"),
    "en-cola": (Outcome.QUEUED, "Ya están en cola"),
    "no-van": (Outcome.REFUSED, "No van"),
}
#: A state's word, of many.
_OF_MANY = {
    State.SENT: "Enviados",
    State.DELIVERED: "Entregados",
    State.READ: "Leídos",
    State.FAILED: "No se entregaron",
    State.CANCELLED: "Cancelados",
}
#: In the address: which deliveries, and how their list is headed.
_DELIVERIES: dict[str, tuple[frozenset[State], str]] = {
    "enviados": (LEFT, "Enviados"),
    "entregados": (frozenset({State.DELIVERED, State.READ}), "Entregados"),
    "pendientes": (OPEN, "Sin salir todavía"),
    "no-salieron": (STAYED, "No salieron"),
    **{state.value: (frozenset({state}), _OF_MANY.get(state, LOOKS[state].word)) for state in State},
}


@require_safe
@acting
def rows(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    batch = batch_or_404(request, batch_id)
    which = request.GET.get("que", "van")
    context: dict[str, Any] = {"batch": batch, "grid_name": VoucherKind(batch.kind).plural}
    if which in _VOUCHERS:
        return render(request, "web/batches/rows.html", {**context, **_vouchers(request, batch, which)})
    if which in _DELIVERIES:
        return render(request, "web/batches/rows.html", {**context, **_deliveries(request, batch, which)})
    raise Http404


def _vouchers(request: ActorRequest, batch: Batch, which: str) -> dict[str, Any]:
    outcome, heading = _VOUCHERS[which]
    items = BatchItem.objects.filter(batch=batch, outcome=outcome)
    reason, warning = request.GET.get("motivo", ""), request.GET.get("aviso", "")
    if reason:
        items = items.filter(reasons__contains=[reason])
        heading = f"{heading}: {REASONS.get(reason, reason)}"
    if warning:
        told = BatchItem.objects.filter(batch=batch) if warning in CHANGES else items
        items = told.filter(warnings__contains=[warning])
        heading = CHANGES.get(warning) or WARNINGS.get(warning, warning)
    # in the order of the index, and nearly always that of their keys
    page = _page(request, items.order_by("asked", "pk").select_related("voucher__party"))
    vouchers = [item.voucher for item in page.object_list]
    for voucher in vouchers:
        voucher.company = batch.company
    lines = lines_of(batch.company, vouchers)
    return {
        "heading": heading,
        "page": page,
        "lines": [*lines.going, *lines.repeats, *lines.queued],
        "refused": refused_of(lines.refused, request.actor),
        "asks_why": outcome is Outcome.REFUSED,
    }


def _deliveries(request: ActorRequest, batch: Batch, which: str) -> dict[str, Any]:
    states, heading = _DELIVERIES[which]
    found = Delivery.objects.filter(batch=batch, state__in=[state.value for state in states])
    # as `last_asked` does, which would look each of them up
    again = Delivery.objects.filter(resend_of__batch=batch).values("resend_of")
    found = found.exclude(pk__in=again)
    if cause := request.GET.get("causa", ""):
        found = found.filter(cause_code=cause)
    # not by the index of the keys, which has the rows of every batch
    ordered = found.order_by(Unindexed("pk"))
    page = _page(request, ordered.select_related("voucher__party", "contact").defer("content"))
    may_open = request.actor.may(batch.kind, Action.VIEW)
    return {"heading": heading, "page": page, "deliveries": page.object_list, "may_open": may_open}


def _page(request: ActorRequest, queryset: QuerySet[Any]) -> Page[Any]:
    """Of the rows before it the keys alone are read, from an index."""
    page = Paginator(queryset.values_list("pk", flat=True), PER_PAGE).get_page(request.GET.get("page"))
    keys = list(page.object_list)
    found = queryset.in_bulk(keys)
    page.object_list = [found[key] for key in keys if key in found]
    return page
