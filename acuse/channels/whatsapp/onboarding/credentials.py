"""Step 2: the app, its secret and the system user's token, each thing proved before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from acuse.channels import selectors
from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.contract import Cause
from acuse.channels.moments import local_day
from acuse.channels.whatsapp.facts import TokenFacts
from acuse.channels.whatsapp.management import app_token
from acuse.channels.whatsapp.onboarding.asking import OnboardingError, Words, ask, meta_id
from acuse.companies.models import Company
from acuse.kernel import clock

#: What the token must be granted (Meta, permissions), and what each is for.
SCOPES = {
    "whatsapp_business_management": "para las plantillas, los números y los avisos",
    "whatsapp_business_messaging": "para enviar",
}
SYSTEM_USER = "SYSTEM_USER"
#: A token that ends sooner is told.
SOON = timedelta(days=30)

_APP: Words = {
    (190, None): Cause(
        "app_secret",
        "Meta no reconoce ese par de identificador y clave secreta de la app.",
        "En Meta, Configuración de la app → Básica, copiá los dos de nuevo: la clave se ve con «Mostrar».",
    ),
    (100, 33): Cause(
        "app_id", "Meta no conoce una app con ese identificador.", "Copialo de Configuración de la app → Básica."
    ),
    (100, None): Cause(
        "app_id", "Meta no conoce una app con ese identificador.", "Copialo de Configuración de la app → Básica."
    ),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at. `ok` None: it works, but somebody should know."""

    field: str
    ok: bool | None
    text: str
    next_step: str = ""
    #: Meta's own words.
    said: str = ""


@dataclass(frozen=True, slots=True)
class CredentialsReport:
    checks: tuple[Check, ...]
    #: What Meta says of the token; None when it wasn't asked.
    token: TokenFacts | None = None
    app_ok: bool = False

    @property
    def token_ok(self) -> bool:
        return self.token is not None and not any(c.ok is False for c in self.checks if c.field == "token")

    @property
    def good(self) -> bool:
        return self.app_ok and self.token_ok


def report(*, app_id: str, app_secret: str, token: str) -> CredentialsReport:
    """Look at all three; nothing is saved. Raises OnboardingError when Meta can't be asked."""
    app = _app_check(app_id, app_secret)
    return _with_token(app, app_id, app_secret, token) if app.ok else CredentialsReport((app,))


def prove(
    company: Company, *, app_id: str, app_secret: str, token: str, change: Callable[[WhatsAppParameters], object]
) -> CredentialsReport:
    """As `report`, and what was proved is saved even where the rest wasn't. A blank secret or token is the saved one.

    `change`: `deliveries.senders.change_whatsapp` for the company, since the queue must hear of it. Raises
    OnboardingError, and AccountError.
    """
    app_id = meta_id(app_id, "app_id")
    secret = app_secret.strip() or _saved_secret(company, app_id)
    app = _app_check(app_id, secret)
    if not app.ok:
        return CredentialsReport((app,))
    change(WhatsAppParameters(app_id=app_id, app_secret=secret if app_secret.strip() else None))
    given = token.strip() or _saved_token(company)
    found = _with_token(app, app_id, secret, given)
    if found.token is not None and found.token_ok:
        if token.strip():
            change(WhatsAppParameters(access_token=given))
        remember(company, found.token)
    return found


def _saved_secret(company: Company, app_id: str) -> str:
    app = selectors.whatsapp_app(company)
    if app is None or app.app_id != app_id or not app.app_secret:
        raise OnboardingError(
            "app_secret", "Falta la clave secreta de la app.", "Está en Configuración de la app → Básica."
        )
    secret: str = app.app_secret.reveal()
    return secret


def _saved_token(company: Company) -> str:
    account = selectors.whatsapp_account(company)
    if account is None or not account.access_token:
        raise OnboardingError("token", "Falta el token.", "Se genera en Usuarios del sistema → Generar token.")
    token: str = account.access_token.reveal()
    return token


def _app_check(app_id: str, app_secret: str) -> Check:
    """Raises OnboardingError when Meta can't be asked."""
    number = meta_id(app_id, "app_id")
    try:
        own = app_token(number, app_secret.strip())
        ask(own, lambda graph: graph.app_callback(number), field="app_secret", words=_APP)
    except OnboardingError as error:
        if error.passing:
            raise
        return Check("app_secret", False, str(error), error.next_step, error.said)
    return Check("app_secret", True, "La app y su clave secreta coinciden.")


def _with_token(app: Check, app_id: str, app_secret: str, token: str) -> CredentialsReport:
    own = app_token(app_id.strip(), app_secret.strip())
    facts = ask(own, lambda graph: graph.token(token.strip()), field="token")
    return CredentialsReport((app, *_token_checks(facts, app_id.strip())), facts, app_ok=True)


def _token_checks(facts: TokenFacts, app_id: str) -> Iterator[Check]:
    if not facts.is_valid:
        expired = facts.expires_at is not None and facts.expires_at <= clock.now()
        text = "El token venció." if expired else "Meta dice que el token no vale."
        yield Check("token", False, text, "Generá otro en Usuarios del sistema → Generar token, sin vencimiento.")
        return
    yield Check("token", True, "El token vale.")
    yield _of_this_app(facts, app_id)
    yield _type(facts)
    yield _end(facts)
    yield from (_scope(facts, scope) for scope in SCOPES)
    yield _targets(facts)


def _of_this_app(facts: TokenFacts, app_id: str) -> Check:
    if facts.app_id and facts.app_id != app_id:
        return Check("token", False, "El token es de otra app.", "Generalo eligiendo la misma app que cargaste arriba.")
    return Check("token", True, "Es de esta app.")


def _type(facts: TokenFacts) -> Check:
    if facts.type and facts.type != SYSTEM_USER:
        return Check(
            "token",
            None,
            "El token es de una persona, no de un usuario del sistema: se corta cuando cambia su clave.",
            "Generá uno desde Usuarios del sistema.",
        )
    return Check("token", True, "Es de un usuario del sistema.")


def _end(facts: TokenFacts) -> Check:
    if facts.expires_at is None:
        return Check("token", True, "No vence.")
    day = local_day(facts.expires_at)
    if facts.expires_at - clock.now() < SOON:
        return Check("token", None, f"Vence el {day}.", "Generá uno con vencimiento «Nunca».")
    return Check("token", None, f"Vence el {day}. Te vamos a avisar antes.", "Mejor uno con vencimiento «Nunca».")


def _scope(facts: TokenFacts, scope: str) -> Check:
    if scope in facts.scopes:
        return Check("token", True, f"Tiene {scope}, {SCOPES[scope]}.")
    return Check(
        "token", False, f"Le falta el permiso {scope}, {SCOPES[scope]}.", "Generá el token de nuevo tildándolo."
    )


def _targets(facts: TokenFacts) -> Check:
    if facts.targets is None:
        return Check("token", True, "No está limitado a algunas cuentas.")
    count = len(facts.targets)
    return Check("token", True, f"Llega a {count} cuenta{'s' if count > 1 else ''} de WhatsApp.")


@transaction.atomic
def remember(company: Company, facts: TokenFacts) -> None:
    """What is watched of the saved token: until when, and for what."""
    account = selectors.whatsapp_account(company)
    if account is not None:
        account.token_expires_at, account.token_scopes = facts.expires_at, sorted(facts.scopes)
        account.save(update_fields=["token_expires_at", "token_scopes"])
