"""Administración > Parámetros: what sending needs, in groups; each group is a form of its own."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import accounts, selectors
from acuse.channels.accounts import AccountError
from acuse.channels.probing import Probe
from acuse.channels.registry import Security
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import senders
from acuse.deliveries.policies import services as policies
from acuse.deliveries.senders import Changed
from acuse.web.access import ActorRequest, acting
from acuse.web.answers import status_of
from acuse.web.parameters.forms import MailForm, SendingForm, WhatsAppForm
from acuse.web.parameters.standing import Standing, standing_of


@require_safe
@acting
def parameters(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    return render_page(request, standing_of(request.actor.company))


@require_POST
@acting
def whatsapp(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    standing = standing_of(request.actor.company)
    form = whatsapp_form(standing, request.POST)
    if form.is_valid():
        try:
            changed = senders.change_whatsapp(standing.company, form.parameters(), actor=request.actor.label)
        except AccountError as error:
            form.add_error(error.field, str(error))
        else:
            return _saved(request, changed)
    return render_page(request, standing, whatsapp=form)


@require_POST
@acting
def verify_token(request: ActorRequest) -> HttpResponse:
    """A new one, in this answer and never again."""
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    company = request.actor.company
    try:
        token = accounts.new_verify_token(company, actor=request.actor.label)
    except AccountError as error:
        messages.warning(request, str(error))
        return redirect("web:parameters")
    return render_page(request, standing_of(company), new_verify_token=token)


@require_POST
@acting
def mail(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    standing = standing_of(request.actor.company)
    form = mail_form(standing, request.POST)
    if not form.is_valid():
        return render_page(request, standing, mail=form)
    given = form.cleaned_data
    changed = senders.change_mailbox(
        standing.company,
        url=form.url,
        from_address=given["from_address"],
        from_name=given["from_name"],
        new_password=bool(given["password"]),
        actor=request.actor.label,
    )
    return _saved(request, changed)


@require_POST
@acting
def sending(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    standing = standing_of(request.actor.company)
    form = sending_form(standing, request.POST)
    if not form.is_valid():
        return render_page(request, standing, sending=form)
    given, actor = form.cleaned_data, request.actor.label
    with transaction.atomic():
        if standing.number is not None:
            accounts.set_pace(standing.number.lane, given["whatsapp_pace"], actor=actor)
        if standing.mailbox is not None:
            accounts.set_pace(standing.mailbox.lane, given["mail_pace"], actor=actor)
    messages.success(request, "Guardado.")
    return redirect("web:parameters")


def render_page(request: ActorRequest, standing: Standing, **given: Any) -> HttpResponse:
    """`given`: the forms that were sent (`whatsapp`, `mail`, `sending`), a trial (`whatsapp_trial`, `mail_trial`), or
    the new verify token."""
    forms = {
        "whatsapp": given.get("whatsapp") or whatsapp_form(standing),
        "mail": given.get("mail") or mail_form(standing),
        "sending": given.get("sending") or sending_form(standing),
    }
    may_configure = request.actor.may(Page.PARAMETERS, Action.CONFIGURE)
    if not may_configure:
        for form in forms.values():
            form.read_only()
    context = {
        **given,
        **forms,
        "standing": standing,
        "may_configure": may_configure,
        "numbers": policies.numbers_of(standing.company),
        "whatsapp_ready": selectors.whatsapp_ready(standing.company),
        "mailbox_ready": selectors.mailbox_ready(standing.company),
        "webhook": f"{settings.BASE_URL}/hooks/whatsapp/{standing.app.key}/" if standing.app else None,
        "webhook_unsafe": not settings.BASE_URL.startswith("https://"),
    }
    return render(request, "web/parameters/parameters.html", context, status=status_of(*forms.values()))


def render_trial(request: ActorRequest, standing: Standing, probe: Probe, **form: Any) -> HttpResponse:
    """The result alone, or the page with it and what was typed."""
    if request.htmx:
        return render(request, "web/parameters/_trial.html", {"probe": probe})
    [name] = form
    return render_page(request, standing, **form, **{f"{name}_trial": probe})


def whatsapp_form(standing: Standing, data: Any = None) -> WhatsAppForm:
    initial = {
        "phone_number_id": standing.number.phone_number_id if standing.number else "",
        "waba_id": standing.account.waba_id if standing.account else "",
        "app_id": standing.app.app_id if standing.app else "",
    }
    return WhatsAppForm(data, initial=initial, standing=standing)


def mail_form(standing: Standing, data: Any = None) -> MailForm:
    box, smtp = standing.mailbox, standing.smtp
    initial: dict[str, Any] = {"security": Security.STARTTLS.value}
    if box is not None and smtp is not None:
        initial = {
            "host": smtp.host, "port": smtp.port, "security": smtp.security.value, "user": smtp.user or "",
            "from_address": box.from_address, "from_name": box.from_name,
        }  # fmt: skip
    return MailForm(data, initial=initial, standing=standing)


def sending_form(standing: Standing, data: Any = None) -> SendingForm:
    initial = {
        "whatsapp_pace": standing.number.lane.throughput if standing.number else None,
        "mail_pace": standing.mailbox.lane.throughput if standing.mailbox else None,
    }
    return SendingForm(data, initial=initial, standing=standing)


def _saved(request: ActorRequest, changed: Changed) -> HttpResponse:
    if changed.resumed:
        messages.success(request, "Guardado. Se reanudó lo que estaba suspendido: lo que había en cola sale ahora.")
    else:
        messages.success(request, "Guardado." if changed.fields else "No cambiaste nada.")
    return redirect("web:parameters")
