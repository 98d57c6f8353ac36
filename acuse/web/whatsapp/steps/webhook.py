"""Step 5: Meta tells Acuse, and the proofs that it does. What arrives shows by itself; only an act asks Meta."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from acuse.channels import accounts, selectors
from acuse.channels.accounts import AccountError
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp.onboarding import webhook
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.hooks.selectors import RoundTrip, round_trip
from acuse.web.access import ActorRequest, acting
from acuse.web.polling import fingerprint
from acuse.web.whatsapp.frame import polled, require_configure, step_page, trouble_of
from acuse.web.whatsapp.recipes import recipes

TEMPLATE = "web/whatsapp/step_webhook.html"
#: Ids of the forms.
CONNECT, CHECK = "conectar", "comprobar"
#: Seconds between looks at what arrived.
EVERY = 3


class Service(Protocol):
    def __call__(self, company: Company, *, actor: str) -> webhook.WebhookReport: ...


@dataclass(frozen=True, slots=True)
class Proof:
    """One part of the round trip. `grade`: ok, error, or waiting."""

    grade: str
    text: str
    next_step: str = ""


@require_safe
@acting
def page(request: ActorRequest) -> HttpResponse:
    return _page(request)


@require_safe
@acting
def arrivals(request: ActorRequest) -> HttpResponse:
    """What was seen so far; empty where that is what the page shows already (`seen`)."""
    request.actor.require(Page.PARAMETERS, Action.VIEW)
    context = _arrivals(request.actor.company)
    if request.GET.get("seen") == context["seen"]:
        return HttpResponse(status=204)
    return polled(request, Step.WEBHOOK, "web/whatsapp/_arrivals.html", context)


@require_POST
@acting
def connect(request: ActorRequest) -> HttpResponseBase:
    return _connect(request, webhook.connect, form_id=CONNECT)


@require_POST
@acting
def check(request: ActorRequest) -> HttpResponseBase:
    """Somebody saved the address at Meta by hand."""
    return _connect(request, webhook.connect_by_hand, form_id=CHECK)


@require_POST
@acting
def verify_token(request: ActorRequest) -> HttpResponseBase:
    """A new one, in this answer and never again."""
    company = require_configure(request)
    try:
        token = accounts.new_verify_token(company, actor=request.actor.label)
    except AccountError as error:
        return _page(request, trouble=trouble_of(error))
    return _page(request, new_verify_token=token)


def _connect(request: ActorRequest, service: Service, *, form_id: str) -> HttpResponseBase:
    try:
        found = service(require_configure(request), actor=request.actor.label)
    except AccountRefused as error:
        # Meta tried the address, and didn't reach it
        unreachable = form_id == CONNECT and error.field == "callback"
        return _page(request, trouble=trouble_of(error, form_id=form_id), unreachable=unreachable)
    if found.good:
        messages.success(request, "Conectado: la app y la cuenta le avisan a Acuse.")
    elif found.missing_fields:
        lacking = ", ".join(found.missing_fields)
        messages.warning(request, f"Conectado, pero la app no está suscripta a todo: falta {lacking}.")
    else:
        messages.warning(request, "Meta aceptó, pero todavía no dice que la cuenta le avise a Acuse. Probá de nuevo.")
    return redirect("web:whatsapp_webhook")


def _page(request: ActorRequest, **more: Any) -> HttpResponse:
    company = request.actor.company
    app, account = selectors.whatsapp_app(company), selectors.whatsapp_account(company)
    has_app = app is not None and bool(app.app_secret)
    url = webhook.callback_url(app) if app is not None else ""
    context = {
        "has_app": has_app,
        "has_account": account is not None and bool(account.waba_id),
        "callback": url,
        "public": webhook.is_public(url),
        "fields": webhook.FIELDS,
        "recipes": recipes(base_url=settings.BASE_URL, bind_host=settings.BIND_HOST, bind_port=settings.BIND_PORT),
        "connect_id": CONNECT,
        "check_id": CHECK,
        **_arrivals(company),
    }
    return step_page(request, Step.WEBHOOK, TEMPLATE, {**context, **more})


def _arrivals(company: Company) -> dict[str, Any]:
    account, seen = selectors.whatsapp_account(company), round_trip(company)
    proofs = [_challenged(seen), _subscribed(account.webhook if account is not None else {}), _heard(seen)]
    marks = [f"{proof.grade} {proof.text}" for proof in proofs]
    done = all(proof.grade == "ok" for proof in proofs)
    return {"proofs": proofs, "seen": fingerprint(marks), "every": 0 if done else EVERY}


def _challenged(seen: RoundTrip) -> Proof:
    if seen.wrong_token is not None:
        return Proof(
            "error", f"El {_moment(seen.wrong_token)} alguien probó esta dirección con otro token de verificación.",
            "Copiá el de acá: si ya no lo tenés, generá otro y pegalo en Meta.",
        )  # fmt: skip
    if seen.challenged is not None:
        return Proof("ok", f"Meta comprobó la dirección el {_moment(seen.challenged)}.")
    return Proof("waiting", "Meta todavía no comprobó la dirección.", "Lo hace cuando los conectás.")


def _subscribed(kept: dict[str, Any]) -> Proof:
    """As it was last read."""
    if kept.get("app_ok") and kept.get("account_ok"):
        missing = ", ".join(str(name) for name in kept.get("missing_fields", ()))
        if missing:
            return Proof("error", f"La app no está suscripta a todo lo que Acuse mira: falta {missing}.", "Conectalos.")
        return Proof("ok", "La app y la cuenta le avisan a Acuse.")
    if kept.get("elsewhere"):
        return Proof(
            "error", f"La app le avisa a otra dirección: {kept['elsewhere']}.", "Conectalos para que sea esta."
        )
    return Proof("waiting", "La app y la cuenta todavía no le avisan a Acuse.", "Conectalos.")


def _heard(seen: RoundTrip) -> Proof:
    if seen.no_secret is not None:
        return Proof(
            "error",
            f"El {_moment(seen.no_secret)} llegó un aviso, y no hay una clave secreta para comprobarlo: se rechazó.",
            "Cargá la clave secreta de la app en el paso 2. Meta lo repite.",
        )  # fmt: skip
    if seen.wrong_signature is not None:
        return Proof(
            "error",
            f"El {_moment(seen.wrong_signature)} llegó un aviso cuya firma no es de esta clave secreta: se rechazó.",
            "La clave secreta de la app cambió en Meta, o es de otra app. Cargala de nuevo en el paso 2.",
        )  # fmt: skip
    if seen.heard is not None:
        return Proof("ok", f"El último aviso firmado llegó el {_moment(seen.heard)}.")
    return Proof(
        "waiting", "Todavía no llegó ningún aviso firmado.",
        "Mandale un mensaje al número desde cualquier celular, o tocá «Probar» en Meta. El envío de prueba del paso 8 "
        "también los trae.",
    )  # fmt: skip


def _moment(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y a las %H:%M:%S}"
