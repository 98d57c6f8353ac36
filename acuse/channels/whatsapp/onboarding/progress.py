"""How far a company is: eight steps, read from what there is, so that anybody goes on from anywhere. Asks nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from acuse.channels import selectors
from acuse.channels.models import WhatsAppTemplate
from acuse.channels.templates import APPROVED
from acuse.channels.whatsapp.onboarding.credentials import SCOPES
from acuse.channels.whatsapp.onboarding.numbers import CONNECTED, GONE
from acuse.companies.models import AuditEntry, Company


class Step(StrEnum):
    #: What is needed from Meta, and where it is found.
    NEEDS = "needs"
    #: App, secret and token.
    CREDENTIALS = "credentials"
    #: Account and number.
    NUMBER = "number"
    #: What customers see of the number.
    PROFILE = "profile"
    #: Meta tells Acuse.
    WEBHOOK = "webhook"
    #: The template, approved.
    TEMPLATE = "template"
    #: Payment, verification and health.
    HEALTH = "health"
    #: A test voucher to one's own phone.
    TRIAL = "trial"


NAMES = {
    Step.NEEDS: "Lo que necesitás",
    Step.CREDENTIALS: "App y token",
    Step.NUMBER: "Cuenta y número",
    Step.PROFILE: "Perfil del número",
    Step.WEBHOOK: "Avisos de Meta",
    Step.TEMPLATE: "Plantilla",
    Step.HEALTH: "Pago y verificación",
    Step.TRIAL: "Envío de prueba",
}
#: Sending works without them.
OPTIONAL = frozenset({Step.PROFILE, Step.HEALTH})


@dataclass(frozen=True, slots=True)
class Place:
    step: Step
    done: bool
    #: What is known of it, in a few words; blank when nothing is.
    text: str = ""

    @property
    def number(self) -> int:
        return list(Step).index(self.step) + 1

    @property
    def name(self) -> str:
        return NAMES[self.step]


def places(company: Company, *, heard: bool, tried: bool) -> tuple[Place, ...]:
    """`heard`: a signed webhook of the app arrived. `tried`: a test voucher was delivered."""
    account, app = selectors.whatsapp_account(company), selectors.whatsapp_app(company)
    number = selectors.whatsapp_number(company)
    token = account is not None and bool(account.access_token) and set(account.token_scopes) >= set(SCOPES)
    credentials = token and app is not None and bool(app.app_secret)
    kept = account.webhook if account is not None else {}
    told = bool(kept.get("app_ok") and kept.get("account_ok"))
    connected = number is not None and number.status == CONNECTED
    # one of an account that was left, or of which nobody knows yet whether this account has it, isn't this account's
    here = number is not None and number.status not in ("", *GONE)
    approved = WhatsAppTemplate.objects.filter(account__company=company, gone_at=None, status=APPROVED).order_by("name")
    template = approved.first()
    health = str(account.health.get("can_send", "")) if account is not None else ""
    return (
        Place(Step.NEEDS, credentials),
        Place(Step.CREDENTIALS, credentials, f"App {app.app_id}" if credentials and app else ""),
        Place(Step.NUMBER, connected, number.display if number is not None and here else ""),
        Place(Step.PROFILE, _happened(company, "whatsapp.profile_saved")),
        Place(Step.WEBHOOK, heard and told),
        Place(Step.TEMPLATE, template is not None, str(template) if template is not None else ""),
        Place(Step.HEALTH, health == "AVAILABLE"),
        Place(Step.TRIAL, tried),
    )


def _happened(company: Company, event: str) -> bool:
    return AuditEntry.objects.filter(company=company, event=event).exists()
