"""*Probar*: with what is typed, or with what is saved where nothing is. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms
from django.http import HttpResponse
from django.views.decorators.http import require_POST

from acuse.channels import probing, registry
from acuse.channels.probing import Grade, Probe
from acuse.companies.models import User
from acuse.companies.permissions.pages import Action, Page
from acuse.web.access import ActorRequest, acting
from acuse.web.parameters.forms import MailForm, WhatsAppForm
from acuse.web.parameters.standing import Standing, standing_of
from acuse.web.parameters.views import mail_form, render_trial, whatsapp_form


@require_POST
@acting
def whatsapp(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    standing = standing_of(request.actor.company)
    form = whatsapp_form(standing, request.POST)
    return render_trial(request, standing, _try_whatsapp(form, standing), whatsapp=form)


@require_POST
@acting
def mail(request: ActorRequest) -> HttpResponse:
    """`send_to_me`: with one mail to whoever presses."""
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    standing = standing_of(request.actor.company)
    form = mail_form(standing, request.POST)
    user = request.user
    to = user.email if isinstance(user, User) and "send_to_me" in request.POST else ""
    return render_trial(request, standing, _try_mail(form, standing, to), mail=form)


def _try_whatsapp(form: WhatsAppForm, standing: Standing) -> Probe:
    if not form.is_valid():
        return _not_tried(form)
    number = form.cleaned_data["phone_number_id"]
    token = form.cleaned_data["access_token"] or standing.token
    if not number or not token:
        lacking = "el número" if token else "el token" if number else "el token y el número"
        return Probe(Grade.ERROR, f"Para probar falta {lacking}.", "Escribilo y tocá Probar; guardarlo puede esperar.")
    if not (number.isascii() and number.isdigit()):
        return Probe(Grade.ERROR, "El identificador del número es de números solos.", "Copialo otra vez de Meta.")
    return probing.wait_for(registry.probe_whatsapp(phone_number_id=number, access_token=token))


def _try_mail(form: MailForm, standing: Standing, to: str) -> Probe:
    if not form.is_valid():
        return _not_tried(form)
    given = form.cleaned_data
    name = given["from_name"] or standing.company.legal_name
    trial = registry.probe_mailbox(form.account, from_address=given["from_address"], from_name=name, to=to)
    return probing.wait_for(trial)


def _not_tried(form: forms.Form) -> Probe:
    return Probe(Grade.ERROR, "No se probó: hay datos por corregir.", " ".join(_said(form)))


def _said(form: forms.Form) -> Iterator[str]:
    for name, errors in form.errors.items():
        label = form.fields[name].label if name in form.fields else ""
        yield from (f"{label}: {error}" if label else str(error) for error in errors)
