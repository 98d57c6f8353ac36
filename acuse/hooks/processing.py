"""What was received, applied: batch by batch, oldest first, in one place of the cluster at a time.

Reading order: `process_hooks` (the loop), `apply_batch` (one transaction), `_apply` (a bad item harms no neighbour).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

import psycopg
import structlog
from django.db import connection, transaction

from acuse.channels import registry
from acuse.channels.contract import Channel, HookItem, Notice
from acuse.deliveries.apart import all_that_can, passes
from acuse.deliveries.receipts import tracking
from acuse.hooks.models import RawHook
from acuse.hooks.store import NOTIFY
from acuse.kernel import clock

log = structlog.get_logger(__name__)

#: The advisory lock of whoever applies.
APPLY_LOCK = (0x41435548, 1)
BATCH_ROWS = 500
#: Bytes of bodies read at once; a larger one comes alone.
BATCH_BYTES = 4 * 1024 * 1024
BATCH_ITEMS = 1000
LOOK_EVERY = 1.0
AFTER_AN_OUTAGE = 0.5
KEEP = timedelta(days=30)
PURGE_ROWS = 5000
FAILED = "not_applied"

_TAKE = """
with next as (
    select id, app_id, body from hooks_rawhook where state = 'new' order by id limit %(rows)s
), measured as (
    select next.*, sum(octet_length(body)) over (order by id) as total, row_number() over (order by id) as n from next
)
select id, app_id, body from measured where total <= %(bytes)s or n = 1 order by id
"""


class Item(NamedTuple):
    row_id: int
    app_id: int
    item: HookItem


async def process_hooks(conninfo: str, stopping: asyncio.Event) -> None:
    """Until `stopping`; through restarts of the database. Raises what doesn't pass."""
    with ThreadPoolExecutor(1, thread_name_prefix="hooks") as thread:
        try:
            while not stopping.is_set():
                try:
                    await _follow(conninfo, stopping, thread)
                except Exception as error:
                    if not passes(error):
                        raise
                    log.warning("hooks_interrupted", exc_info=True)
                    await _pause(stopping, AFTER_AN_OUTAGE)
        finally:
            await asyncio.get_running_loop().run_in_executor(thread, _leave_thread)


async def _follow(conninfo: str, stopping: asyncio.Event, thread: ThreadPoolExecutor) -> None:
    loop = asyncio.get_running_loop()
    async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as listening:
        await listening.execute(f"listen {NOTIFY}")
        while not stopping.is_set():
            while not stopping.is_set() and await loop.run_in_executor(thread, _apply_in_thread):
                pass
            async for _ in listening.notifies(timeout=LOOK_EVERY, stop_after=1):
                pass


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return


def _apply_in_thread() -> bool:
    try:
        return apply_batch() > 0
    finally:
        connection.close_if_unusable_or_obsolete()


def _leave_thread() -> None:
    """Django's connection belongs to the thread that used it: the name means another one in each."""
    connection.close()


def apply_batch() -> int:
    """Apply the oldest bodies. How many there were; 0 too when another process is at it."""
    with transaction.atomic():
        if not _alone():
            return 0
        rows = _take()
        if rows:
            _apply_rows(rows)
    return len(rows)


def _alone() -> bool:
    """Until the transaction's end, so that a lost session can't leave two at it."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s, %s)", APPLY_LOCK)
        row = cursor.fetchone()
        return bool(row and row[0])


def _take() -> list[tuple[int, int, bytes]]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"rows": BATCH_ROWS, "bytes": BATCH_BYTES})
        return [(row_id, app_id, bytes(body)) for row_id, app_id, body in cursor.fetchall()]


def _apply_rows(rows: Sequence[tuple[int, int, bytes]]) -> None:
    items, failed = _read(rows)
    for start in range(0, len(items), BATCH_ITEMS):
        failed |= _apply(items[start : start + BATCH_ITEMS])
    now = clock.now()
    done = [row_id for row_id, _, _ in rows if row_id not in failed]
    RawHook.objects.filter(pk__in=done).update(state=RawHook.State.DONE, done_at=now)
    if failed:
        RawHook.objects.filter(pk__in=failed).update(state=RawHook.State.FAILED, done_at=now)
        notices = [Notice(FAILED, {"raw_hook": row_id}) for row_id in sorted(failed)]
        tracking.count(Channel.WHATSAPP, notices, now=now)


def _read(rows: Sequence[tuple[int, int, bytes]]) -> tuple[list[Item], set[int]]:
    reader = registry.hook_reader(Channel.WHATSAPP)
    items: list[Item] = []
    failed: set[int] = set()
    for row_id, app_id, body in rows:
        try:
            items += [Item(row_id, app_id, item) for item in reader.read(body)]
        except Exception as error:
            if passes(error):
                raise
            log.exception("hook_not_read", raw_hook=row_id)
            failed.add(row_id)
    return items, failed


def _apply(items: Sequence[Item]) -> set[int]:
    """The rows of what couldn't be applied."""
    failed: set[int] = set()
    take_news = registry.news_taker(Channel.WHATSAPP)

    def leave(item: Item) -> None:
        log.exception("hook_item_not_applied", raw_hook=item.row_id)
        failed.add(item.row_id)

    all_that_can(
        items, lambda some: tracking.apply([(one.app_id, one.item) for one in some], take_news=take_news), leave
    )
    return failed


def purge(before: datetime | None = None) -> int:
    """Delete what was dealt with and came before that moment (30 days ago). How many."""
    before = before or clock.now() - KEEP
    total = 0
    while True:
        old = RawHook.objects.exclude(state=RawHook.State.NEW).filter(received_at__lt=before)
        deleted, _ = RawHook.objects.filter(pk__in=old.order_by("pk").values("pk")[:PURGE_ROWS]).delete()
        total += deleted
        if deleted < PURGE_ROWS:
            return total
