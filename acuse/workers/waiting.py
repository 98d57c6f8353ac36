"""Wiring: the vouchers that wait in a company looked at, in a thread of its own beside the lanes."""

from __future__ import annotations

import asyncio
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from acuse.deliveries import wishes
from acuse.deliveries.apart import TRANSIENT

log = structlog.get_logger(__name__)


async def run(company_id: UUID, *, stopping: asyncio.Event | None = None) -> None:
    # not in the thread that the lanes' own queries share: they would wait for each slice
    await sync_to_async(_look, thread_sensitive=False)(company_id, stopping)


def _look(company_id: UUID, stopping: asyncio.Event | None) -> None:
    close_old_connections()
    try:
        wishes.look(company_id, stopping=lambda: stopping is not None and stopping.is_set())
    except TRANSIENT:
        # the database went away, or the disk is full; the sweep asks for it again when that is over
        log.warning("waiting_interrupted", company=str(company_id), exc_info=True)
    finally:
        close_old_connections()
