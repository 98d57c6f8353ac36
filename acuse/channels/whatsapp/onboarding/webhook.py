"""Step 5: Meta tells Acuse what became of each message. Two subscriptions, and the proofs of a round trip."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from acuse.channels.contract import Cause
from acuse.channels.models import WhatsAppAccount, WhatsAppApp
from acuse.channels.whatsapp.management import app_token
from acuse.channels.whatsapp.onboarding.asking import (
    OnboardingError,
    Words,
    app_of,
    ask,
    ask_for,
    chosen_account,
)
from acuse.companies import audit
from acuse.companies.models import Company

#: Everything that is watched (Meta, webhooks overview).
FIELDS = (
    "messages", "message_template_status_update", "message_template_quality_update",
    "message_template_components_update", "template_category_update", "phone_number_quality_update",
    "phone_number_name_update", "business_capability_update", "account_update", "account_alerts",
    "account_review_update", "security", "user_preferences",
)  # fmt: skip

_SUBSCRIBING: Words = {
    (2200, None): Cause(
        "unreachable",
        "Meta no pudo comprobar la dirección del webhook: no llegó, o le respondió otra cosa.",
        "Fijate que se abra desde afuera con HTTPS y un certificado válido. Abajo hay recetas de proxy y de túnel.",
    ),
    (190, None): Cause(
        "app_secret", "La clave secreta no es la de esta app.", "Copiala de Configuración de la app → Básica."
    ),
}


@dataclass(frozen=True, slots=True)
class WebhookReport:
    """`…_ok` None: not known yet."""

    url: str
    #: Meta only calls HTTPS addresses that it can reach.
    public: bool
    #: The app's callback is ours: Meta checked it (challenge) when it was saved.
    app_ok: bool
    #: Where it points instead; blank = nowhere, or here.
    elsewhere: str
    missing_fields: tuple[str, ...]
    account_ok: bool

    @property
    def good(self) -> bool:
        """Everything that is watched arrives."""
        return self.app_ok and self.account_ok and not self.missing_fields


def callback_url(app: WhatsAppApp) -> str:
    return f"{settings.BASE_URL.rstrip('/')}/hooks/whatsapp/{app.key}/"


def is_public(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and parts.hostname not in (None, "localhost", "127.0.0.1", "::1")


def connect(company: Company, *, actor: str) -> WebhookReport:
    """Both subscriptions; Meta proves the address before it answers. Raises OnboardingError."""
    app, account = app_of(company), chosen_account(company)
    own = app_token(app.app_id, app.app_secret.reveal())
    ask(
        own,
        lambda graph: graph.subscribe_app(
            app.app_id, callback_url=callback_url(app), verify_token=app.verify_token.reveal(), fields=FIELDS
        ),
        field="callback",
        words=_SUBSCRIBING,
    )
    ask_for(company, lambda graph: graph.subscribe_account(account.waba_id), field="waba_id")
    return _connected(company, app, actor)


def connect_by_hand(company: Company, *, actor: str) -> WebhookReport:
    """Somebody saved the address at Meta: the account's subscription is what is left. Raises OnboardingError."""
    app, account = app_of(company), chosen_account(company)
    found = report(company)
    if not found.app_ok:
        where = f"Ahí dice {found.elsewhere}." if found.elsewhere else "Ahí no hay ninguna."
        raise OnboardingError(
            "callback",
            "En Meta todavía no está guardada esta dirección.",
            f"{where} Guardá la de abajo y probá de nuevo.",
        )
    ask_for(company, lambda graph: graph.subscribe_account(account.waba_id), field="waba_id")
    return _connected(company, app, actor)


def _connected(company: Company, app: WhatsAppApp, actor: str) -> WebhookReport:
    audit.record(company=company, actor=actor, event="whatsapp.webhook_connected", target=app.app_id)
    found = report(company)
    WhatsAppAccount.objects.filter(pk=chosen_account(company).pk).update(webhook=_as_kept(found))
    return found


def report(company: Company) -> WebhookReport:
    """As Meta has it now. Raises OnboardingError."""
    app, account = app_of(company), chosen_account(company)
    own = app_token(app.app_id, app.app_secret.reveal())
    url = callback_url(app)
    found = ask(own, lambda graph: graph.app_callback(app.app_id), field="app_secret", words=_SUBSCRIBING)
    there, fields = found or ("", frozenset())
    apps = ask_for(company, lambda graph: graph.subscribed_apps(account.waba_id), field="waba_id")
    return WebhookReport(
        url=url,
        public=is_public(url),
        app_ok=there == url,
        elsewhere="" if there == url else there,
        missing_fields=tuple(name for name in FIELDS if name not in fields) if there == url else FIELDS,
        account_ok=app.app_id in apps,
    )


def kept(company: Company) -> dict[str, Any] | None:
    """As `WhatsAppAccount.webhook` keeps it: the report, or the `problem` that kept Meta from giving one; None when it
    may be known in a while."""
    try:
        found = report(company)
    except OnboardingError as error:
        if error.passing:
            return None
        return {"good": False, "problem": str(error), "next_step": error.next_step, "field": error.field}
    return _as_kept(found)


def _as_kept(found: WebhookReport) -> dict[str, Any]:
    return {**asdict(found), "missing_fields": list(found.missing_fields), "good": found.good}
