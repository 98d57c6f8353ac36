"""What is read of a company's accounts."""

from __future__ import annotations

from acuse.channels.contract import Channel
from acuse.channels.models import Lane, Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.companies.models import Company


def whatsapp_account(company: Company) -> WhatsAppAccount | None:
    """The company's account, with its app."""
    return WhatsAppAccount.objects.select_related("app").filter(company=company).order_by("id").last()


def whatsapp_app(company: Company) -> WhatsAppApp | None:
    """The app of the account in use; before there is an account, the one that was loaded last."""
    account = whatsapp_account(company)
    if account is not None and account.app is not None:
        return account.app
    return WhatsAppApp.objects.filter(company=company).order_by("id").last()


def whatsapp_number(company: Company) -> WhatsAppNumber | None:
    """The number from which the company's messages leave, with its lane."""
    rows = WhatsAppNumber.objects.select_related("lane", "account")
    return rows.filter(account__company=company).order_by("-lane__is_default", "-id").first()


def mailbox(company: Company) -> Mailbox | None:
    """The mailbox from which the company's mail leaves."""
    return Mailbox.objects.select_related("lane").filter(lane__company=company, lane__is_default=True).first()


def whatsapp_ready(company: Company) -> bool:
    """There is a number, an active lane for it, and a token: messages may leave."""
    number = whatsapp_number(company)
    return number is not None and number.lane.is_active and bool(number.account.access_token)


def mailbox_ready(company: Company) -> bool:
    """There is an active mailbox: mail may leave."""
    return Lane.objects.filter(
        company=company, channel=Channel.EMAIL, is_active=True, is_default=True, mailbox__isnull=False
    ).exists()
