"""Customers' answers, forwarded by the installation's own mail. One at a time in the whole installation."""

from __future__ import annotations

import asyncio
import time

import structlog
from django.conf import settings
from django.urls import reverse

from acuse.companies import mail
from acuse.deliveries import answers
from acuse.deliveries.models import InboundMessage
from acuse.workers.own_mail import Failed, keep_sending, resting

log = structlog.get_logger(__name__)

PERIOD = 5.0


async def forward_answers(stopping: asyncio.Event) -> None:
    await keep_sending(forward_waiting, stopping, period=PERIOD)


def forward_waiting(failed: Failed) -> int:
    """All that can go now; how many."""
    if not mail.configured():
        return 0
    count = 0
    while True:
        try:
            if answers.forward(mail.deliver, link_to, but=resting(failed)) is None:
                return count
            count += 1
        except answers.NotForwarded as refused:
            failed[refused.company_id] = time.monotonic()
            log.warning("answer_not_forwarded", company=str(refused.company_id), error=str(refused.__cause__))


def link_to(message: InboundMessage) -> str:
    return f"{settings.BASE_URL}{reverse('web:inbound')}?mensaje={message.pk}"
