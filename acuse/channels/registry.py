"""The one place that names the adapters."""

from __future__ import annotations

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections

from acuse.channels.contract import Channel, HookReader, Sender
from acuse.channels.email.sender import EmailSender
from acuse.channels.email.url import parse_smtp_url
from acuse.channels.models import Lane, Mailbox, WhatsAppNumber
from acuse.channels.whatsapp.receipts import WhatsAppHooks
from acuse.channels.whatsapp.sender import WhatsAppSender


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
    )


def _email(lane: Lane) -> Sender:
    mailbox = Mailbox.objects.select_related("lane__company").get(lane=lane)
    return EmailSender(
        parse_smtp_url(mailbox.url.reveal()),
        from_address=mailbox.from_address,
        from_name=mailbox.lane.company.legal_name,
    )


def check_mailbox_url(url: str) -> None:
    """Raises ValueError, in Spanish."""
    parse_smtp_url(url)


_HOOK_READERS: dict[Channel, HookReader] = {Channel.WHATSAPP: WhatsAppHooks()}


def hook_reader(channel: Channel) -> HookReader:
    """Raises KeyError for a channel whose provider posts nothing."""
    return _HOOK_READERS[channel]
