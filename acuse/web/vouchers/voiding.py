"""*Anular*, which asks once, and *Volver a activar*, which undoes it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies.permissions.pages import Action
from acuse.deliveries import voiding
from acuse.vouchers import services
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.access import ActorRequest, acting
from acuse.web.vouchers.one import find


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def void(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    found = find(request, kind, voucher_id)
    request.actor.require(kind, Action.VOID)
    if found.voided_at is not None:
        messages.info(request, "Ya estaba anulado.")
        return redirect("web:voucher", kind, found.pk)
    if request.method != "POST":
        context = {
            "title": f"¿Anular {found.title}?",
            "what": _consequences(found),
            "submit": "Anular",
            "danger": True,
            "back": reverse("web:voucher", args=[kind, found.pk]),
            "crumb": found.title,
        }
        return render(request, "web/confirm.html", context)
    cancelled = voiding.void(found, actor=request.actor.label)
    words = {0: "", 1: " Se canceló 1 envío que estaba en cola."}
    more = words.get(cancelled, f" Se cancelaron {cancelled} envíos que estaban en cola.")
    messages.success(request, f"Quedó anulado.{more}")
    return redirect("web:voucher", kind, found.pk)


def _consequences(voucher: Voucher) -> list[str]:
    waiting, gone = voiding.consequences(voucher)
    found = ["Lo anulado no se envía más. Sigue en la grilla, tachado, y lo podés volver a activar."]
    if waiting:
        found.append(
            "1 envío está en cola: se cancela." if waiting == 1 else f"{waiting} envíos están en cola: se cancelan."
        )
    if gone:
        sent = "1 mensaje ya salió" if gone == 1 else f"{gone} mensajes ya salieron"
        found.append(f"{sent}: eso no se puede deshacer. Si hace falta, avisale a quien lo recibió.")
    if voucher.electronic and voucher.cae:
        found.append("Anularlo acá no lo anula en ARCA: para eso hace falta una nota de crédito.")
    return found


@require_POST
@acting
def unvoid(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    found = find(request, kind, voucher_id)
    request.actor.require(kind, Action.VOID)
    services.unvoid(voucher=found, actor=request.actor.label)
    messages.success(request, "Volvió a quedar activo. No se envía nada solo: lo cancelado sigue cancelado.")
    return redirect("web:voucher", kind, found.pk)
