"""Sends webhooks: after a delay, in batches, several times or out of order, and again when the callback fails."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from acuse_simulator import payloads, signing
from acuse_simulator.config import Hooks
from acuse_simulator.payloads import Item

SIMULTANEOUS = 32
JOURNAL = 2000  #: POSTs remembered


class Dispatcher:
    """Lives in one event loop: every method is called inside it."""

    def __init__(self) -> None:
        self.hooks = Hooks()
        self.secret = ""
        self.journal: deque[dict[str, Any]] = deque(maxlen=JOURNAL)
        self.waiting = 0  #: items scheduled and not yet answered for
        self._tasks: set[asyncio.Task[None]] = set()
        self._gathering: dict[str, list[Item]] = {}
        self._client: Client | None = None
        self._slots = asyncio.Semaphore(SIMULTANEOUS)
        self._numbers = itertools.count(1)

    def configure(self, hooks: Hooks, secret: str) -> None:
        self.hooks = hooks
        self.secret = secret

    @property
    def client(self) -> Client:
        if self._client is None:
            builder = ClientBuilder().no_proxy().follow_redirects(False).timeout(timedelta(seconds=10))
            self._client = builder.connect_timeout(timedelta(seconds=3)).build()
        return self._client

    def schedule(self, delay: float, item: Item | None, happened: Callable[[], None] | None = None) -> None:
        """`happened` is called when the delay is over, before the POST; without an item there is no POST."""
        self.waiting += 1
        self._start(self._later(delay, item, happened))

    def forget(self) -> None:
        """Drop all that is under way."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._gathering.clear()
        self.waiting = 0
        self.journal.clear()

    async def close(self) -> None:
        tasks = list(self._tasks)
        self.forget()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()
            self._client = None

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _later(self, delay: float, item: Item | None, happened: Callable[[], None] | None) -> None:
        await asyncio.sleep(delay)
        if happened is not None:
            happened()
        url = (item.url or self.hooks.url) if item is not None else None
        if item is None or url is None:
            self.waiting -= 1
        elif self.hooks.batch <= 1:
            await self._deliver(url, [item])
        else:
            self._gather(url, item)

    def _gather(self, url: str, item: Item) -> None:
        batch = self._gathering.setdefault(url, [])
        batch.append(item)
        if len(batch) >= self.hooks.batch:
            self._start(self._deliver(url, self._gathering.pop(url)))
        elif len(batch) == 1:
            self._start(self._flush(url, batch))

    async def _flush(self, url: str, batch: list[Item]) -> None:
        await asyncio.sleep(self.hooks.window)
        if self._gathering.get(url) is batch:
            del self._gathering[url]
            await self._deliver(url, batch)

    async def _deliver(self, url: str, items: list[Item]) -> None:
        ordered = payloads.shuffled(items) if self.hooks.disorder else items
        body = signing.serialise(payloads.envelope(ordered, self.hooks.layout))
        copies = 1 + self.hooks.duplicates
        await asyncio.gather(*(self._insist(url, body, len(items)) for _ in range(copies)))
        self.waiting -= len(items)

    async def _insist(self, url: str, body: bytes, items: int) -> None:
        wait = self.hooks.first_wait
        for attempt in range(1, self.hooks.attempts + 1):
            answered = await self.post(url, body, signing.signature(body, self.secret), items=items, attempt=attempt)
            if 200 <= answered < 300:
                return
            if attempt < self.hooks.attempts:
                await asyncio.sleep(wait)
                wait *= 2

    async def post(self, url: str, body: bytes, signature: str | None, *, items: int = 1, attempt: int = 1) -> int:
        """The status; 0 when there was no answer. Noted in the journal."""
        note: dict[str, Any] = {
            "number": next(self._numbers),
            "url": url,
            "items": items,
            "attempt": attempt,
            "bytes": len(body),
        }
        async with self._slots:
            started = time.perf_counter()
            try:
                request = self.client.post(url).header("Content-Type", "application/json")
                request = request.header("User-Agent", "facebookexternalua")
                if signature is not None:
                    request = request.header("X-Hub-Signature-256", signature)
                response = await request.body_bytes(body).build().send()
                note["status"] = response.status
            except PyreqwestError as error:
                note |= {"status": 0, "error": error.message}
        note["ms"] = round((time.perf_counter() - started) * 1000, 1)
        self.journal.append(note)
        return int(note["status"])

    async def verify(self, url: str, verify_token: str, challenge: str) -> tuple[bool, int, str]:
        """The handshake of a subscription: (right answer?, status, body)."""
        query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
        try:
            response = await self.client.get(url).query(query).build().send()
            text = await response.text()
        except PyreqwestError as error:
            return False, 0, error.message
        return response.status == 200 and text == challenge, response.status, text
