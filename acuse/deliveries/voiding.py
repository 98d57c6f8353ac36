"""To void a voucher: what still waits in the queue doesn't leave. What has left can't be taken back."""

from __future__ import annotations

from django.db import transaction

from acuse.channels.contract import Cause
from acuse.deliveries import services
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import CANCELLABLE, LEFT, State
from acuse.vouchers import services as vouchers
from acuse.vouchers.models import Voucher

VOIDED = Cause("voided", "El comprobante se anuló.")


@transaction.atomic
def void(voucher: Voucher, *, actor: str) -> int:
    """Void it and cancel what waits; how many. What a runner holds at this moment is looked at when it is claimed."""
    voided = vouchers.void(voucher=voucher, actor=actor)
    waiting = list(
        Delivery.objects.select_for_update(of=("self",)).filter(
            voucher=voided, state__in=[state.value for state in CANCELLABLE]
        )
    )
    services.cancel_queued(waiting, VOIDED, actor)
    return len(waiting)


def consequences(voucher: Voucher) -> tuple[int, int]:
    """How many deliveries voiding would cancel, and how many have left."""
    states = list(Delivery.objects.filter(voucher=voucher, resends=None).values_list("state", flat=True))
    gone = {State.SENDING, State.UNCERTAIN, *LEFT}
    return sum(state in CANCELLABLE for state in states), sum(state in gone for state in states)
