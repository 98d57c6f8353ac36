"""Customers' answers, forwarded by the installation's own mail. One at a time in the whole installation."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import structlog
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import close_old_connections
from django.urls import reverse

from acuse.companies import mail
from acuse.deliveries import answers
from acuse.deliveries.models import InboundMessage

log = structlog.get_logger(__name__)

PERIOD = 5.0
#: A company whose mail couldn't go is tried again after so long; the others aren't kept waiting.
AGAIN_AFTER = 300.0


async def forward_answers(stopping: asyncio.Event) -> None:
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
        forward_waiting(failed)
    finally:
        close_old_connections()


def forward_waiting(failed: dict[UUID, float]) -> int:
    """All that can go now; how many. `failed`: when each company's mail last couldn't, by `time.monotonic()`."""
    if not mail.configured():
        return 0
    count = 0
    while True:
        resting = frozenset(company for company, at in failed.items() if time.monotonic() - at < AGAIN_AFTER)
        try:
            if answers.forward(mail.deliver, link_to, but=resting) is None:
                return count
            count += 1
        except answers.NotForwarded as refused:
            failed[refused.company_id] = time.monotonic()
            log.warning("answer_not_forwarded", company=str(refused.company_id), error=str(refused.__cause__))


def link_to(message: InboundMessage) -> str:
    return f"{settings.BASE_URL}{reverse('web:inbound')}?mensaje={message.pk}"
