"""Step 3, a number that is added: its code, then its registration with a PIN. Neither page asks Meta to be seen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding import numbers
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.web.access import ActorRequest, acting
from acuse.web.parameters.forms import SecretInput
from acuse.web.whatsapp.frame import require_configure, step_page, trouble_of
from acuse.web.whatsapp.steps.displays import display_of

#: Ids of the forms.
ASK, VERIFY, REGISTER = "pedir-codigo", "verificar", "registrar"
_METHODS = {"SMS": "por SMS", "VOICE": "por una llamada"}


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Código", required=False, max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        help_text="El de seis cifras que llegó al número.",
    )  # fmt: skip


class PinForm(forms.Form):
    pin = forms.CharField(
        label="PIN que el número ya tenía", required=False, max_length=12, widget=SecretInput(),
        help_text="Seis cifras. Solo si tuvo verificación en dos pasos. Vacío: Acuse pone uno y te lo muestra.",
    )  # fmt: skip
    sure = forms.BooleanField(
        label="Entiendo que el número deja de andar en el WhatsApp del celular, si hoy está en uno.",
        error_messages={"required": "Marcalo para seguir: es lo que pasa al registrarlo."},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def code(request: ActorRequest, number: str) -> HttpResponse:
    """Ask for the code (`method`), then write it."""
    if request.method != "POST":
        return _code_page(request, number)
    company, actor = require_configure(request), request.actor.label
    method = request.POST.get("method")
    if method is not None:
        try:
            numbers.request_code(company, phone_number_id=number, method=method, actor=actor)
        except AccountRefused as error:
            return _code_page(request, number, trouble=trouble_of(error))
        messages.success(request, f"Meta manda el código {_METHODS[method]}. Puede tardar un minuto.")
        return redirect("web:whatsapp_code", number)
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _code_page(request, number, code_form=form)
    try:
        numbers.verify_code(company, phone_number_id=number, code=form.cleaned_data["code"], actor=actor)
    except AccountRefused as error:
        return _code_page(request, number, code_form=form, trouble=trouble_of(error, form=form, form_id=VERIFY))
    messages.success(request, "Número verificado. Falta registrarlo.")
    return redirect("web:whatsapp_register", number)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def register(request: ActorRequest, number: str) -> HttpResponse:
    """A PIN that was made is in this answer alone."""
    if request.method != "POST":
        return _register_page(request, number)
    company = require_configure(request)
    form = PinForm(request.POST)
    if not form.is_valid():
        return _register_page(request, number, pin_form=form)
    typed = form.cleaned_data["pin"].strip()
    try:
        pin = numbers.register(company, phone_number_id=number, pin=typed or None, actor=request.actor.label)
    except AccountRefused as error:
        return _register_page(request, number, pin_form=form, trouble=trouble_of(error, form=form, form_id=REGISTER))
    if not pin:
        messages.success(request, "Número registrado: ya puede enviar.")
        return redirect("web:whatsapp_number")
    context = {"pin": pin, "display": display_of(request, number)}
    return step_page(request, Step.NUMBER, "web/whatsapp/step_number_pin.html", context)


def _code_page(request: ActorRequest, number: str, **more: Any) -> HttpResponse:
    context = {"code_form": CodeForm(), "number": number, "display": display_of(request, number), "verify_id": VERIFY}
    return step_page(request, Step.NUMBER, "web/whatsapp/step_number_code.html", {**context, **more})


def _register_page(request: ActorRequest, number: str, **more: Any) -> HttpResponse:
    context = {"pin_form": PinForm(), "number": number, "display": display_of(request, number), "form_id": REGISTER}
    return step_page(request, Step.NUMBER, "web/whatsapp/step_number_register.html", {**context, **more})
