"""The one place that names the adapters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from acuse.channels.contract import Channel, Consequence, HookReader, NewsTaker, Sender
from acuse.channels.email import probing as email_probing
from acuse.channels.email.message import Mailbox as MailAddress
from acuse.channels.email.sender import EmailSender
from acuse.channels.email.url import DEFAULT_PORTS, Security, SmtpSettings, parse_smtp_url, smtp_url
from acuse.channels.models import Lane, Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.channels.probing import Probe
from acuse.channels.whatsapp import probing as whatsapp_probing
from acuse.channels.whatsapp import sandbox, turns
from acuse.channels.whatsapp import syncing as whatsapp_syncing
from acuse.channels.whatsapp import watching as whatsapp_watching
from acuse.channels.whatsapp.onboarding.credentials import SCOPES
from acuse.channels.whatsapp.onboarding.webhook import callback_url
from acuse.channels.whatsapp.receipts import WhatsAppHooks
from acuse.channels.whatsapp.sender import WhatsAppSender
from acuse.companies.models import Company

#: The mail account as fields, for the page and for whoever else shows it.
__all__ = [
    "DEFAULT_PORTS",
    "Security",
    "SmtpSettings",
    "check_mailbox_url",
    "claim_due_account",
    "hook_address",
    "hook_reader",
    "lacking_scopes",
    "mailbox_settings",
    "mailbox_url",
    "news_taker",
    "open_sender",
    "probe_mailbox",
    "probe_whatsapp",
    "sync_account",
    "sync_templates",
]


async def open_sender(lane_id: int) -> Sender:
    """The lane's sender, with today's credentials. The caller closes it."""
    return await sync_to_async(_build)(lane_id)


def _build(lane_id: int) -> Sender:
    # outside of a request nobody else gives up a connection that the database closed
    close_old_connections()
    lane = Lane.objects.get(pk=lane_id)
    if lane.channel == Channel.WHATSAPP:
        return _whatsapp(lane)
    return _email(lane)


def _whatsapp(lane: Lane) -> Sender:
    number = WhatsAppNumber.objects.select_related("account").get(lane=lane)
    return WhatsAppSender(
        phone_number_id=number.phone_number_id,
        access_token=number.account.access_token.reveal(),
        base_url=settings.GRAPH_URL,
        version=settings.GRAPH_VERSION,
        rewrite=sandbox.rewriter(number.sandbox),
    )


def _email(lane: Lane) -> Sender:
    mailbox = Mailbox.objects.select_related("lane__company").get(lane=lane)
    return EmailSender(
        parse_smtp_url(mailbox.url.reveal()),
        from_address=mailbox.from_address,
        from_name=mailbox.from_name or mailbox.lane.company.legal_name,
    )


def check_mailbox_url(url: str) -> None:
    """Raises ValueError, in Spanish."""
    parse_smtp_url(url)


def mailbox_url(account: SmtpSettings) -> str:
    """As `Mailbox.url` keeps it. Raises ValueError, in Spanish."""
    return smtp_url(account)


def mailbox_settings(mailbox: Mailbox) -> SmtpSettings:
    return parse_smtp_url(mailbox.url.reveal())


async def probe_whatsapp(*, phone_number_id: str, access_token: str) -> Probe:
    """Ask Meta for the number. Changes nothing."""
    return await whatsapp_probing.probe(
        phone_number_id=phone_number_id,
        access_token=access_token,
        base_url=settings.GRAPH_URL,
        version=settings.GRAPH_VERSION,
    )


async def probe_mailbox(account: SmtpSettings, *, from_address: str, from_name: str = "", to: str = "") -> Probe:
    """Connect and log in; with `to`, send one mail there."""
    return await email_probing.probe(account, sender=MailAddress(from_address, from_name), to=to)


def news_taker(channel: Channel) -> NewsTaker | None:
    """Who takes what a provider tells of accounts; None where the channel has no such news."""
    return whatsapp_watching.take if channel is Channel.WHATSAPP else None


def sync_account(company: Company, *, then: Callable[[list[Consequence]], None] | None = None) -> list[Consequence]:
    """Read the company's WhatsApp account again; `then` takes what follows, in the transaction that keeps it.

    Raises AccountRefused when Meta can't be asked; then nothing changes.
    """
    return whatsapp_syncing.sync(company, then=then)


def sync_templates(company: Company, *, then: Callable[[list[Consequence]], None] | None = None) -> list[Consequence]:
    """The templates alone. As `sync_account` besides."""
    return whatsapp_syncing.sync_templates(company, then=then)


def claim_due_account(now: datetime) -> Company | None:
    """A company whose account is to be read again: whoever gets it has the turn."""
    return turns.claim_due(now)


def lacking_scopes(account: WhatsAppAccount) -> list[str]:
    """Permissions that the account's token must have and hasn't, as far as it was asked."""
    return sorted(set(SCOPES) - set(account.token_scopes)) if account.token_scopes else []


def hook_address(app: WhatsAppApp) -> str:
    """Where Meta has to tell."""
    return callback_url(app)


_HOOK_READERS: dict[Channel, HookReader] = {Channel.WHATSAPP: WhatsAppHooks()}


def hook_reader(channel: Channel) -> HookReader:
    """Raises KeyError for a channel whose provider posts nothing."""
    return _HOOK_READERS[channel]
