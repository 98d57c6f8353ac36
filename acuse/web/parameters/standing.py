"""What a company has saved, as the page shows it and the forms compare with it. Secrets aren't shown, only used."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.channels import registry, selectors
from acuse.channels.models import Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.channels.registry import SmtpSettings
from acuse.companies.models import Company
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State


@dataclass(frozen=True, slots=True)
class Standing:
    company: Company
    account: WhatsAppAccount | None
    app: WhatsAppApp | None
    number: WhatsAppNumber | None
    mailbox: Mailbox | None
    #: None without a mailbox.
    smtp: SmtpSettings | None

    @property
    def token(self) -> str:
        return self.account.access_token.reveal() if self.account else ""

    @property
    def has_token(self) -> bool:
        return self.account is not None and bool(self.account.access_token)

    @property
    def has_app_secret(self) -> bool:
        return self.app is not None and bool(self.app.app_secret)

    @property
    def has_password(self) -> bool:
        return self.smtp is not None and bool(self.smtp.password)

    @property
    def lacks(self) -> list[str]:
        """What WhatsApp needs before anything leaves."""
        return [
            name for name, there in (("el token", self.has_token), ("el número", self.number is not None)) if not there
        ]


def standing_of(company: Company) -> Standing:
    mailbox = selectors.mailbox(company)
    return Standing(
        company=company,
        account=selectors.whatsapp_account(company),
        app=selectors.whatsapp_app(company),
        number=selectors.whatsapp_number(company),
        mailbox=mailbox,
        smtp=registry.mailbox_settings(mailbox) if mailbox else None,
    )


def queued_in(lane_id: int) -> int:
    return Delivery.objects.filter(lane_id=lane_id, state=State.QUEUED).count()
