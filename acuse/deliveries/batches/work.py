"""The work of batches, in slices of one transaction each: what a crash interrupts is done again, once.

Reading order: `work` (until nothing is left), `advance` (one slice: the step of the batch's state), the steps.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from enum import Enum, auto
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from acuse.channels.contract import Cause
from acuse.deliveries import planning, previewing, services
from acuse.deliveries.apart import FAULT, all_that_can, passes
from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.batches import progress as batch_progress
from acuse.deliveries.models import Batch, BatchItem, Delivery
from acuse.deliveries.planning import Office, Plan, Planned
from acuse.deliveries.previewing import Key
from acuse.deliveries.services import Asker
from acuse.deliveries.statements import statement
from acuse.deliveries.states import OPEN, Origin, Priority, State
from acuse.kernel import clock
from acuse.vouchers.models import Voucher

log = structlog.get_logger(__name__)

#: Vouchers of one transaction.
SLICE = 500
#: Of them, set apart in one transaction: each costs the tries of its halves, and whoever pauses the batch waits.
APART = 10
#: Deliveries of one transaction, where nothing has to be thought of each.
HELD_AT_ONCE = 2_000
CANCELLED_AT_ONCE = 1_000
#: From so many vouchers on, others' single clicks go first.
BULK_FROM = 50
#: The first number of a batch's advisory lock.
BATCH_LOCKS = 0x54414E44

CANCELLED_WITH_BATCH = Cause("cancelled", "Se canceló la tanda antes de que saliera.")

_OPEN = [state.value for state in OPEN]
Outcome = BatchItem.Outcome


class Turn(Enum):
    #: There is more to do.
    MORE = auto()
    #: Nothing, for now.
    ENOUGH = auto()
    #: It is over: what its state was going to is reached.
    REACHED = auto()


def work(
    batch_id: UUID, *, wait: bool = False, seconds: float = float("inf"), stopping: Callable[[], bool] = lambda: False
) -> None:
    """Do what the batch's state wants, until nothing is left to do. `wait`: for whoever works at it at this moment."""
    until = time.monotonic() + seconds
    while not stopping() and advance(batch_id, wait=wait) is Turn.MORE and time.monotonic() < until:
        continue


def advance(batch_id: UUID, *, wait: bool = False) -> Turn:
    with transaction.atomic():
        if not _take(batch_id, wait=wait):
            return Turn.ENOUGH
        batch = Batch.objects.select_related("company").filter(pk=batch_id, ended_at=None).first()
        if batch is None:
            return Turn.ENOUGH
        turn = _STEPS[Batch.State(batch.state)](batch)
    if turn is Turn.REACHED:
        # not in the same transaction: two that share the batch's row would wait for each other to change it
        _arrive(batch_id, Batch.State(batch.state))
    return turn


def _take(batch_id: UUID, *, wait: bool) -> bool:
    """One works at a batch at a time, and its state stands until the transaction ends."""
    lock = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"select {lock}(%s, hashtext(%s))", [BATCH_LOCKS, str(batch_id)])
        if cursor.fetchone()[0] is False:
            return False
        cursor.execute(statement("batch_share"), [batch_id])
        return cursor.fetchone() is not None


def _arrive(batch_id: UUID, before: Batch.State) -> None:
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",), no_key=True).get(pk=batch_id)
        if batch.state != before or batch.ended_at is not None:
            # somebody paused or cancelled it meanwhile
            return
        match before:
            case Batch.State.PREVIEWING:
                batch.state, batch.previewed = Batch.State.READY, batch_preview.sum_up(batch).as_json()
            case Batch.State.RUNNING:
                batch.state = Batch.State.DONE
                _end(batch)
            case Batch.State.CANCELLED:
                _end(batch)
        batch.save()


def _end(batch: Batch) -> None:
    progress = batch_progress.progress_of(batch)
    batch.ended_at = clock.now()
    batch.sent_count, batch.unsent_count = progress.left, progress.unsent


def _plan(batch: Batch) -> Turn:
    items = _next(batch, Outcome.WAITING)
    if not items:
        return Turn.REACHED
    all_that_can(items, lambda some: _plan_of(batch, some), _set_apart, most=APART)
    return Turn.MORE


