"""What providers told, applied to deliveries: batched, forward only, twice told is once applied.

Reading order: `apply` (the kinds of items), `_receipts` (correlate, fold, write), then aftermath.py and inbound.py.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from acuse.channels.contract import AccountNews, Cause, Channel, HookItem, NewsTaker, Notice, Receipt, TooFast
from acuse.channels.models import Lane, WhatsAppNumber
from acuse.deliveries import consequences
from acuse.deliveries.receipts import aftermath, inbound
from acuse.deliveries.receipts.standing import Standing
from acuse.deliveries.statements import statement
from acuse.deliveries.states import State
from acuse.kernel import clock

log = structlog.get_logger(__name__)

#: Characters of the example that a count keeps.
LONGEST_EXAMPLE = 4000
ARRIVED = Cause("first_arrived", "El envío anterior llegó: no hace falta repetirlo.")
#: Counted under these keys: what belongs to no delivery, and to no number, of that app.
UNMATCHED = "unmatched"
STRANGER = "unmatched:sender"


#: (an app's id, what the provider posted to that app's callback)
Told = tuple[int, HookItem]


@transaction.atomic
def apply(told: Sequence[Told], *, channel: Channel = Channel.WHATSAPP, take_news: NewsTaker | None = None) -> None:
    """Apply items in their order, touching only what is of each app's numbers. All or nothing.

    `take_news` is the adapter's; without it, news of accounts are only counted.
    """
    now = clock.now()
    lanes = _lanes_of({app for app, _ in told})
    notices: list[Notice] = []
    receipts: list[tuple[Lane, Receipt]] = []
    slowed: set[int] = set()
    for app, item in told:
        if isinstance(item, Notice):
            notices.append(item)
            continue
        if isinstance(item, AccountNews):
            followed = take_news(app, item, now=now) if take_news is not None else None
            if followed is None:
                notices.append(Notice(item.field, {"waba_id": item.account, "value": dict(item.value)}))
            else:
                consequences.carry_out(followed, now=now)
            continue
        lane = lanes.get((app, item.sender_id))
        if isinstance(item, TooFast):
            # counted by the notice of the same error
            slowed.update({lane.pk} if lane is not None else ())
        elif lane is None:
            notices.append(Notice(STRANGER, {"sender_id": item.sender_id, "provider_id": item.provider_id}))
        elif isinstance(item, Receipt):
            receipts.append((lane, item))
        else:
            inbound.keep(lane, item)
    notices += _receipts(receipts, now)
    aftermath.slow_down(slowed, now=now)
    count(channel, notices, now=now)


def _lanes_of(app_ids: Iterable[int]) -> dict[tuple[int, str], Lane]:
    """The lane of each (app, sender's id at the provider)."""
    numbers = WhatsAppNumber.objects.filter(account__app_id__in=list(app_ids)).select_related(
        "account", "lane__company"
    )
    return {(number.account.app_id, number.phone_number_id): number.lane for number in numbers if number.account.app_id}


def _receipts(receipts: Sequence[tuple[Lane, Receipt]], now: datetime) -> list[Notice]:
    """Answer what belongs to no delivery."""
    if not receipts:
        return []
    by_id, by_provider_id = _correlate(receipts)
    unmatched: list[Notice] = []
    for lane, receipt in receipts:
        standing = by_id.get(UUID(receipt.delivery_id)) if receipt.delivery_id else None
        if standing is None or standing.lane_id != lane.pk:
            standing = by_provider_id.get((lane.pk, receipt.provider_id))
        if standing is None:
            example = {"provider_id": receipt.provider_id, "delivery": receipt.delivery_id, "status": receipt.word}
            unmatched.append(Notice(UNMATCHED, example))
        else:
            standing.apply(receipt)
    touched = [standing for standing in by_id.values() if standing.events]
    _write([standing for standing in touched if standing.changed], now)
    _write_events(touched)
    _learn(touched, now)
    _cancel_replaced([standing.id for standing in touched if standing.overrode_failure], now)
    aftermath.follow([standing for standing in touched if standing.just_failed], now=now)
    return unmatched


def _correlate(
    receipts: Sequence[tuple[Lane, Receipt]],
) -> tuple[dict[UUID, Standing], dict[tuple[int, str], Standing]]:
    """The deliveries spoken of, locked: by our id, and by (lane, the provider's id) where that is all there is."""
    ids = {UUID(receipt.delivery_id) for _, receipt in receipts if receipt.delivery_id}
    found: dict[tuple[int, str], UUID] = {}
    wamids = {receipt.provider_id for _, receipt in receipts if not receipt.delivery_id}
    if wamids:
        found |= _ids_by_provider_id(wamids)
    locked = _lock(ids | set(found.values()))
    # an id that isn't of that lane may be a stranger's data of the same shape: the provider's own id decides
    wamids = {r.provider_id for lane, r in receipts if r.delivery_id and not _holds(locked, lane, r.delivery_id)}
    if wamids:
        more = _ids_by_provider_id(wamids)
        found |= more
        locked |= _lock(set(more.values()) - locked.keys())
    return locked, {key: locked[pk] for key, pk in found.items() if pk in locked}


def _holds(locked: Mapping[UUID, Standing], lane: Lane, delivery_id: str) -> bool:
    standing = locked.get(UUID(delivery_id))
    return standing is not None and standing.lane_id == lane.pk


def _ids_by_provider_id(provider_ids: Iterable[str]) -> dict[tuple[int, str], UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement("receipts_by_provider_id"), {"provider_ids": list(provider_ids)})
        return {(lane_id, provider_id): pk for pk, lane_id, provider_id in cursor.fetchall()}


def _lock(ids: Iterable[UUID]) -> dict[UUID, Standing]:
    with connection.cursor() as cursor:
        cursor.execute(statement("receipts_lock"), {"ids": list(ids)})
        return {row[0]: _standing(*row) for row in cursor.fetchall()}


def _standing(*row: Any) -> Standing:
    pk, lane_id, company_id, contact_id, to, state, *rest = row
    provider_id, sent_at, delivered_at, read_at, failed_at = rest
    return Standing(
        pk, lane_id, company_id, contact_id, to, State(state), provider_id, sent_at, delivered_at, read_at, failed_at
    )


def _write(standings: Sequence[Standing], now: datetime) -> None:
    if not standings:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement("receipts_apply"), {"now": now, "standings": json.dumps([_row_of(s) for s in standings])}
        )


