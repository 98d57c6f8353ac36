"""The worker's own loops: an account is read, and its notice is in the mailbox of who can mend it."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest

from acuse.channels.models import AccountNotice, CheckDay, WhatsAppAccount
from acuse.kernel import clock
from acuse.workers import daily, telling
from acuse_simulator.process import SimulatorProcess
from tests.data import kept
from tests.data.cast import make_whatsapp
from tests.data.post_office import Post


def _until_it_arrives(post: Post) -> None:
    until = time.monotonic() + 30
    while not post.received() and time.monotonic() < until:
        time.sleep(0.05)


@pytest.mark.usefixtures("transactional_db")
def test_what_the_daily_reading_finds_arrives_by_mail(
    meta: SimulatorProcess, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    company = kept.cast()["company"]
    make_whatsapp(company, token="simulator-token")
    meta.control("tokens", token="simulator-token", expires_at=int((clock.now() + timedelta(days=2)).timestamp()))
    post = Post()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.server.port
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 5
    settings.DEFAULT_FROM_EMAIL = "Acuse <acuse@oeste.example>"
    for loop in (daily, telling):
        monkeypatch.setattr(loop, "PERIOD", 0.1)

    async def work() -> None:
        stopping = asyncio.Event()
        loops = [
            asyncio.create_task(daily.watch_accounts(stopping)),
            asyncio.create_task(telling.tell_administrators(stopping)),
        ]
        await asyncio.to_thread(_until_it_arrives, post)
        stopping.set()
        await asyncio.gather(*loops)

    try:
        asyncio.run(work())
        [message] = post.received()
    finally:
        post.close()
    assert [address.addr_spec for address in message["To"].addresses] == ["ana@oeste.example"]
    assert "El token de WhatsApp vence el" in message.get_content()
    assert WhatsAppAccount.objects.get().synced_at is not None
    assert AccountNotice.objects.get(key__endswith=":token").mailed_at is not None
    assert CheckDay.objects.get().company == company
