"""Step 3: the account and its numbers.

What Meta lists is brought by a request of its own, so that the page waits for nobody; `?leer` puts it into the page.
What was listed a moment ago is shown again: only the button of who may configure asks Meta at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import selectors
from acuse.channels.accounts import AccountError
from acuse.channels.models import WhatsAppNumber
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding import kept, numbers, readings, waba
from acuse.channels.whatsapp.onboarding.numbers import Choice
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import senders, syncing
from acuse.kernel import clock
from acuse.web.access import ActorRequest, acting
from acuse.web.parameters.forms import IdField
from acuse.web.whatsapp.frame import max_age, may_configure, require_configure, step_page, trouble_of
from acuse.web.whatsapp.status_words import NUMBER_STATUSES, QUALITIES, Said
from acuse.web.whatsapp.steps.displays import keep_displays

TEMPLATE = "web/whatsapp/step_number.html"
#: Ids of the forms.
ACCOUNT, ADD = "cuenta", "agregar"


class AccountForm(forms.Form):
    waba_id = IdField(
        "Identificador de la cuenta de WhatsApp", "De unas 15 cifras. Abajo, en «En Meta», dice dónde está."
    )


class AddForm(forms.Form):
    phone = forms.CharField(
        label="Número", required=False, max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        help_text="Como lo escribís siempre, con la característica. Por ejemplo, 0341 15 555-0100. Puede ser un fijo.",
    )  # fmt: skip
    verified_name = forms.CharField(
        label="Nombre que ven tus clientes", required=False, max_length=75,
        help_text="El de la empresa, como la conocen. Meta lo revisa después.",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class NumberRow:
    choice: Choice
    status: Said
    quality: Said
    #: What comes next for it: `use`, `code` or `register`; blank where it is one of ours and connected.
    act: str


@require_safe
@acting
def page(request: ActorRequest) -> HttpResponse:
    # before Meta is asked for anything
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    return _page(request, **(_listing(request) if "leer" in request.GET else {}))


@require_safe
@acting
def listing(request: ActorRequest) -> HttpResponse:
    """What Meta has: the accounts while none is chosen or with `cambiar`, else the numbers."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    context = {"may_configure": may_configure(request), **_listing(request)}
    return render(request, "web/whatsapp/_number_listing.html", context)


@require_POST
@acting
def read(request: ActorRequest) -> HttpResponse:
    """Ask Meta again, whatever was listed a moment ago."""
    kept.forget(require_configure(request))
    changing = "&cambiar=1" if "cambiar" in request.POST else ""
    return redirect(f"{reverse('web:whatsapp_number')}?leer=1{changing}")


@require_POST
@acting
def choose_account(request: ActorRequest) -> HttpResponse:
    company = require_configure(request)
    form = AccountForm(request.POST)
    if not form.is_valid():
        return _page(request, account_form=form)
    wanted = form.cleaned_data["waba_id"]
    if waba.leaves_another(company, wanted) and "sure" not in request.POST:
        return _ask_about_account(request, wanted)
    try:
        facts = waba.choose_account(
            company,
            wanted,
            change=lambda given: senders.change_whatsapp(company, given, actor=request.actor.label),
            read=lambda: syncing.sync(company, now=clock.now(), actor=request.actor.label),
        )
    except (AccountRefused, AccountError) as error:
        return _page(request, account_form=form, trouble=trouble_of(error, form=form, form_id=ACCOUNT))
    messages.success(request, f"Elegiste la cuenta {facts.name or facts.id}.")
    return redirect("web:whatsapp_number")


def _ask_about_account(request: ActorRequest, wanted: str) -> HttpResponse:
    context = {"account": selectors.whatsapp_account(request.actor.company), "wanted": wanted}
    return step_page(request, Step.NUMBER, "web/whatsapp/step_number_account.html", context)


@require_POST
@acting
def choose(request: ActorRequest) -> HttpResponse:
    """`id`; `default`: the new deliveries leave from it."""
    company = require_configure(request)
    try:
        lane = numbers.choose_number(
            company,
            phone_number_id=request.POST.get("id", ""),
            default="default" in request.POST,
            actor=request.actor.label,
        )
    except AccountRefused as error:
        return _page(request, trouble=trouble_of(error))
    messages.success(request, f"Lo nuevo sale por {lane.name}." if lane.is_default else f"{lane.name}: agregado.")
    return redirect("web:whatsapp_number")


@require_POST
@acting
def add(request: ActorRequest) -> HttpResponse:
    company = require_configure(request)
    form = AddForm(request.POST)
    if not form.is_valid():
        return _page(request, add_form=form)
    given = form.cleaned_data
    try:
        added = numbers.add_number(
            company, typed=given["phone"], verified_name=given["verified_name"], actor=request.actor.label
        )
    except AccountRefused as error:
        return _page(request, add_form=form, trouble=trouble_of(error, form=form, form_id=ADD))
    keep_displays(request, {added: given["phone"].strip()})
    messages.success(request, "Número agregado. Falta verificarlo.")
    return redirect("web:whatsapp_code", added)


def _listing(request: ActorRequest) -> dict[str, Any]:
    company, changing = request.actor.company, "cambiar" in request.GET
    account = selectors.whatsapp_account(company)
    choosing = account is None or not account.waba_id or changing
    about: dict[str, Any] = {"read": True, "choosing": choosing, "changing": changing}
    try:
        if choosing:
            accounts, read_at = readings.accounts(company, max_age=max_age(request))
            return {**about, "accounts": accounts, "read_at": read_at}
        choices, read_at = readings.choices(company, max_age=max_age(request))
    except AccountRefused as error:
        return {**about, "listing_trouble": trouble_of(error)}
    keep_displays(request, {choice.facts.id: choice.facts.display for choice in choices})
    return {**about, "rows": [_row(choice) for choice in choices], "read_at": read_at}


def _row(choice: Choice) -> NumberRow:
    facts = choice.facts
    status = NUMBER_STATUSES.get(facts.status, Said(facts.status or "Sin leer", "none"))
    return NumberRow(choice, status, QUALITIES.get(facts.quality, Said("", "none")), _act(choice))


def _act(choice: Choice) -> str:
    if choice.ready:
        return "" if choice.ours else "use"
    return "register" if choice.verified else "code"


def _page(request: ActorRequest, **more: Any) -> HttpResponse:
    company = request.actor.company
    account = selectors.whatsapp_account(company)
    chosen = account is not None and bool(account.waba_id)
    ours = WhatsAppNumber.objects.filter(account__company=company).select_related("lane").order_by("pk")
    context = {
        "account": account,
        "has_token": account is not None and bool(account.access_token),
        "chosen": chosen,
        "choosing": not chosen or "cambiar" in request.GET or "account_form" in more,
        "changing": "cambiar" in request.GET,
        "ours": ours,
        "account_form": AccountForm(),
        "add_form": AddForm(),
        "account_form_id": ACCOUNT,
        "add_form_id": ADD,
    }
    return step_page(request, Step.NUMBER, TEMPLATE, {**context, **more})
