"""*Tandas*: a batch's page (its preview until it is confirmed, then its progress), and the list of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRefresh

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import NotAllowed, scoped
from acuse.deliveries import waking
from acuse.deliveries.batches import services
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.batches.progress import progress_of
from acuse.deliveries.models import Batch
from acuse.vouchers.kinds import VoucherKind
from acuse.web import polling
from acuse.web.access import ActorRequest, acting
from acuse.web.actors import by_whom
from acuse.web.batches.access import batch_or_404
from acuse.web.batches.previewing import RECHECKED, plan_bar, preview_context
from acuse.web.batches.progressing import progress_context
from acuse.web.navigation import may_send_any

PER_PAGE = 20
#: Seconds between looks at the list while one of its batches goes on.
_BUSY = 5
State = Batch.State


@dataclass(frozen=True, slots=True)
class Row:
    batch: Batch
    name: str
    who: str
    #: So far, while it goes on.
    left: int | None


def _require_sending(request: ActorRequest) -> None:
    if not may_send_any(request.actor):
        raise NotAllowed(VoucherKind.SALES_INVOICE.value, Action.SEND.value)


@require_safe
@acting
def under_way(request: ActorRequest) -> HttpResponse:
    """What every page says of one's own that go on, for its poller; 204 when nothing is new."""
    _require_sending(request)
    rows = services.under_way(request.actor.company, request.actor.label)
    if rows and request.GET.get("seen") == "".join(f"{one.pk}-{one.state}." for one in rows):
        return HttpResponse(status=204)
    return render(request, "web/batches/_notice.html", {"batches_under_way": rows})


@require_safe
@acting
def batches(request: ActorRequest) -> HttpResponse:
    """Confirmed ones, of the kinds that the actor may send. What went alone is no batch to people."""
    _require_sending(request)
    kinds = [kind for kind in VoucherKind if request.actor.may(kind, Action.SEND)]
    confirmed = Batch.objects.filter(kind__in=kinds, confirmed_at__isnull=False, total__gt=1)
    page = Paginator(scoped(confirmed, request.actor).order_by("-created_at"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    rows = [
        Row(
            one,
            VoucherKind(one.kind).plural,
            by_whom(one.requested_by),
            progress_of(one).left if one.ended_at is None else one.sent_count,
        )
        for one in page
    ]
    context = {"page": page, "rows": rows}
    every = _BUSY if any(one.ended_at is None for one in page) else polling.CALM
    return polling.live(request, "web/batches/list.html", "web/batches/_list.html", context, every=every)


@require_safe
@acting
def batch(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    found = batch_or_404(request, batch_id)
    few = found.state == State.READY and found.total <= RECHECKED
    if request.method == "GET" and few and not batch_work.is_current(found):
        # as things are now, so that what was mended in another page shows
        services.look_again(batch=found)
        batch_work.work(found.pk, wait=True)
        found.refresh_from_db()
    if request.htmx and found.state != State.READY:
        # the preview that asked is over, by another page: what the batch is now takes its whole place
        return HttpResponseClientRefresh()
    match State(found.state):
        case State.PREVIEWING:
            return render(request, "web/batches/planning.html", _planning(found))
        case State.READY:
            return render(request, "web/vouchers/send.html", preview_context(request.actor, found))
        case _:
            return render(request, "web/batches/batch.html", progress_context(request.actor, found))


@require_safe
@acting
def progress(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """What moves of the page, for its poller: 204 when nothing did."""
    found = batch_or_404(request, batch_id)
    if found.state == State.PREVIEWING:
        return render(request, "web/batches/_planning.html", _planning(found))
    if found.state == State.READY:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    context = progress_context(request.actor, found)
    if request.GET.get("seen") == context["poll"].seen:
        return HttpResponse(status=204)
    return render(request, "web/batches/_batch.html", context)


def _planning(found: Batch) -> dict[str, Any]:
    return {
        "batch": found,
        "kind": VoucherKind(found.kind),
        "grid_name": VoucherKind(found.kind).plural,
        **plan_bar(found),
        "working": waking.anybody_working(),
    }
