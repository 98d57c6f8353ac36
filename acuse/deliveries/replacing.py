"""A voucher's new version: what still waits of the old one gives way to it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.db import close_old_connections, transaction

from acuse.channels.contract import Cause, Channel
from acuse.deliveries import planning, services
from acuse.deliveries.faults import plan_or_fault
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Named
from acuse.deliveries.services import Asked, Asker, DeliveryError
from acuse.deliveries.states import CANCELLABLE, Origin
from acuse.vouchers.models import Voucher

SUPERSEDED = Cause("superseded", "El comprobante cambió: se envía la versión nueva.")


@transaction.atomic
def supersede(voucher: Voucher, *, actor: str) -> Asked:
    """A new version: what is still queued of the old gives way, and is asked again. What has left stays.

    What a runner holds at this moment gives way when it comes back to the queue; see `give_way`. Where the new version
    is another party's, nothing is asked again: it is not for whoever waited for the old one.
    """
    stale = list(
        Delivery.objects.select_for_update(of=("self",))
        .filter(voucher=voucher, version__lt=voucher.version, state__in=[s.value for s in CANCELLABLE])
        .select_related("contact")
    )
    if not stale:
        return Asked()
    services.cancel_queued(stale, SUPERSEDED, actor)
    stale = [row for row in stale if row.contact is not None and row.contact.party_id == voucher.party_id]
    alike: dict[tuple[int, str, str, UUID | None, str], list[Delivery]] = defaultdict(list)
    for row in stale:
        alike[(row.priority, row.origin, row.requested_by, row.batch_id, row.channel)].append(row)
    office = planning.open_office(voucher.company, [voucher])
    total = Asked()
    waits: list[Delivery] = []
    for (priority, origin, label, batch_id, channel), rows in alike.items():
        try:
            asker = services.in_batch(Asker(label, Origin(origin), priority), batch_id)
        except DeliveryError:
            # its batch was cancelled: nothing of it goes, of any version
            continue
        contacts = tuple(row.contact for row in rows if row.contact is not None)
        plan = plan_or_fault(voucher, office, Named(contacts=contacts, channel=Channel(channel)))
        if not plan.sendability.sendable:
            waits += [row for row in rows if row.contact is not None]
            continue
        asked = services.request([plan], asker, replaces=True)
        total.deliveries += asked.deliveries
        total.created |= asked.created
    wish_again(voucher, waits)
    return total


def wish_again(voucher: Voucher, waits: Sequence[Delivery]) -> None:
    """What was asked of a voucher, as it was or where it went, and can't be as it is now yet, is kept as a wish."""
    if not waits:
        return
    locked = Voucher.objects.select_for_update(of=("self",)).get(pk=voucher.pk)
    if locked.wish and locked.wish.get("when") == "now":
        return
    locked.wish = {
        "when": "now",
        "contacts": sorted({str(row.contact_id) for row in waits}),
        "by": waits[0].requested_by,
        "origin": waits[0].origin,
    }
    locked.save(update_fields=["wish", "updated_at"])
    voucher.wish = locked.wish


def give_way(delivery_ids: Sequence[UUID]) -> None:
    """Queued deliveries of versions that were replaced while a runner held them."""
    close_old_connections()
    for voucher in Voucher.objects.filter(deliveries__in=delivery_ids).distinct().order_by("pk"):
        with transaction.atomic():
            services.lock_vouchers([voucher.pk])
            supersede(Voucher.objects.select_related("company", "party").get(pk=voucher.pk), actor="system:lane")
