"""Every hour: what is kept only for a while goes. Vouchers, files, deliveries and their events stay."""

from __future__ import annotations

import asyncio

import structlog
from asgiref.sync import sync_to_async
from django.core.management import call_command
from django.db import close_old_connections
from procrastinate import App

from acuse.companies.identity import passkeys
from acuse.deliveries import repeating
from acuse.deliveries.batches.services import forget_drafts
from acuse.hooks.processing import purge
from acuse.intake.drafts import purge as purge_uploads

log = structlog.get_logger(__name__)

PERIOD = 3600.0
#: Failed jobs of the lanes' queue; nothing of them is needed after a day.
JOB_HOURS = 24


async def keep_house(app: App, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        # not in the thread that the lanes' own queries share: they would wait for it
        await sync_to_async(clean, thread_sensitive=False)()
        await app.job_manager.delete_old_jobs(nb_hours=JOB_HOURS, include_failed=True)
        try:
            await asyncio.wait_for(stopping.wait(), PERIOD)
        except TimeoutError:
            continue


def clean() -> None:
    """Raw webhooks and keys of 30 days ago, unconfirmed batches, PDFs that nobody completed, answered challenges, and
    ended sessions."""
    try:
        purged = purge()
        drafts = forget_drafts()
        uploads = purge_uploads()
        keys = repeating.purge()
        challenges = passkeys.forget_challenges()
        call_command("clearsessions")
    finally:
        close_old_connections()
    log.info("house_kept", raw_hooks=purged, drafts=drafts, uploads=uploads, resend_keys=keys, challenges=challenges)
