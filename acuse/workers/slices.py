"""Wiring: what is done slice by slice for one batch or one company, in a thread of its own beside the lanes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from acuse.deliveries.apart import passes

log = structlog.get_logger(__name__)

#: What a fault of ours broke is begun again after so many seconds, although the sweep calls for it all the time.
AGAIN_AFTER = 60.0

#: When each last broke by such a fault, by `time.monotonic()`.
_failed: dict[UUID, float] = {}


class Work(Protocol):
    """Done again from where it stopped."""

    def __call__(self, of: UUID, /, *, stopping: Callable[[], bool]) -> None: ...


async def run(work: Work, of: UUID, *, stopping: asyncio.Event | None = None) -> None:
    # not in the thread that the lanes' own queries share: they would wait for each slice
    await sync_to_async(_run, thread_sensitive=False)(work, of, stopping)


def _run(work: Work, of: UUID, stopping: asyncio.Event | None) -> None:
    if time.monotonic() - _failed.get(of, float("-inf")) < AGAIN_AFTER:
        return
    close_old_connections()
    try:
        work(of, stopping=lambda: stopping is not None and stopping.is_set())
    except Exception as error:
        if passes(error):
            # the database went away, or the disk is full; the sweep calls for it again when that is over
            log.warning("slices_interrupted", work=work.__module__, of=str(of), exc_info=True)
        else:
            # of none of its vouchers, which are set apart: the others go on, and so it isn't told every two seconds
            log.exception("slices_failed", work=work.__module__, of=str(of))
            _failed[of] = time.monotonic()
    else:
        _failed.pop(of, None)
    finally:
        close_old_connections()
