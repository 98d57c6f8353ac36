"""A contact that comes, changes or goes, and what it means to what waits for it."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet

from acuse.channels.contract import Cause
from acuse.deliveries import replacing, services, wishes
from acuse.deliveries.apart import FAULT
from acuse.deliveries.models import Delivery
from acuse.deliveries.services import Asker, DeliveryError
from acuse.deliveries.states import Origin, State
from acuse.directory import contacts as directory
from acuse.directory.contacts import ContactEntry
from acuse.directory.models import Contact, Party
from acuse.vouchers.models import Voucher

CONTACT_DELETED = Cause("contact_deleted", "Se borró el contacto antes de que saliera.")
ADDRESS_CHANGED = Cause("address_changed", "Cambió la dirección del contacto antes de que saliera.")


def queued_for(contact: Contact) -> QuerySet[Delivery]:
    """What waits to go to this contact."""
    return Delivery.objects.filter(contact=contact, state=State.QUEUED)


def waiting_for(contact: Contact) -> QuerySet[Voucher]:
    """Vouchers that wait for something, to go to this contact and to no other."""
    return Voucher.objects.filter(party_id=contact.party_id, wish__contacts=[str(contact.pk)], voided_at=None)


@transaction.atomic
def create(*, party: Party, entry: ContactEntry, actor: str) -> Contact:
    """With it goes what waited for a contact. Raises DirectoryError."""
    contact = directory.create_contact(party=party, entry=entry, actor=actor)
    wishes.fulfil_waiting(contact.company, party=contact.party)
    return contact


@transaction.atomic
def change(*, contact: Contact, entry: ContactEntry, actor: str, seen: str | None = None) -> tuple[Contact, int]:
    """What was queued for an address that it has no more is asked again for the new one. Raises DirectoryError, Changed
    (`seen`: what the person had before them).

    The answer: the contact, and how many go to the new address.
    """
    changed = directory.change_contact(contact=contact, entry=entry, actor=actor, seen=seen)
    stale = queued_for(changed).exclude(to__in=[address for address in (changed.mobile, changed.email) if address])
    moved = _cancel(stale, ADDRESS_CHANGED, actor, then=lambda row: _ask_again(row, actor))
    wishes.fulfil_waiting(changed.company, party=changed.party)
    return changed, moved


@transaction.atomic
def delete(*, contact: Contact, actor: str) -> int:
    """What was queued for it is cancelled; how many. Raises DirectoryError."""
    cancelled = _cancel(queued_for(contact), CONTACT_DELETED, actor, then=lambda row: True)
    directory.delete_contact(contact=contact, actor=actor)
    return cancelled


@transaction.atomic
def restored(party: Party) -> None:
    """Its contact may be written to again: what waited for that goes."""
    wishes.fulfil_waiting(party.company, party=party)


def _cancel(queued: QuerySet[Delivery], cause: Cause, actor: str, *, then: Callable[[Delivery], bool]) -> int:
    rows = list(queued.select_for_update(of=("self",)).order_by("pk"))
    services.cancel_queued(rows, cause, actor)
    return sum(then(row) for row in rows)


def _ask_again(row: Delivery, actor: str) -> bool:
    try:
        # in its batch, as that one stands: a pause holds this too
        asker = services.in_batch(Asker(actor, Origin.MANUAL, row.priority), row.batch_id)
        services.resend(row, asker)
    except DeliveryError as error:
        # it may not go there (by that channel, to that kind), or its batch was cancelled: the row says that it was
        # cancelled, and why
        if error.code == FAULT.code:
            # nobody knows whether it may: it waits until that can be worked out
            replacing.wish_again(row.voucher, [row])
        return False
    return True
