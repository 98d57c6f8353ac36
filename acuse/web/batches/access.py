from __future__ import annotations

from uuid import UUID

from django.urls import reverse

from acuse.companies.permissions.pages import Action
from acuse.deliveries.models import Batch
from acuse.web.access import ActorRequest, own_or_404


def batch_or_404(request: ActorRequest, batch_id: UUID) -> Batch:
    """One of the company's, of a kind that the actor may send."""
    found = own_or_404(Batch.objects.select_related("company"), request.actor, pk=batch_id)
    request.actor.require(found.kind, Action.SEND)
    if found.confirmed_at is None or found.total == 1:
        # a preview, and one that went alone, are still of the grid where they were chosen: no *tanda* to people
        request.menu_path = reverse("web:voucher_grid", args=[found.kind])
    return found
