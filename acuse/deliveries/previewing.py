"""What asking would do to a plan: which of its messages are new, which went before, which wait in the queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Plan, Planned
from acuse.vouchers.models import Voucher

#: (voucher, version, channel, address): what is asked once.
Key = tuple[UUID, int, str, str]


def messages_of(plan: Plan) -> list[Planned]:
    """Two contacts with the same address get one message, as when it is asked."""
    once: dict[tuple[str, str], Planned] = {}
    for message in plan.messages:
        once.setdefault((message.address.channel, message.address.to), message)
    return list(once.values())


def key_of(voucher: Voucher, message: Planned) -> Key:
    return voucher.pk, voucher.version, message.address.channel.value, message.address.to


def asked_before(vouchers: Iterable[Voucher]) -> Mapping[Key, Delivery]:
    """The newest delivery of each key; of its columns, those that pages and plans show."""
    found = Delivery.objects.filter(voucher__in=[voucher.pk for voucher in vouchers]).order_by("created_at", "id")
    columns = found.only("id", "voucher_id", "version", "channel", "to", "state", "created_at")
    return {(row.voucher_id, row.version, row.channel, row.to): row for row in columns}


def spot_of(message: Planned) -> str:
    """By what, and where to."""
    return f"{message.address.channel.value}:{message.address.to}"


def market_of(channel: str, to: str) -> str:
    """What a message's price depends on: the channel, and of a phone the first digits."""
    return f"{channel}:{to[1:5]}" if to.startswith("+") else channel
