"""Notices of the senders, mailed by the installation's own mail. One at a time in the whole installation."""

from __future__ import annotations

import asyncio
import time

import structlog
from django.conf import settings
from django.urls import reverse

from acuse.channels import notice_mail
from acuse.companies import mail
from acuse.workers.own_mail import Failed, keep_sending, resting

log = structlog.get_logger(__name__)

PERIOD = 10.0


async def tell_administrators(stopping: asyncio.Event) -> None:
    await keep_sending(tell_waiting, stopping, period=PERIOD)


def tell_waiting(failed: Failed) -> int:
    """All that can be told now; of how many companies."""
    if not mail.configured():
        # they stay on the page
        return 0
    pages = notice_mail.Pages(
        whatsapp=f"{settings.BASE_URL}{reverse('web:whatsapp_status')}",
        mailbox=f"{settings.BASE_URL}{reverse('web:deliveries')}",
    )
    count = 0
    while True:
        try:
            if notice_mail.tell(mail.deliver, pages, but=resting(failed)) is None:
                return count
            count += 1
        except notice_mail.NotTold as refused:
            failed[refused.company_id] = time.monotonic()
            why = refused.__cause__.__cause__ or refused.__cause__ if refused.__cause__ else "nobody"
            log.warning("notices_not_mailed", company=str(refused.company_id), error=str(why))
