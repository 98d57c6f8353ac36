"""What is read of deliveries."""

from __future__ import annotations

from django.db.models import QuerySet

from acuse.companies.models import Company
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.states import State


def open_suspensions(company: Company) -> QuerySet[Suspension]:
    return Suspension.objects.filter(company=company, ended_at=None).order_by("since")


def holding(delivery: Delivery) -> Suspension | None:
    """The open suspension for which a queued delivery waits."""
    if delivery.state != State.QUEUED:
        return None
    keys = {"lane": str(delivery.lane_id), "account": delivery.account_key, "template": delivery.template_key}
    for suspension in open_suspensions(delivery.company):
        if keys.get(suspension.scope) == suspension.key:
            return suspension
    return None
