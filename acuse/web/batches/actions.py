"""What a person decides about a batch: send it, look at it again, pause, resume, cancel."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST

from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.batches.progress import progress_of
from acuse.deliveries.models import Batch, BatchItem
from acuse.deliveries.services import DeliveryError
from acuse.kernel.numerals import thousands
from acuse.web.access import ActorRequest, acting
from acuse.web.batches.access import batch_or_404
from acuse.web.batches.reasons import CHANGES
from acuse.web.charts.words import many
from acuse.web.vouchers.sending import AT_ONCE

#: So few are asked while one waits, without a worker.
ASKED_AT_ONCE = batch_work.BULK_FROM
#: Seconds that a request spends on stopping a batch; what is left over is a worker's.
_PATIENCE = 1.0


@require_POST
@acting
def confirm(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    found = batch_or_404(request, batch_id)
    try:
        started = batches.confirm(
            batch=found, again=request.POST.get("again") == "1", actor=request.actor.label,
            seen=request.POST.get("seen", ""),
        )  # fmt: skip
    except DeliveryError as error:
        messages.warning(request, str(error))
        return redirect("web:batch", found.pk)
    if found.total > ASKED_AT_ONCE:
        return redirect("web:batch", found.pk)
    if started:
        batch_work.work(found.pk, wait=True)
        _tell(request, found)
    else:
        messages.info(request, "Ya estaba pedido.")
    return _back_to_work(found)


def _back_to_work(batch: Batch) -> HttpResponse:
    """A few are followed where they were chosen."""
    only = list(BatchItem.objects.filter(batch=batch).values_list("voucher_id", flat=True)[:2])
    if len(only) == 1:
        return redirect("web:voucher", batch.kind, only[0])
    return redirect(reverse("web:voucher_grid", args=[batch.kind]))


def _tell(request: ActorRequest, batch: Batch) -> None:
    asked = progress_of(Batch.objects.get(pk=batch.pk))
    outcomes = dict(BatchItem.objects.filter(batch=batch).values_list("outcome").annotate(count=Count("pk")))
    before = outcomes.get("queued", 0) + (0 if asked.asked else outcomes.get("repeats", 0))
    parts = [f"{many(asked.deliveries, 'envío', 'envíos')} en cola."] if asked.deliveries else []
    if before:
        parts.append("1 ya estaba pedido." if before == 1 else f"{before} ya estaban pedidos.")
    if asked.refused:
        parts.append("1 no se puede enviar." if asked.refused == 1 else f"{asked.refused} no se pueden enviar.")
    level = messages.SUCCESS if asked.deliveries else messages.INFO
    messages.add_message(request, level, " ".join(parts) or "No había nada para enviar.")
    for code in batch_preview.changes_of(batch):
        rows = f"{reverse('web:batch_rows', args=[batch.pk])}?que=van&aviso={code}"
        messages.warning(request, format_html('{}. <a href="{}">Ver</a>', CHANGES[code], rows))


@require_POST
@acting
def look_again(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """Something was mended: the draft is worked out anew."""
    found = batch_or_404(request, batch_id)
    batches.look_again(batch=found)
    if found.total <= AT_ONCE:
        batch_work.work(found.pk, wait=True)
    else:
        batches.work_it_out_later(found)
    return redirect("web:batch", found.pk)


@require_POST
@acting
def pause(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    found = batch_or_404(request, batch_id)
    if batches.pause(batch=found, actor=request.actor.label):
        batch_work.work(found.pk, wait=True, seconds=_PATIENCE)
    else:
        messages.info(request, "Ya no estaba en curso.")
    return redirect("web:batch", found.pk)


@require_POST
@acting
def resume(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    found = batch_or_404(request, batch_id)
    if not batches.resume(batch=found, actor=request.actor.label):
        messages.info(request, "No estaba en pausa.")
    return redirect("web:batch", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def cancel(request: ActorRequest, batch_id: UUID) -> HttpResponse:
    """The question, and what it answers: what is cancelled can't be taken back."""
    found = batch_or_404(request, batch_id)
    if request.method == "POST":
        if batches.cancel(batch=found, actor=request.actor.label):
            batch_work.work(found.pk, wait=True, seconds=_PATIENCE)
        else:
            messages.info(request, "Ya había terminado: no quedaba nada por cancelar.")
        return redirect("web:batch", found.pk)
    progress = progress_of(found)
    context = {
        "title": "¿Cancelar esta tanda?",
        "what": _what_cancelling_does(progress.left, progress.open + progress.to_ask),
        "submit": "Cancelar la tanda",
        "danger": True,
        "back": reverse("web:batch", args=[found.pk]),
        "crumb": "Volver a la tanda",
    }
    return render(request, "web/confirm.html", context)


def _what_cancelling_does(left: int, waiting: int) -> list[str]:
    gone = (
        "Ya salió 1: ese no se puede cancelar."
        if left == 1
        else f"Ya salieron {thousands(left)}: esos no se pueden cancelar."
    )
    if waiting == 0:
        stays = "No queda ninguno sin salir: cancelarla no cambia nada."
    elif waiting == 1:
        stays = "Queda 1 sin salir: si la cancelás no sale. Después lo podés enviar aparte."
    else:
        stays = (
            f"Quedan {thousands(waiting)} sin salir: si la cancelás no salen. Después los podés enviar en otra tanda."
        )
    return [*([gone] if left else []), stays]
