"""What leaves by the installation's own mail, company by company: one that couldn't go keeps no other waiting."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import close_old_connections

#: A company whose mail couldn't go is tried again after so many seconds.
AGAIN_AFTER = 300.0

#: When each company's mail last couldn't go, by `time.monotonic()`.
Failed = dict[UUID, float]


async def keep_sending(send: Callable[[Failed], int], stopping: asyncio.Event, *, period: float) -> None:
    """A round each `period` seconds, until `stopping`."""
    failed: Failed = {}
    while not stopping.is_set():
        # not in the thread that the lanes' own queries share: they would wait for it
        await sync_to_async(_round, thread_sensitive=False)(send, failed)
        try:
            await asyncio.wait_for(stopping.wait(), period)
        except TimeoutError:
            continue


def _round(send: Callable[[Failed], int], failed: Failed) -> None:
    try:
        send(failed)
    finally:
        close_old_connections()


def resting(failed: Failed) -> frozenset[UUID]:
    """The companies that aren't tried now."""
    return frozenset(company for company, at in failed.items() if time.monotonic() - at < AGAIN_AFTER)
