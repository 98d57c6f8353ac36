"""Every two seconds: wake the lanes with due work, and bury the jobs of dead workers.

It covers what nobody calls: a crash between commit and wake, a backoff, a pacing wait, a suspension's probe.
"""

from __future__ import annotations

import asyncio
import time

import psycopg
import structlog
from procrastinate import App
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status

from acuse.deliveries.statements import statement
from acuse.kernel import clock
from acuse.workers.connection import conninfo
from acuse.workers.tasks import QUEUE, lane_lock

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
            if time.monotonic() - buried_at > BURY_EVERY:
                await _bury_stalled(app)
                buried_at = time.monotonic()
        except (psycopg.Error, ConnectorException):
            log.warning("sweep_failed", exc_info=True)
        await _pause(stopping)


async def wake_due_lanes(app: App) -> list[int]:
    async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as connection:
        cursor = await connection.execute(statement("lanes_due"), {"now": clock.now(), "lane": None})
        lane_ids = [row[0] for row in await cursor.fetchall()]
    for lane_id in lane_ids:
        try:
            await app.configure_task("run_lane", queueing_lock=lane_lock(lane_id), queue=QUEUE).defer_async(
                lane_id=lane_id
            )
        except AlreadyEnqueued:
            continue
    return lane_ids


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
