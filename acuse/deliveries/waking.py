"""How a lane, a batch or what waits in a company is told that it has work. The worker plugs it in; without it the
sweep finds the work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateWorker

from acuse.kernel import clock

#: A worker tells every 2 seconds that it is alive.
WORKER_SILENCE = timedelta(seconds=15)

_wake_lane: Callable[[int], None] | None = None
_wake_batch: Callable[[UUID], None] | None = None
_wake_waiting: Callable[[UUID], None] | None = None


def use(
    *, lane: Callable[[int], None], batch: Callable[[UUID], None], waiting: Callable[[UUID], None]
) -> None:  # fmt: skip
    global _wake_lane, _wake_batch, _wake_waiting
    _wake_lane, _wake_batch, _wake_waiting = lane, batch, waiting


def wake_on_commit(lane_ids: set[int]) -> None:
    """After the commit, outside any transaction: a failed wake harms nothing that was saved."""
    for lane_id in lane_ids:
        transaction.on_commit(partial(_lane, lane_id), robust=True)


def wake_batch_on_commit(batch_id: UUID) -> None:
    transaction.on_commit(partial(_batch, batch_id), robust=True)


def wake_waiting_on_commit(company_id: UUID) -> None:
    transaction.on_commit(partial(_waiting, company_id), robust=True)


def _lane(lane_id: int) -> None:
    if _wake_lane is not None:
        _wake_lane(lane_id)


def _batch(batch_id: UUID) -> None:
    if _wake_batch is not None:
        _wake_batch(batch_id)


def _waiting(company_id: UUID) -> None:
    if _wake_waiting is not None:
        _wake_waiting(company_id)


def anybody_working() -> bool:
    """Whether a worker was heard of just now: without one, what was asked waits."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=clock.now() - WORKER_SILENCE).exists()
