"""Step 2: the app, its secret and the system user's token, each thing proved before it is saved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from acuse.channels import selectors
from acuse.channels.contract import Cause
from acuse.channels.whatsapp.facts import TokenFacts
from acuse.channels.whatsapp.management import app_token
from acuse.channels.whatsapp.onboarding.asking import OnboardingError, Words, ask
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
        "Meta no reconoce ese par de identificador y secreto de la app.",
        "En Meta, Configuración de la app → Básica, copiá los dos de nuevo: el secreto se ve con «Mostrar».",
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
    """Look at all three; nothing is saved. Raises OnboardingError only when Meta can't be asked."""
    own = app_token(app_id.strip(), app_secret.strip())
    try:
        ask(own, lambda graph: graph.app_callback(app_id.strip()), field="app_secret", words=_APP)
    except OnboardingError as error:
        if error.passing:
            raise
        return CredentialsReport((Check("app_secret", False, str(error), error.next_step),))
    app = Check("app_secret", True, "La app y su secreto coinciden.")
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
    day = f"{facts.expires_at:%d/%m/%Y}"
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
