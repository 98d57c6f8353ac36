"""*Reintentar ahora*: what waits in the queue for a later moment goes at once."""

from __future__ import annotations

from django.db import transaction

from acuse.companies import audit
from acuse.deliveries import waking
from acuse.deliveries.models import Delivery
from acuse.deliveries.selectors import holding
from acuse.deliveries.services import DeliveryError
from acuse.deliveries.states import State
from acuse.kernel import clock


@transaction.atomic
def hurry(delivery: Delivery, *, actor: str) -> Delivery:
    """Due now. Raises DeliveryError."""
    locked = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if locked.state != State.QUEUED:
        raise DeliveryError("not_queued", "Ya no está en cola: no hay nada que apurar.")
    if locked.held:
        raise DeliveryError("held", "Su tanda está en pausa: reanudala y sale.")
    if holding(locked) is not None:
        raise DeliveryError("suspended", "Espera a que se reanude su línea, que está en pausa.")
    now = clock.now()
    if locked.due_at <= now:
        raise DeliveryError("due", "Ya le toca salir: espera su turno.")
    Delivery.objects.filter(pk=locked.pk).update(due_at=now, updated_at=now)
    audit.record(company=locked.company, actor=actor, event="delivery.hurried", target=locked.pk)
    waking.wake_on_commit({locked.lane_id})
    locked.due_at = locked.updated_at = now
    return locked
