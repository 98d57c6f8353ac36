"""Wiring: a batch's work, in a thread of its own beside the lanes."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from acuse.deliveries.apart import TRANSIENT
from acuse.deliveries.batches import work as batch_work

log = structlog.get_logger(__name__)


async def run(batch_id: UUID, *, stopping: asyncio.Event | None = None) -> None:
    # not in the thread that the lanes' own queries share: they would wait for each slice
    await sync_to_async(_work, thread_sensitive=False)(batch_id, stopping)


def _work(batch_id: UUID, stopping: asyncio.Event | None) -> None:
    close_old_connections()
    try:
        batch_work.work(batch_id, stopping=lambda: stopping is not None and stopping.is_set())
    except TRANSIENT:
        # the database went away, or the disk is full; the sweep wakes the batch when that is over
        log.warning("batch_interrupted", batch=str(batch_id), exc_info=True)
    finally:
        close_old_connections()
