"""*Quitar*: a question that says what stops, then it is gone."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from acuse.channels import accounts
from acuse.channels.models import Lane
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.web.access import ActorRequest, acting
from acuse.web.charts.words import many
from acuse.web.parameters.standing import queued_in, standing_of

Removal = Callable[..., None]


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def token(request: ActorRequest) -> HttpResponse:
    number = standing_of(_company(request)).number
    what = [
        "Nada más sale por WhatsApp hasta que cargues otro token.",
        _waiting(number.lane if number else None),
        "Lo que se pida desde ahora sale por correo, si está configurado y el contacto tiene una dirección.",
    ]
    return _answer(request, "¿Quitar el token de WhatsApp?", what, accounts.remove_token, "Token quitado.")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def app_secret(request: ActorRequest) -> HttpResponse:
    _company(request)
    what = [
        "Los avisos de Meta se rechazan hasta que cargues otra clave secreta: no se sabe qué se entrega ni qué se lee.",
        "Lo que la gente responda y las BAJA tampoco llegan.",
        "Los envíos siguen saliendo.",
    ]
    return _answer(
        request, "¿Quitar la clave secreta de la app?", what, accounts.remove_app_secret, "Clave secreta quitada."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def mailbox(request: ActorRequest) -> HttpResponse:
    box = standing_of(_company(request)).mailbox
    what = [
        "Se borran el servidor, el usuario, la clave y el remitente. Nada más sale por correo.",
        _waiting(box.lane if box else None),
        "Lo que se pida desde ahora sale por WhatsApp, si está configurado y el contacto tiene celular.",
    ]
    return _answer(request, "¿Quitar la cuenta de correo?", what, accounts.remove_mailbox, "Cuenta de correo quitada.")


def _company(request: ActorRequest) -> Company:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    return request.actor.company


def _waiting(lane: Lane | None) -> str:
    count = queued_in(lane.pk) if lane else 0
    if not count:
        return "No hay nada en cola por ahí."
    return f"{many(count, 'envío en cola espera', 'envíos en cola esperan')} hasta entonces."


def _answer(request: ActorRequest, title: str, what: list[str], remove: Removal, said: str) -> HttpResponse:
    if request.method != "POST":
        context = {
            "title": title, "what": what, "submit": "Quitar", "danger": True, "back": reverse("web:parameters"),
            "crumb": "Parámetros",
        }  # fmt: skip
        return render(request, "web/confirm.html", context)
    remove(request.actor.company, actor=request.actor.label)
    messages.success(request, said)
    return redirect("web:parameters")
