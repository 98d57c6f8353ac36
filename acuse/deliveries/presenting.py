"""A delivery as programs see it: the same in the REST API and in the commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.selectors import held, holding


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """{id, voucher, channel, to, state, provider_id, reason, attempts, created_at, updated_at}; times in UTC.

    What waits for a suspension to end says so as its reason.
    """
    return _json(delivery, holding(delivery))


def deliveries_json(
    deliveries: Sequence[Delivery], waiting: Mapping[UUID, Suspension] | None = None
) -> list[dict[str, Any]]:
    """`waiting`: what `selectors.held` answered, where the caller asked it for more than these."""
    waiting = held(deliveries) if waiting is None else waiting
    return [_json(delivery, waiting.get(delivery.pk)) for delivery in deliveries]


def _json(delivery: Delivery, held_by: Suspension | None) -> dict[str, Any]:
    cause = held_by or delivery
    return {
        "id": str(delivery.pk),
        "voucher": str(delivery.voucher_id),
        "channel": delivery.channel,
        "to": delivery.to,
        "state": delivery.state,
        "provider_id": delivery.provider_id or None,
        "reason": {"code": cause.cause_code, "text": cause.cause_text} if cause.cause_code else None,
        "attempts": delivery.tries,
        "created_at": _utc(delivery.created_at),
        "updated_at": _utc(delivery.updated_at),
    }


def _utc(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))
