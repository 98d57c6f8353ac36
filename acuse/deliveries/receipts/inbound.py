"""What people answer: kept once, shown on the contact and the voucher; *BAJA* stops everything to them at once."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from django.db import connection

from acuse.channels.contract import Inbound
from acuse.channels.models import Lane
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.statements import statement
from acuse.directory import optout
from acuse.directory import selectors as directory
from acuse.directory.models import Contact
from acuse.kernel import clock, phone

log = structlog.get_logger(__name__)

ACTOR = "system:inbound"


def keep(lane: Lane, message: Inbound) -> None:
    if InboundMessage.objects.filter(lane=lane, provider_id=message.provider_id).exists():
        return
    contacts = directory.contacts_by_address(lane.company, digits=message.from_digits, user_id=message.from_user_id)
    answered = _answered(lane, message, contacts)
    addresses = _addresses(message, contacts, answered)
    if answered is not None and answered.contact is not None and not contacts:
        contacts = [answered.contact]
    InboundMessage.objects.create(
        company_id=lane.company_id,
        lane=lane,
        provider_id=message.provider_id,
        sender=message.from_digits,
        sender_user_id=message.from_user_id,
        sender_name=message.name,
        type=message.type,
        text=message.text,
        contact=_writer(contacts, answered),
        delivery=answered,
        at=message.at,
        raw=dict(message.raw),
        opted_out=message.opt_out,
        to_forward=bool(lane.company.answers_to),
    )
    _learn(contacts, message)
    if message.opt_out:
        out = optout.note(
            lane.company, addresses, reason=f"Pidió la baja por WhatsApp: «{message.text[:80]}»", actor=ACTOR,
            provider_id=message.provider_id,
        )  # fmt: skip
        log.info("opted_out", company=str(lane.company_id), addresses=len(addresses), contacts=len(out))


def _addresses(message: Inbound, known: Sequence[Contact], answered: Delivery | None) -> set[str]:
    """Where who wrote is written to, whoever has that as a contact now or later; what WhatsApp calls them, if there is
    no number to tell."""
    own = {"+" + message.from_digits.lstrip("+")} if message.from_digits else set()
    theirs = {contact.mobile for contact in known if contact.mobile}
    if not theirs and answered is not None:
        theirs = {answered.to}
    if not theirs and own:
        # as a contact of theirs would be found
        theirs = {"+" + form for form in phone.candidates(min(own))}
    return own | theirs or {message.from_user_id}


def _answered(lane: Lane, message: Inbound, contacts: Sequence[Contact]) -> Delivery | None:
    """The delivery that it quotes, else the newest of who wrote."""
    ours = Delivery.objects.filter(lane=lane).select_related("contact")
    if message.answers and (quoted := ours.filter(provider_id=message.answers).order_by("-created_at").first()):
        return quoted
    return ours.filter(contact__in=contacts).order_by("-created_at", "-id").first() if contacts else None


def _writer(contacts: Sequence[Contact], answered: Delivery | None) -> Contact | None:
    """Several parties may share a phone: whoever was written to last is meant."""
    if answered is not None and answered.contact is not None and answered.contact in contacts:
        return answered.contact
    return contacts[0] if contacts else None


def _learn(contacts: Sequence[Contact], message: Inbound) -> None:
    """Phone and user id in one message belong together."""
    if not (message.from_user_id and message.from_digits):
        return
    known = [contact for contact in contacts if contact.mobile == "+" + message.from_digits]
    with connection.cursor() as cursor:
        cursor.execute(
            statement("learn_identities"),
            {"now": clock.now(), "contact_ids": [c.pk for c in known], "addresses": [c.mobile for c in known],
             "kinds": ["bsuid"] * len(known), "values": [message.from_user_id] * len(known)},
        )  # fmt: skip
