"""One worker process: runs lanes, applies receipts, sweeps, watches. SIGTERM: what is in flight lands, then it ends."""

from __future__ import annotations

import asyncio
import resource
import signal
from collections.abc import Awaitable, Callable
from typing import cast

import structlog
from procrastinate import App
from procrastinate.contrib.django import app as django_app
from procrastinate.contrib.django.django_connector import DjangoConnector

from acuse.hooks.processing import process_hooks
from acuse.workers import tasks
from acuse.workers.connection import conninfo
from acuse.workers.counting import keep_counts
from acuse.workers.daily import watch_accounts
from acuse.workers.forwarding import forward_answers
from acuse.workers.housekeeping import keep_house
from acuse.workers.sweep import STALLED_AFTER, sweep
from acuse.workers.telling import tell_administrators

log = structlog.get_logger(__name__)

#: Lanes that one process runs at once.
CONCURRENCY = 16
#: Seconds for lanes to land when the process is asked to stop.
LANDING = 60.0
RESTART_AFTER = 0.5


async def work() -> None:
    """Until SIGTERM or SIGINT."""
    _open_files()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    tasks.stop_with(stopping)
    connector = cast(DjangoConnector, django_app.connector).get_worker_connector()
    app = django_app.with_connector(connector)
    log.info("worker_started")
    async with app.open_async():
        await asyncio.gather(
            _supervised("lanes", lambda: _run_jobs(app, stopping), stopping),
            _supervised("sweep", lambda: sweep(app, stopping), stopping),
            _supervised("house", lambda: keep_house(app, stopping), stopping),
            _supervised("answers", lambda: forward_answers(stopping), stopping),
            _supervised("accounts", lambda: watch_accounts(stopping), stopping),
            _supervised("notices", lambda: tell_administrators(stopping), stopping),
            _supervised("counts", lambda: keep_counts(stopping), stopping),
            _supervised("hooks", lambda: process_hooks(conninfo(), stopping), stopping),
        )
    log.info("worker_stopped")


async def _supervised(name: str, run: Callable[[], Awaitable[None]], stopping: asyncio.Event) -> None:
    """What ends before its time (a database restart) begins again."""
    while not stopping.is_set():
        try:
            await run()
        except Exception:
            log.exception("worker_part_failed", part=name)
        if not stopping.is_set():
            await asyncio.sleep(RESTART_AFTER)


async def _run_jobs(app: App, stopping: asyncio.Event) -> None:
    running = asyncio.create_task(
        app.run_worker_async(
            queues=[tasks.QUEUE],
            concurrency=CONCURRENCY,
            install_signal_handlers=False,
            fetch_job_polling_interval=0.2,
            update_heartbeat_interval=2,
            stalled_worker_timeout=STALLED_AFTER,
            shutdown_graceful_timeout=LANDING,
            delete_jobs="successful",
        )
    )
    stop = asyncio.create_task(stopping.wait())
    await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
    stop.cancel()
    if not running.done():
        # lanes see `stopping`, claim nothing more and land; the engine waits for them
        running.cancel()
    try:
        await running
    except asyncio.CancelledError:
        if not stopping.is_set():
            raise


def _open_files() -> None:
    """800 requests in flight need more than the usual 1,024 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if hard == resource.RLIM_INFINITY else min(16_384, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
