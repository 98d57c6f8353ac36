"""The counts by day follow what happens, some seconds behind."""

from __future__ import annotations

import asyncio
import time

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from acuse.deliveries.figures import counting

PERIOD = 5.0
#: Counting a day of many deliveries takes a while: it may have a twentieth of one core, and no more.
REST = 20


async def keep_counts(stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        began = time.monotonic()
        # not in the thread that the lanes' own queries share: they would wait for it
        await sync_to_async(_count, thread_sensitive=False)()
        took = time.monotonic() - began
        try:
            await asyncio.wait_for(stopping.wait(), max(PERIOD, took * REST))
        except TimeoutError:
            continue


def _count() -> None:
    try:
        counting.refresh()
    finally:
        close_old_connections()
