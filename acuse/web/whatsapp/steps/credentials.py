"""Step 2: the app, its secret and the token, each thing proved before it is saved."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from acuse.channels import selectors
from acuse.channels.accounts import AccountError
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding import credentials
from acuse.channels.whatsapp.onboarding.credentials import Check
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.models import Company
from acuse.deliveries import senders
from acuse.web.access import ActorRequest, acting
from acuse.web.parameters.forms import IdField, SecretField
from acuse.web.whatsapp.frame import may_configure, require_configure, step_page, trouble_of

TEMPLATE = "web/whatsapp/step_credentials.html"
FORM_ID = "credenciales"


class CredentialsForm(forms.Form):
    app_id = IdField("Identificador de la app", "El de tu app en developers.facebook.com, de unas 15 cifras.")
    app_secret = SecretField(
        "Clave secreta de la app", "Con ella se comprueba que cada aviso es de Meta.", feminine=True
    )
    token = SecretField("Token del usuario del sistema", "El de «master», sin vencimiento y con los dos permisos.")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def page(request: ActorRequest) -> HttpResponse:
    if request.method == "POST":
        return _prove(request)
    return _page(request, _form(request.actor.company))


def _prove(request: ActorRequest) -> HttpResponse:
    company = require_configure(request)
    form = _form(company, request.POST)
    if not form.is_valid():
        return _page(request, form)
    given = form.cleaned_data
    try:
        found = credentials.prove(
            company,
            app_id=given["app_id"],
            app_secret=given["app_secret"],
            token=given["token"],
            change=lambda saved: senders.change_whatsapp(company, saved, actor=request.actor.label),
        )
    except (AccountRefused, AccountError) as error:
        return _refused(request, _with_what_is_left(company, request), error)
    if found.good:
        messages.success(request, "Guardado. La app y el token sirven.")
        return _page(request, _form(company), checks=found.checks)
    form = _with_what_is_left(company, request)
    for check in found.checks:
        if check.ok is False and not form.has_error(check.field):
            form.add_error(check.field, check.text)
    return _page(request, form, checks=found.checks)


def _refused(request: ActorRequest, form: CredentialsForm, error: AccountRefused | AccountError) -> HttpResponse:
    trouble = trouble_of(error, form=form, form_id=FORM_ID)
    if not (request.htmx and trouble.again):
        return _page(request, form, trouble=trouble)
    # the form stays as it is in the browser, with its secrets, so that it can be sent again
    response = render(request, "web/whatsapp/_trouble.html", {"trouble": trouble, "inside": True})
    response["HX-Retarget"] = "#credenciales-resultado"
    return response


def _with_what_is_left(company: Company, request: ActorRequest) -> CredentialsForm:
    """As it was sent, without the secrets that are saved by now: of the others the page says that they weren't."""
    app, account = selectors.whatsapp_app(company), selectors.whatsapp_account(company)
    left = request.POST.copy()
    if app is not None and app.app_secret.reveal() == left.get("app_secret", "").strip():
        left["app_secret"] = ""
    if account is not None and account.access_token.reveal() == left.get("token", "").strip():
        left["token"] = ""
    form = _form(company, left)
    form.full_clean()
    return form


def _form(company: Company, data: Any = None) -> CredentialsForm:
    app = selectors.whatsapp_app(company)
    return CredentialsForm(data, initial={"app_id": app.app_id if app is not None else ""})


def _page(request: ActorRequest, form: CredentialsForm, *, checks: tuple[Check, ...] = (), **more: Any) -> HttpResponse:
    company = request.actor.company
    app, account = selectors.whatsapp_app(company), selectors.whatsapp_account(company)
    if not may_configure(request):
        for field in form.fields.values():
            field.disabled = True
    context = {
        "form": form,
        "checks": checks,
        "has_secret": app is not None and bool(app.app_secret),
        "secret_saved_at": app.secret_saved_at if app is not None else None,
        "has_token": account is not None and bool(account.access_token),
        "token_saved_at": account.token_saved_at if account is not None else None,
    }
    return step_page(request, Step.CREDENTIALS, TEMPLATE, {**context, **more})
