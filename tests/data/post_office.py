"""A mail server in a thread of its own: what is waited for runs in the test's."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
from concurrent.futures import Future
from email.message import EmailMessage
from typing import Any

from tests.contracts.test_email_sender import Handler, MailServer


class Post:
    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.server = MailServer()
        self._run(self.server.start())

    def _run(self, step: Any) -> None:
        done: Future[None] = asyncio.run_coroutine_threadsafe(step, self._loop)
        done.result(10)

    @property
    def handler(self) -> Handler:
        return self.server.handler

    def close(self) -> None:
        self._run(self.server.stop())
        # the connections' ends are told to their protocols in the loop's next rounds
        self._run(asyncio.sleep(0.1))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def received(self) -> list[EmailMessage]:
        parsed = [email.message_from_bytes(body, policy=email.policy.default) for body in self.handler.bodies]
        return [message for message in parsed if isinstance(message, EmailMessage)]

    def url(self, password: str) -> str:
        return f"smtp://facturas:{password}@127.0.0.1:{self.server.port}"
