"""Notices of the senders, mailed by the installation's own mail. One at a time in the whole installation."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.urls import reverse

from acuse.channels import notice_mail
from acuse.companies import mail

log = structlog.get_logger(__name__)

PERIOD = 10.0
#: A company whose mail couldn't go is tried again after so long; the others aren't kept waiting.
AGAIN_AFTER = 300.0


async def tell_administrators(stopping: asyncio.Event) -> None:
    failed: dict[UUID, float] = {}
    while not stopping.is_set():
        # not in the thread that the lanes' own queries share: they would wait for it
        await sync_to_async(_round, thread_sensitive=False)(failed)
        try:
            await asyncio.wait_for(stopping.wait(), PERIOD)
        except TimeoutError:
            continue


def _round(failed: dict[UUID, float]) -> None:
    try:
        tell_waiting(failed)
    finally:
        close_old_connections()


def tell_waiting(failed: dict[UUID, float]) -> int:
    """All that can be told now; of how many companies. `failed`: when each one's couldn't, by `time.monotonic()`."""
    if not mail.configured():
        # they stay on the page
        return 0
    page = f"{settings.BASE_URL}{reverse('web:whatsapp_status')}"
    count = 0
    while True:
        resting = frozenset(company for company, at in failed.items() if time.monotonic() - at < AGAIN_AFTER)
        try:
            if notice_mail.tell(mail.deliver, page, but=resting) is None:
                return count
            count += 1
        except notice_mail.NotTold as refused:
            failed[refused.company_id] = time.monotonic()
            log.warning("notices_not_mailed", company=str(refused.company_id), error=str(refused.__cause__ or "nobody"))
