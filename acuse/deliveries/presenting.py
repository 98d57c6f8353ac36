"""A delivery as programs see it: the same in the REST API and in the commands."""

from __future__ import annotations

from typing import Any

from acuse.deliveries.models import Delivery


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    """{id, voucher, channel, to, state, provider_id, reason, attempts, created_at, updated_at}; times in UTC."""
    return {
        "id": str(delivery.pk),
        "voucher": str(delivery.voucher_id),
        "channel": delivery.channel,
        "to": delivery.to,
        "state": delivery.state,
        "provider_id": delivery.provider_id or None,
        "reason": {"code": delivery.cause_code, "text": delivery.cause_text} if delivery.cause_code else None,
        "attempts": delivery.tries,
        "created_at": _utc(delivery.created_at),
        "updated_at": _utc(delivery.updated_at),
    }


def _utc(moment: Any) -> str:
    return str(moment.isoformat().replace("+00:00", "Z"))
