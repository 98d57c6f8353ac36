"""Every two seconds: wake the lanes, the batches and the looks at what waits that have work to do, and bury the jobs of
dead workers.

It covers what nobody calls: a crash between commit and wake, a backoff, a pacing wait, a suspension's probe.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import UUID

import psycopg
import structlog
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from acuse.deliveries.statements import statement
from acuse.kernel import clock
from acuse.workers.connection import conninfo
from acuse.workers.tasks import QUEUE, batch_lock, lane_lock, waiting_lock

log = structlog.get_logger(__name__)

PERIOD = 2.0
#: A worker that hasn't been heard of for so long is dead.
STALLED_AFTER = 10.0
BURY_EVERY = 10.0


async def sweep(app: App, stopping: asyncio.Event) -> None:
    buried_at = float("-inf")
    while not stopping.is_set():
        try:
            await wake_due_lanes(app)
            await wake_due_batches(app)
            await wake_waiting(app)
            if time.monotonic() - buried_at > BURY_EVERY:
                await _bury_stalled(app)
                buried_at = time.monotonic()
        except (psycopg.Error, ConnectorException):
            log.warning("sweep_failed", exc_info=True)
        await _pause(stopping)


async def wake_due_lanes(app: App) -> list[int]:
    lane_ids: list[int] = await _due("lanes_due", {"now": clock.now(), "lane": None})
    for lane_id in lane_ids:
        await _defer(app, "run_lane", lane_lock(lane_id), lane_id=lane_id)
    return lane_ids


async def wake_due_batches(app: App) -> list[UUID]:
    batch_ids: list[UUID] = await _due("batches_due", {})
    for batch_id in batch_ids:
        await _defer(app, "work_batch", batch_lock(batch_id), batch_id=str(batch_id))
    return batch_ids


async def wake_waiting(app: App) -> list[UUID]:
    company_ids: list[UUID] = await _due("waiting_due", {})
    for company_id in company_ids:
        await _defer(app, "look_at_waiting", waiting_lock(company_id), company_id=str(company_id))
    return company_ids


async def _due(name: str, parameters: dict[str, Any]) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as connection:
        cursor = await connection.execute(statement(name), parameters)
        return [row[0] for row in await cursor.fetchall()]


async def _defer(app: App, task: str, lock: str, **arguments: Any) -> None:
    try:
        await app.configure_task(task, queueing_lock=lock, queue=QUEUE).defer_async(**arguments)
    except AlreadyEnqueued:
        return


async def _bury_stalled(app: App) -> None:
    """Their lanes' locks are free already; a retry could only clash with the job that took over."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
        log.warning("stalled_job_buried", job=job.id, task=job.task_name)


async def _pause(stopping: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), PERIOD)
    except TimeoutError:
        return