def _plan_of(batch: Batch, items: Sequence[BatchItem]) -> None:
    office, before = _office_of(batch, items)
    _write(items, [judge(planning.plan(item.voucher, office), before) for item in items])


def is_current(batch: Batch) -> bool:
    """Whether a draft would be worked out now as it is. For one of a few vouchers: each is planned, and nothing is
    written."""
    items = _with_vouchers(batch, BatchItem.objects.filter(batch=batch).order_by("pk"))
    office, before = _office_of(batch, items)
    return all(_judgement(item) == _judgement(_judge_or_refuse(item, office, before)) for item in items)


def _judge_or_refuse(item: BatchItem, office: Office, before: dict[Key, Delivery]) -> BatchItem:
    try:
        return judge(planning.plan(item.voucher, office), before)
    except Exception as error:
        if passes(error):
            raise
        # it was logged when it was set apart, or is when that is done
        return _refused([FAULT.code])


def _judgement(item: BatchItem) -> tuple[object, ...]:
    return str(item.outcome), item.reasons, item.warnings, item.going, item.repeats, item.spots


def _ask(batch: Batch) -> Turn:
    if _hold(batch, held=False):
        return Turn.MORE
    items = _next(batch, Outcome.GOES) or (_next(batch, Outcome.REPEATS) if batch.again else [])
    if items:
        all_that_can(items, lambda some: _ask_for(batch, some), _set_apart, most=APART)
        return Turn.MORE
    return Turn.ENOUGH if _open(batch).exists() else Turn.REACHED


def _pause(batch: Batch) -> Turn:
    return Turn.MORE if _hold(batch, held=True) else Turn.ENOUGH


def _cancel(batch: Batch) -> Turn:
    if _hold(batch, held=True):
        return Turn.MORE
    queued = _open(batch).filter(state=State.QUEUED)
    rows = list(queued.select_for_update(of=("self",)).order_by("pk").only("pk")[:CANCELLED_AT_ONCE])
    if rows:
        services.cancel_queued(rows, CANCELLED_WITH_BATCH, batch.cancelled_by)
        return Turn.MORE
    # what is being sent may come back to the queue
    return Turn.ENOUGH if _open(batch).exists() else Turn.REACHED


def _nothing(batch: Batch) -> Turn:
    return Turn.ENOUGH


_STEPS: dict[Batch.State, Callable[[Batch], Turn]] = {
    Batch.State.PREVIEWING: _plan,
    Batch.State.READY: _nothing,
    Batch.State.RUNNING: _ask,
    Batch.State.PAUSED: _pause,
    Batch.State.CANCELLED: _cancel,
    Batch.State.DONE: _nothing,
}


def _open(batch: Batch) -> QuerySet[Delivery]:
    return Delivery.objects.filter(batch=batch, state__in=_OPEN)


def _hold(batch: Batch, *, held: bool) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            statement("batch_hold"), {"batch": batch.pk, "held": held, "was": not held, "limit": HELD_AT_ONCE}
        )
        return int(cursor.rowcount)


def _next(batch: Batch, outcome: BatchItem.Outcome) -> list[BatchItem]:
    waiting = BatchItem.objects.filter(batch=batch, outcome=outcome, asked=False).order_by("pk")
    return _with_vouchers(batch, waiting[:SLICE])


def _with_vouchers(batch: Batch, rows: QuerySet[BatchItem]) -> list[BatchItem]:
    items = list(rows.select_related("voucher__party"))
    for item in items:
        item.voucher.company = batch.company
    return items


def _office_of(batch: Batch, items: Sequence[BatchItem]) -> tuple[Office, dict[Key, Delivery]]:
    vouchers = [item.voucher for item in items]
    return planning.open_office(batch.company, vouchers), dict(previewing.asked_before(vouchers))


def judge(plan: Plan, before: dict[Key, Delivery]) -> BatchItem:
    """What becomes of a voucher if it is asked now: an item without its batch."""
    warnings = [warning.code for warning in plan.sendability.warnings]
    if not plan.sendability.sendable:
        return _refused([reason.code for reason in plan.sendability.reasons])
    going: list[Planned] = []
    repeats: list[Planned] = []
    queued: list[Planned] = []
    for message in previewing.messages_of(plan):
        last = before.get(previewing.key_of(plan.voucher, message))
        pile = going if last is None else queued if last.state in OPEN else repeats
        pile.append(message)
    outcome = Outcome.GOES if going else Outcome.REPEATS if repeats else Outcome.QUEUED
    return BatchItem(
        outcome=outcome,
        warnings=warnings,
        going=[previewing.market_of(one.address.channel, one.address.to) for one in going],
        repeats=[previewing.market_of(one.address.channel, one.address.to) for one in repeats],
        spots=[previewing.spot_of(message) for message in (*going, *repeats, *queued)],
    )


