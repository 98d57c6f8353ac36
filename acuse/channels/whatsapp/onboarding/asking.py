"""Asking Meta for the assistant: a refusal becomes words, the field that it is about and the way out."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from django.conf import settings

from acuse.channels import selectors
from acuse.channels.contract import Cause
from acuse.channels.models import WhatsAppAccount, WhatsAppApp
from acuse.channels.refusals import AccountRefused
from acuse.channels.whatsapp import management
from acuse.channels.whatsapp.management import Management, ManagementError
from acuse.companies.models import Company

T = TypeVar("T")

#: (code, subcode or None) → what happened and the way out.
Words = Mapping[tuple[int, int | None], Cause]

KEPT = "Lo que ya hiciste quedó guardado."
AGAIN = f"{KEPT} Probá de nuevo en un momento."


class OnboardingError(AccountRefused):
    """A step of the assistant was refused."""


def ask(token: str, what: Callable[[Management], Awaitable[T]], *, field: str = "", words: Words | None = None) -> T:
    """With a token at hand. Raises OnboardingError."""
    try:
        return management.run(
            what, base_url=settings.GRAPH_URL, version=settings.GRAPH_VERSION, access_token=token.strip()
        )
    except ManagementError as error:
        raise _told(error, field, words or {}) from error


def ask_for(
    company: Company, what: Callable[[Management], Awaitable[T]], *, field: str = "", words: Words | None = None
) -> T:
    """With the company's saved token. Raises OnboardingError."""
    return ask(account_of(company).access_token.reveal(), what, field=field, words=words)


def account_of(company: Company) -> WhatsAppAccount:
    """The account with its token. Raises OnboardingError before step 2."""
    account = selectors.whatsapp_account(company)
    if account is None or not account.access_token:
        raise OnboardingError("token", "Todavía no hay un token cargado.", "Hacé primero el paso 2.")
    return account


def chosen_account(company: Company) -> WhatsAppAccount:
    """The account with its Meta id. Raises OnboardingError before step 3."""
    account = account_of(company)
    if not account.waba_id:
        raise OnboardingError("waba_id", "Todavía no elegiste la cuenta de WhatsApp.", "Hacé primero el paso 3.")
    return account


def app_of(company: Company) -> WhatsAppApp:
    """The app with its secret. Raises OnboardingError before step 2."""
    app = selectors.whatsapp_app(company)
    if app is None or not app.app_secret:
        raise OnboardingError(
            "app_secret", "Faltan el identificador y la clave secreta de la app.", "Hacé primero el paso 2."
        )
    return app


def refuses_token(error: OnboardingError) -> bool:
    """Meta doesn't take the token that it was asked with (Graph API: 0, 190)."""
    return isinstance(error.__cause__, ManagementError) and error.__cause__.code in (0, 190)


def meta_id(text: str, field: str) -> str:
    """One of Meta's numbers, as it goes into an address of the Graph. Raises OnboardingError."""
    value = text.strip()
    if not value:
        raise OnboardingError(field, "Falta el identificador: son solo números.")
    if not re.fullmatch(r"[0-9]{1,40}", value):
        raise OnboardingError(field, f"«{value[:40]}» no es un identificador de Meta: son solo números.")
    return value


def _told(error: ManagementError, field: str, words: Words) -> OnboardingError:
    code, subcode = error.code, error.subcode
    known = None if code is None else words.get((code, subcode)) or words.get((code, None))
    cause = known or error.refusal.cause
    if error.passing:
        again = f"{KEPT} {known.next_step}" if known is not None else AGAIN
        return OnboardingError(field, cause.text, again, passing=True, said=error.said)
    return OnboardingError(field, cause.text, cause.next_step, said=error.said)
