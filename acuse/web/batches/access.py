from __future__ import annotations

from uuid import UUID

from acuse.companies.pages import Action
from acuse.deliveries.models import Batch
from acuse.web.access import ActorRequest, own_or_404


def batch_or_404(request: ActorRequest, batch_id: UUID) -> Batch:
    """One of the company's, of a kind that the actor may send."""
    found = own_or_404(Batch.objects.select_related("company"), request.actor, pk=batch_id)
    request.actor.require(found.kind, Action.SEND)
    return found
