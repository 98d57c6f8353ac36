"""What a person does from Estado de WhatsApp, each asked once and audited by its service."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from acuse.channels import accounts, notices
from acuse.channels.accounts import AccountError
from acuse.channels.models import AccountNotice, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.refusals import AccountRefused
from acuse.channels.templates import MARKETING
from acuse.channels.whatsapp.onboarding import numbers, templates
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import consequences, senders, syncing
from acuse.hooks.checks import account as account_checks
from acuse.kernel import clock
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.charts.words import number as counted

CRUMB = "Estado de WhatsApp"


@require_POST
@acting
def attend(request: ActorRequest, notice_id: int) -> HttpResponse:
    """Of what happened once: a person says that it is dealt with."""
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    notice = own_or_404(AccountNotice.objects.select_related("company"), request.actor, pk=notice_id)
    if notices.attend(notice, actor=request.actor.label, now=clock.now()):
        messages.success(request, "Aviso cerrado.")
    else:
        messages.warning(request, "Ese aviso se cierra solo cuando se arregla.")
    return redirect("web:whatsapp_status")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def accept(request: ActorRequest, template_id: int) -> HttpResponse:
    """That a template costs as marketing does."""
    template = _template(request, template_id)
    if template.category != MARKETING or template.category_accepted_at is not None:
        messages.warning(request, "Esa plantilla no espera que nadie acepte un costo.")
        return redirect("web:whatsapp_status")
    if request.method != "POST":
        what = [
            "Cada mensaje con ella se cobra como marketing, que es más caro que servicio.",
            "Hay gente que no recibe mensajes de marketing: WhatsApp los deja elegir.",
            "Lo automático que espera sale, y lo nuevo también.",
        ]
        return _ask(request, f"¿Enviar con «{template.name}» como marketing?", what, "Aceptar el costo")
    consequences.accept_category(template, actor=request.actor.label, now=clock.now())
    messages.success(request, f"Aceptaste el costo de «{template.name}». Lo automático con ella sale.")
    return redirect("web:whatsapp_status")


@require_POST
@acting
def unpause(request: ActorRequest, template_id: int) -> HttpResponse:
    template = _template(request, template_id)
    company, actor = request.actor.company, request.actor.label
    try:
        templates.unpause(company, template=template, actor=actor)
        syncing.sync(company, now=clock.now(), actor=actor)
    except AccountRefused as refused:
        messages.error(request, f"{refused} {refused.next_step}".strip())
    else:
        messages.success(request, f"Meta quitó la pausa de «{template.name}».")
    return redirect("web:whatsapp_status")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def new_pin(request: ActorRequest, number_id: int) -> HttpResponse:
    """In this answer and never again."""
    number = _number(request, number_id)
    name = number.display or number.phone_number_id
    if request.method != "POST":
        what = [
            "Meta lo pide para volver a registrar el número. Enviar sigue igual.",
            "El de antes deja de valer. El nuevo se muestra una sola vez: Acuse lo guarda cifrado.",
        ]
        return _ask(request, f"¿Poner otro PIN a {name}?", what, "Poner otro PIN")
    try:
        pin = numbers.set_pin(request.actor.company, phone_number_id=number.phone_number_id, actor=request.actor.label)
    except AccountRefused as refused:
        messages.error(request, f"{refused} {refused.next_step}".strip())
        return redirect("web:whatsapp_status")
    return render(request, "web/whatsapp/status_pin.html", {"pin": pin, "name": name})


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def move_queue(request: ActorRequest, number_id: int) -> HttpResponse:
    """What a number can't send leaves by the default one."""
    number, company = _number(request, number_id), request.actor.company
    name, stuck, default = account_checks.name_of(number), senders.stuck_in(number), None
    if stuck:
        default = senders.can_take_over(company, number)
    if default is None:
        text = (
            "Nada espera en ese número sin poder salir." if not stuck else "El número por defecto tampoco puede enviar."
        )
        messages.warning(request, text)
        return redirect("web:whatsapp_status")
    other = account_checks.name_of(default)
    if request.method != "POST":
        one = stuck == 1
        what = [
            f"{counted(stuck)} {'envío que espera' if one else 'envíos que esperan'} en {name} "
            f"{'sale' if one else 'salen'} por {other}, una sola vez.",
            "Los clientes van a ver que escribe ese otro número.",
            "No se deshace: lo que sale por un número no vuelve al otro.",
        ]
        return _ask(request, f"¿Pasar la cola de {name} a {other}?", what, "Pasar la cola")
    try:
        moved = senders.move_queue(company, phone_number_id=number.phone_number_id, actor=request.actor.label)
    except AccountError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"{counted(moved)} {'envío pasó' if moved == 1 else 'envíos pasaron'} a {other}.")
    return redirect("web:whatsapp_status")


@require_POST
@acting
def sandbox(request: ActorRequest, number_id: int) -> HttpResponse:
    number = _number(request, number_id)
    try:
        accounts.set_sandbox(number, request.POST.get("sandbox", ""), actor=request.actor.label)
    except AccountError as error:
        messages.error(request, str(error))
    else:
        text = f"Desde ahora {number.display or number.phone_number_id} escribe los celulares así: "
        messages.success(request, f"{text}{number.get_sandbox_display().lower()}. Reenviá lo que Meta rechazó.")
    return redirect("web:whatsapp_status")


def _template(request: ActorRequest, template_id: int) -> WhatsAppTemplate:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    rows = WhatsAppTemplate.objects.select_related("account__company")
    found = rows.filter(account__company=request.actor.company, pk=template_id, gone_at=None).first()
    if found is None:
        raise Http404
    return found


def _number(request: ActorRequest, number_id: int) -> WhatsAppNumber:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    rows = WhatsAppNumber.objects.select_related("lane__company")
    found = rows.filter(account__company=request.actor.company, pk=number_id).first()
    if found is None:
        raise Http404
    return found


def _ask(request: ActorRequest, title: str, what: list[str], submit: str) -> HttpResponse:
    context = {"title": title, "what": what, "submit": submit, "back": reverse("web:whatsapp_status"), "crumb": CRUMB}
    return render(request, "web/confirm.html", context)
