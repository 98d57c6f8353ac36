"""*Enviar comprobante*: the preview, and the asking. Sending the form twice sends once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from acuse.companies.pages import Action
from acuse.companies.scope import Actor, scoped
from acuse.deliveries import planning, services
from acuse.deliveries.models import Delivery
from acuse.deliveries.services import Asked, Asker
from acuse.deliveries.states import Origin, Priority
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.access import ActorRequest, acting
from acuse.web.navigation import GRID_NAMES
from acuse.web.vouchers.filters import VoucherFilter
from acuse.web.vouchers.preview import SHOWN, preview_of

#: The most that are sent at once from a grid.
MOST = 1000
#: From so many on, others' single clicks go first.
_BULK_FROM = 50


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def send(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    request.actor.require(kind, Action.SEND)
    if request.method == "POST":
        return _ask(request, kind)
    vouchers = _chosen(request, kind)
    context = {
        "kind": kind,
        "grid_name": GRID_NAMES[kind],
        "vouchers": vouchers,
        "ids": " ".join(str(voucher.pk) for voucher in vouchers),
        "preview": preview_of(request.actor.company, vouchers),
        "previewed_at": clock.now().isoformat(),
        "shown": SHOWN,
        "most": MOST if "all" in request.GET and len(vouchers) == MOST else None,
    }
    return render(request, "web/vouchers/send.html", context)


def _chosen(request: ActorRequest, kind: VoucherKind) -> list[Voucher]:
    """Those ticked, or all that the grid's filters leave."""
    ours = scoped(Voucher.objects.filter(kind=kind.value), request.actor).select_related("party", "company", "file")
    if "all" in request.GET:
        matching = VoucherFilter(request.GET, queryset=ours).qs
        return list(matching.order_by("-issued_on", "-id")[:MOST])
    return _exactly(ours.order_by("-issued_on", "-id"), request.GET.getlist("id"))


def _exactly(ours: object, texts: Sequence[str]) -> list[Voucher]:
    """Every one of these; one that isn't ours makes it a page that doesn't exist."""
    try:
        ids = {UUID(text) for text in texts}
    except ValueError as error:
        raise Http404 from error
    found = list(ours.filter(pk__in=ids))  # type: ignore[attr-defined]
    if len(found) != len(ids):
        raise Http404
    return found


def _ask(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    ids = request.POST.get("ids", "").split()[:MOST]
    previewed_at = _moment(request.POST.get("previewed_at", "")) or clock.now()
    again = request.POST.get("again") == "1"
    asked = _ask_once(request.actor, kind, ids, again=again, previewed_at=previewed_at)
    _tell(request, asked)
    if len(ids) == 1:
        return redirect("web:voucher", kind, ids[0])
    return redirect(reverse("web:voucher_grid", args=[kind]))


def _moment(text: str) -> datetime | None:
    """None for what the preview never writes."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


@transaction.atomic
def _ask_once(actor: Actor, kind: VoucherKind, ids: Sequence[str], *, again: bool, previewed_at: datetime) -> Asked:
    ours = scoped(Voucher.objects.filter(kind=kind.value), actor).select_related("party", "company", "file")
    # whoever presses the button twice waits here, and finds what the first press asked
    vouchers = _exactly(ours.select_for_update(of=("self",)).order_by("pk"), ids)
    since = Delivery.objects.filter(voucher__in=vouchers, created_at__gt=previewed_at)
    asked_since = set(since.values_list("voucher_id", flat=True)) if again else set()
    office = planning.open_office(actor.company, vouchers)
    priority = Priority.BULK if len(vouchers) >= _BULK_FROM else Priority.BY_HAND
    asker = Asker(actor.label, Origin.MANUAL, priority)
    total = Asked()
    for repeat in (True, False):
        plans = [planning.plan(v, office) for v in vouchers if (again and v.pk not in asked_since) == repeat]
        asked = services.request(plans, office, asker, again=repeat)
        total.deliveries += asked.deliveries
        total.created |= asked.created
    return total


def _tell(request: ActorRequest, asked: Asked) -> None:
    created = len(asked.created)
    before = sum(len(rows) for rows in asked.deliveries) - created
    refused = sum(not rows for rows in asked.deliveries)
    parts = [f"{created} en cola."] if created else []
    if before:
        parts.append("1 ya estaba pedido." if before == 1 else f"{before} ya estaban pedidos.")
    if refused:
        parts.append("1 no se puede enviar." if refused == 1 else f"{refused} no se pueden enviar.")
    level = messages.SUCCESS if created else messages.INFO
    messages.add_message(request, level, " ".join(parts) or "No elegiste ningún comprobante.")
