"""What else can be done about a delivery that failed: mend its contact, or go by another channel."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.urls import reverse

from acuse.channels.contract import Channel
from acuse.channels.models import Lane
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory.models import Contact
from acuse.web.directory.sections import section_of


@dataclass(frozen=True, slots=True)
class WaysOut:
    #: Where its contact is mended; blank when nothing is known against the address, or it was changed since.
    contact_url: str = ""
    #: A channel by which the same contact may get it.
    other: Channel | None = None

    @property
    def other_word(self) -> str:
        return "correo" if self.other is Channel.EMAIL else "WhatsApp"


NONE = WaysOut()


def open_channels(rows: Iterable[Delivery]) -> frozenset[Channel]:
    """Those by which the company can send; not asked where nothing failed."""
    failed = next((row for row in rows if row.state == State.FAILED), None)
    if failed is None:
        return frozenset()
    lanes = Lane.objects.filter(company=failed.company_id, is_active=True, is_default=True)
    return frozenset(map(Channel, lanes.values_list("channel", flat=True)))


def ways_out(row: Delivery, actor: Actor, channels: Collection[Channel]) -> WaysOut:
    """Of one whose contact, with its party, is at hand."""
    contact = row.contact
    if row.state != State.FAILED or contact is None:
        return NONE
    return WaysOut(_contact_url(row, contact, actor), _other(row, contact, channels))


def _contact_url(row: Delivery, contact: Contact, actor: Actor) -> str:
    address, problem = _at(contact, Channel(row.channel))
    section = section_of(contact.party)
    if not problem or address != row.to or not actor.may(section.page, Action.EDIT):
        return ""
    return reverse("web:contact_edit", args=[section, contact.party_id, contact.pk])


def _other(row: Delivery, contact: Contact, channels: Collection[Channel]) -> Channel | None:
    if contact.suppressed_at is not None:
        return None
    for channel in channels:
        address, problem = _at(contact, channel)
        if channel != row.channel and address and not problem:
            return channel
    return None


def _at(contact: Contact, channel: Channel) -> tuple[str, str]:
    """Its address there, and what is known against it."""
    if channel is Channel.WHATSAPP:
        return contact.mobile, contact.mobile_problem
    return contact.email, contact.email_problem
