"""*Enviar comprobante*: what was chosen becomes the draft of a batch, whose page previews it and asks for a yes."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.models import Batch
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.access import ActorRequest, acting
from acuse.web.grids import counting
from acuse.web.grids.selecting import Chosen, refuse_another_company
from acuse.web.vouchers.filters import VoucherFilter

#: Up to so many are worked out while one waits; more are left to a worker.
AT_ONCE = 1000


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def send(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    """Of what the form chooses: its draft, which sends nothing and is forgotten in a day. An address asks for a click
    first, since looking writes nothing."""
    request.actor.require(kind, Action.SEND)
    away = refuse_another_company(request, reverse("web:voucher_grid", args=[kind]))
    if away is not None:
        return away
    chosen = Chosen.read(request.POST if request.method == "POST" else request.GET, VoucherFilter.base_filters)
    if request.method != "POST":
        return _ask(request, kind, chosen)
    batch = _draft(request.actor, kind, chosen)
    return _nothing_chosen(request, kind) if batch is None else redirect("web:batch", batch.pk)


def send_one(actor: Actor, voucher: Voucher) -> HttpResponse:
    """To the preview of one voucher that the actor may send."""
    batch = _draft(actor, VoucherKind(voucher.kind), Chosen((voucher.pk,), None, clock.now()))
    if batch is None:
        raise Http404
    return redirect("web:batch", batch.pk)


def _ask(request: ActorRequest, kind: VoucherKind, chosen: Chosen) -> HttpResponse:
    count = counting.count(_vouchers(request.actor, kind, chosen))
    if chosen.ids and count.number != len(chosen.ids):
        raise Http404
    if not count.number:
        return _nothing_chosen(request, kind)
    many = "1 comprobante" if count.exact and count.number == 1 else f"{count.text} comprobantes"
    context = {
        "kind": kind, "chosen": chosen, "as_of": chosen.as_of.isoformat(), "title": "Enviar comprobante",
        "what": [f"Elegiste {many}. Mirá qué sale, a quién y cuánto cuesta: nada se envía hasta que confirmes."],
        "submit": "Ver la vista previa", "back": _grid(kind, chosen), "crumb": kind.plural,
    }  # fmt: skip
    return render(request, "web/vouchers/send_ask.html", context)


def _grid(kind: VoucherKind, chosen: Chosen) -> str:
    grid = reverse("web:voucher_grid", args=[kind])
    return f"{grid}?{chosen.query}" if chosen.query else grid


def _nothing_chosen(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    return render(request, "web/vouchers/send.html", {"kind": kind, "grid_name": kind.plural})


def _vouchers(actor: Actor, kind: VoucherKind, chosen: Chosen) -> QuerySet[Voucher]:
    def filtered(query: QueryDict, rows: QuerySet[Voucher]) -> VoucherFilter:
        return VoucherFilter(query, queryset=rows, kind=kind, company=actor.company)

    return chosen.of(scoped(Voucher.objects.filter(kind=kind.value), actor), filtered)


def _draft(actor: Actor, kind: VoucherKind, chosen: Chosen) -> Batch | None:
    """None when nothing was chosen; an id that isn't ours makes it a page that doesn't exist."""
    with transaction.atomic():
        vouchers = _vouchers(actor, kind, chosen).order_by("-issued_on", "-id")
        if not vouchers.exists() and not chosen.ids:
            return None
        batch = batches.open_batch(
            company=actor.company, kind=kind, vouchers=vouchers, actor=actor.label, selection=chosen.as_json()
        )
        if chosen.ids and batch.total != len(chosen.ids):
            raise Http404
    if batch.total <= AT_ONCE:
        batch_work.work(batch.pk, wait=True)
    else:
        batches.work_it_out_later(batch)
    return batch
