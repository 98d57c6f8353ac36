"""How a lane is told that it has work. The worker plugs it in; without it the sweep finds the work by itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import structlog
from django.db import transaction

log = structlog.get_logger(__name__)

_waker: Callable[[int], None] | None = None


def use(waker: Callable[[int], None]) -> None:
    global _waker
    _waker = waker


def wake_on_commit(lane_ids: set[int]) -> None:
    """After the commit, outside any transaction: a failed wake harms nothing that was saved."""
    for lane_id in lane_ids:
        transaction.on_commit(partial(_wake, lane_id), robust=True)


def _wake(lane_id: int) -> None:
    if _waker is not None:
        _waker(lane_id)