def _refused(reasons: list[str]) -> BatchItem:
    return BatchItem(outcome=Outcome.REFUSED, reasons=reasons, warnings=[], spots=[])


def _set_apart(item: BatchItem) -> None:
    """Nobody foresaw it: it doesn't go, and the others do."""
    log.exception("batch_voucher_failed", batch=str(item.batch_id), voucher=str(item.voucher_id))
    _write([item], [_refused([FAULT.code])])


def _write(items: Sequence[BatchItem], judged: Sequence[BatchItem]) -> None:
    parameters: dict[str, Any] = {
        "ids": [item.pk for item in items],
        "outcomes": [str(one.outcome) for one in judged],
        "reasons": [" ".join(one.reasons) for one in judged],
        "warnings": [" ".join(one.warnings) for one in judged],
        "going": [" ".join(one.going) for one in judged],
        "repeats": [" ".join(one.repeats) for one in judged],
        "spots": ["\n".join(one.spots or []) for one in judged],
    }
    with connection.cursor() as cursor:
        cursor.execute(statement("batch_plan"), parameters)


def _ask_for(batch: Batch, items: Sequence[BatchItem]) -> None:
    vouchers = [item.voucher for item in items]
    office = planning.open_office(batch.company, vouchers)
    asker = Asker(
        batch.requested_by, Origin.MANUAL, Priority.BULK if batch.total >= BULK_FROM else Priority.BY_HAND, batch.pk
    )
    asked_since = _asked_since(batch, vouchers) if batch.again else set()
    changed: dict[int, BatchItem] = {}
    for repeat in (True, False):
        wanted = [i for i in items if (batch.again and i.voucher_id not in asked_since) == repeat]
        shown = [_as_shown(item, planning.plan(item.voucher, office), repeat=batch.again) for item in wanted]
        services.request([plan for plan, _ in shown], asker, again=repeat)
        changed.update((item.pk, now) for item, (_, now) in zip(wanted, shown, strict=True) if now is not None)
    _correct(items, changed)
    BatchItem.objects.filter(pk__in=[item.pk for item in items]).update(asked=True)


def _as_shown(item: BatchItem, plan: Plan, *, repeat: bool) -> tuple[Plan, BatchItem | None]:
    """Of what would go now, what its preview showed, since that is what was confirmed; and the item as it is to be told
    from now on, where the two aren't the same."""
    if not plan.sendability.sendable:
        return plan, judge(plan, {})
    if item.spots is None:
        return plan, None
    confirmed = set(item.spots[: len(item.going) + (len(item.repeats) if repeat else 0)])
    planned = {previewing.spot_of(message) for message in plan.messages}
    plan = replace(plan, messages=tuple(m for m in plan.messages if previewing.spot_of(m) in confirmed))
    more, fewer = planned - set(item.spots), confirmed - planned
    if not more and not fewer:
        return plan, None
    if not plan.messages:
        return plan, _refused([batch_preview.CHANGED])
    changes = [code for code, found in ((batch_preview.MORE, more), (batch_preview.FEWER, fewer)) if found]
    told = copy(item)
    # the item itself stays as it is: its slice may be tried again, in parts
    told.warnings = [*item.warnings, *changes]
    return plan, told


def _asked_since(batch: Batch, vouchers: Iterable[Voucher]) -> set[UUID]:
    """What somebody asked after this was previewed isn't repeated."""
    since = Delivery.objects.filter(voucher__in=vouchers, created_at__gt=batch.created_at)
    return set(since.values_list("voucher_id", flat=True))


def _correct(items: Sequence[BatchItem], changed: Mapping[int, BatchItem]) -> None:
    """What isn't as it was previewed."""
    if changed:
        _write([item for item in items if item.pk in changed], [changed[i.pk] for i in items if i.pk in changed])