def _row_of(standing: Standing) -> dict[str, Any]:
    cause = _cause(standing)
    return {
        "id": str(standing.id),
        "state": standing.state.value,
        "provider_id": standing.provider_id,
        "sent_at": _text(standing.sent_at),
        "delivered_at": _text(standing.delivered_at),
        "read_at": _text(standing.read_at),
        "failed_at": _text(standing.failed_at),
        "code": cause and cause.code,
        "text": cause and cause.text,
        "step": cause and cause.next_step,
        "pricing": standing.pricing or None,
    }


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _cause(standing: Standing) -> Cause | None:
    """The delivery's cause from now on; None = as it was."""
    if not standing.moved:
        return None
    return standing.refusal.cause if standing.refusal is not None else Cause("", "")


def _write_events(standings: Sequence[Standing]) -> None:
    events = [
        {
            "delivery": str(standing.id),
            "at": event.at.isoformat(),
            "kind": event.kind.value,
            "dedupe_key": event.dedupe_key,
            "detail": event.detail,
        }
        for standing in standings
        for event in standing.events
    ]
    if not events:
        return
    with connection.cursor() as cursor:
        cursor.execute(statement("receipts_events"), {"events": json.dumps(events)})


def _learn(standings: Sequence[Standing], now: datetime) -> None:
    """A phone's own digits teach nothing."""
    aliases = [
        (standing.contact_id, standing.to, kind, value)
        for standing in standings
        if standing.contact_id is not None
        for kind, value in standing.identities.items()
        if "+" + value != standing.to
    ]
    if not aliases:
        return
    contact_ids, addresses, kinds, values = (list(column) for column in zip(*aliases, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            statement("learn_identities"),
            {"now": now, "contact_ids": contact_ids, "addresses": addresses, "kinds": kinds, "values": values},
        )


def _cancel_replaced(ids: Sequence[UUID], now: datetime) -> None:
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            statement("cancel_replaced"), {"ids": list(ids), "now": now, "code": ARRIVED.code, "text": ARRIVED.text}
        )


def count(channel: Channel, notices: Iterable[Notice], *, now: datetime) -> None:
    """How often the provider told what we don't apply, with the last example."""
    by_key: dict[str, list[Any]] = defaultdict(list)
    for notice in notices:
        by_key[notice.key].append(notice.raw)
    if not by_key:
        return
    keys = sorted(by_key)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("count_provider"),
            {
                "channel": channel.value,
                "now": now,
                "keys": keys,
                "counts": [len(by_key[key]) for key in keys],
                "lasts": [_example(by_key[key][-1]) for key in keys],
            },
        )
    log.info("provider_told", channel=channel.value, keys=keys)


def _example(raw: Any) -> str:
    text = json.dumps(raw)
    return text if len(text) <= LONGEST_EXAMPLE else json.dumps({"truncated": text[:LONGEST_EXAMPLE]})
