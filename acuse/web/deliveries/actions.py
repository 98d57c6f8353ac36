"""What a person decides about a delivery or a suspension. Each by POST, then back to the page that shows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import services
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.services import Asker, DeliveryError
from acuse.deliveries.states import Origin
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.charts.words import many
from acuse.web.templatetags.acuse_web import address, channel_name

_ASKED_OUT = "Su contacto pidió la baja: no le enviamos nada hasta que la persona lo pida."


def _delivery(request: ActorRequest, delivery_id: UUID, *, lock: bool = False) -> Delivery:
    """One of the company's, of a kind that the actor may send."""
    rows = Delivery.objects.select_related("voucher", "contact")
    found = own_or_404(rows.select_for_update(of=("self",)) if lock else rows, request.actor, pk=delivery_id)
    request.actor.require(found.voucher.kind, Action.SEND)
    return found


def _page_of(delivery: Delivery) -> str:
    url = reverse("web:voucher", args=[delivery.voucher.kind, delivery.voucher_id])
    return f"{url}#envio-{delivery.pk}"


def _back(delivery: Delivery) -> HttpResponse:
    return redirect(_page_of(delivery))


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def cancel(request: ActorRequest, delivery_id: UUID) -> HttpResponse:
    """The question, and what it answers: what is cancelled can't be taken back."""
    found = _delivery(request, delivery_id)
    if request.method != "POST":
        return render(request, "web/deliveries/cancel.html", {"delivery": found})
    cancelled = partial(services.cancel, found, actor=request.actor.label)
    return _done(request, found, cancelled, "Cancelado. No va a salir.")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def resend(request: ActorRequest, delivery_id: UUID) -> HttpResponse:
    """What arrived goes again after a question; what didn't, at once."""
    if request.method != "POST":
        found = _delivery(request, delivery_id)
        if found.contact is not None and found.contact.suppressed_at is not None:
            messages.warning(request, _ASKED_OUT)
            return _back(found)
        return _ask_to_repeat(request, found)
    try:
        with transaction.atomic():
            found = _ask_again(request, delivery_id)
    except DeliveryError as error:
        messages.warning(request, str(error))
        return _back(_delivery(request, delivery_id))
    return _back(found)


def _ask_to_repeat(request: ActorRequest, found: Delivery) -> HttpResponse:
    context = {
        "title": "¿Enviarlo otra vez?",
        "what": [
            f"{found.voucher.title} ya salió para {address(found.to)} por {channel_name(found.channel)}.",
            "Si lo reenviás, lo recibe de nuevo.",
        ],
        "submit": "Reenviar",
        "back": _page_of(found),
        "crumb": found.voucher.title,
    }
    return render(request, "web/confirm.html", context)


def _ask_whether_it_arrived(request: ActorRequest, found: Delivery) -> HttpResponse:
    context = {
        "title": "¿Volver a enviarlo?",
        "what": [
            f"No se sabe si {found.voucher.title} le llegó a {address(found.to)}. "
            + (found.cause_text or f"{channel_name(found.channel)} no respondió."),
            "Queda como no entregado y se pide de nuevo. Si el primero había llegado, llega dos veces.",
        ],
        "submit": "Volver a enviar",
        "back": _page_of(found),
        "crumb": found.voucher.title,
    }
    return render(request, "web/confirm.html", context)


@require_POST
@acting
def arrived(request: ActorRequest, delivery_id: UUID) -> HttpResponse:
    found = _delivery(request, delivery_id)
    resolved = partial(services.resolve, found, sent=True, actor=request.actor.label)
    return _done(request, found, resolved, "Quedó como enviado.")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def send_again(request: ActorRequest, delivery_id: UUID) -> HttpResponse:
    """A question, since nobody knows whether it arrived. Then it didn't: so it is settled, and asked again, both or
    neither."""
    if request.method != "POST":
        return _ask_whether_it_arrived(request, _delivery(request, delivery_id))
    try:
        with transaction.atomic():
            found = _delivery(request, delivery_id, lock=True)
            if not found.resends.exists():
                services.resolve(found, sent=False, actor=request.actor.label)
            found = _ask_again(request, delivery_id)
    except DeliveryError as error:
        messages.warning(request, str(error))
        return _back(_delivery(request, delivery_id))
    return _back(found)


def _done(request: ActorRequest, found: Delivery, action: Callable[[], object], said: str) -> HttpResponse:
    """Do it, and say so or why not, on the page that the delivery is on."""
    try:
        action()
    except DeliveryError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, said)
    return _back(found)


def _ask_again(request: ActorRequest, delivery_id: UUID) -> Delivery:
    """The new delivery; pressed twice, the one that the first press made."""
    found = _delivery(request, delivery_id, lock=True)
    newer = found.resends.select_related("voucher").order_by("-created_at").first()
    if newer is not None:
        messages.info(request, "Ya se había vuelto a pedir.")
        return newer
    asked = services.resend(found, Asker(request.actor.label, Origin.MANUAL))
    messages.success(request, f"{many(1, 'envío', 'envíos')} en cola.")
    return asked


@require_POST
@acting
def resume(request: ActorRequest, suspension_id: int) -> HttpResponse:
    request.actor.require(Page.DELIVERIES, Action.EDIT)
    found = own_or_404(Suspension.objects.select_related("company"), request.actor, pk=suspension_id)
    if found.ended_at is None:
        services.resume([found], actor=request.actor.label)
        messages.success(request, "Se reanuda ahora.")
    else:
        messages.info(request, "Ya se había reanudado.")
    return redirect("web:deliveries")
