"""Procrastinate's tasks. Jobs are coarse: "lane 7 has work", never one job a message."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import psycopg
import structlog
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import JobDeferrer

from acuse.deliveries import wishes
from acuse.deliveries.batches import work as batches
from acuse.workers import lanes, slices

log = structlog.get_logger(__name__)

QUEUE = "lanes"


class _Process:
    """This process's wish to stop, for the lanes that it runs."""

    stopping: asyncio.Event | None = None


def stop_with(event: asyncio.Event) -> None:
    _Process.stopping = event


@app.task(name="run_lane", queue=QUEUE)
async def run_lane(lane_id: int) -> None:
    try:
        await lanes.run(lane_id, stopping=_Process.stopping)
    except psycopg.OperationalError:
        # the database went away; the sweep wakes the lane when it is back
        log.warning("lane_lost_the_database", lane=lane_id, exc_info=True)


@app.task(name="work_batch", queue=QUEUE)
async def work_batch(batch_id: str) -> None:
    await slices.run(batches.work, UUID(batch_id), stopping=_Process.stopping)


@app.task(name="look_at_waiting", queue=QUEUE)
async def look_at_waiting(company_id: str) -> None:
    await slices.run(wishes.look, UUID(company_id), stopping=_Process.stopping)


def lane_lock(lane_id: int) -> str:
    return f"lane:{lane_id}"


def batch_lock(batch_id: UUID) -> str:
    return f"batch:{batch_id}"


def waiting_lock(company_id: UUID) -> str:
    return f"waiting:{company_id}"


def wake(lane_id: int) -> None:
    """Outside any transaction: a lane that is already called isn't called twice."""
    _defer(run_lane.configure(queueing_lock=lane_lock(lane_id)), lane_id=lane_id)


def wake_batch(batch_id: UUID) -> None:
    _defer(work_batch.configure(queueing_lock=batch_lock(batch_id)), batch_id=str(batch_id))


def wake_waiting(company_id: UUID) -> None:
    _defer(look_at_waiting.configure(queueing_lock=waiting_lock(company_id)), company_id=str(company_id))


def _defer(job: JobDeferrer, **arguments: Any) -> None:
    try:
        job.defer(**arguments)
    except AlreadyEnqueued:
        return
    except ConnectorException:
        # the row is saved: the sweep finds it
        log.warning("not_woken", **arguments, exc_info=True)
