"""Every account read once a day, and soon after a reading that failed; the checks of each day kept.

What is due is read from the tables: a worker that starts catches up, and several share the work.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from acuse.channels import registry
from acuse.channels.refusals import AccountRefused
from acuse.companies.models import Company
from acuse.deliveries import stopped_sending, syncing
from acuse.hooks.checks import history
from acuse.kernel import clock

log = structlog.get_logger(__name__)

PERIOD = 30.0


async def watch_accounts(stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        # not in the thread that the lanes' own queries share: they would wait for it
        await sync_to_async(_round, thread_sensitive=False)(stopping.is_set)
        try:
            await asyncio.wait_for(stopping.wait(), PERIOD)
        except TimeoutError:
            continue


def _round(stopped: Callable[[], bool]) -> None:
    try:
        stopped_sending.look_into(now=clock.now())
        sync_due(stopped)
        stopped_sending.tell(now=clock.now())
        record_due(stopped)
    finally:
        close_old_connections()


def sync_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Read every account whose turn it is, one by one; how many were read."""
    read = 0
    while not stopped() and (company := registry.claim_due_account(clock.now())) is not None:
        try:
            syncing.sync(company, now=clock.now())
            read += 1
        except AccountRefused as refused:
            log.warning("account_not_read", company=str(company.pk), error=str(refused), passing=refused.passing)
        except Exception:
            # a fault of ours with one company's rows: the neighbours are read all the same
            log.exception("account_reading_failed", company=str(company.pk))
            continue
        _record(company)
    return read


def record_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Keep the day's checks of whoever's weren't looked at for a while; of how many companies."""
    due = history.due(clock.now())
    return sum(_record(company) for company in due if not stopped())


def _record(company: Company) -> bool:
    try:
        history.record(company, now=clock.now())
    except Exception:
        log.exception("checks_not_kept", company=str(company.pk))
        return False
    return True
