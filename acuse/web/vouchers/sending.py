"""*Enviar comprobante*: what was chosen becomes the draft of a batch, whose page previews it and asks for a yes."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.models import Batch
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.vouchers.selection import Selection

#: Up to so many are worked out while one waits; more are left to a worker.
AT_ONCE = 1000


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def send(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    """Of what the address or the form chooses. A draft sends nothing, and is forgotten in a day."""
    request.actor.require(kind, Action.SEND)
    try:
        selection = Selection.from_query(kind, request.POST if request.method == "POST" else request.GET)
    except ValueError as error:
        raise Http404 from error
    batch = _draft(request.actor, selection)
    if batch is None:
        return render(request, "web/vouchers/send.html", {"kind": kind, "grid_name": kind.plural})
    if batch.total <= AT_ONCE:
        batch_work.work(batch.pk, wait=True)
    else:
        batches.work_it_out_later(batch)
    return redirect("web:batch", batch.pk)


@transaction.atomic
def _draft(actor: Actor, selection: Selection) -> Batch | None:
    """None when nothing was chosen; an id that isn't ours makes it a page that doesn't exist."""
    chosen = selection.queryset(actor).order_by("-issued_on", "-id")
    if not chosen.exists() and not selection.ids:
        return None
    batch = batches.open_batch(
        company=actor.company, kind=selection.kind, vouchers=chosen, actor=actor.label, selection=selection.as_json()
    )
    if selection.ids and batch.total != len(selection.ids):
        raise Http404
    return batch
