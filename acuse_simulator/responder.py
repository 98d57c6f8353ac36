"""The least that answers like the platform, for benchmarks: raw ASGI, no checks, no memory of what came.

`…/media` and `…/messages` answer after a given latency. With a callback, three signed statuses a message.
"""

import argparse
import asyncio
import base64
import hashlib
import hmac
import json
import os
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from acuse_simulator.config import require_loopback
from acuse_simulator.server import print_ready, serve_app

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

STATUSES = ("sent", "delivered", "read")
RETRIES = 5
FIRST_WAIT = 0.2  #: seconds before a failed POST is tried again; doubles
JSON_HEADERS = [(b"content-type", b"application/json")]


@dataclass
class Stats:
    uploads: int = 0
    upload_bytes: int = 0
    messages: int = 0
    receipts_posted: int = 0  #: statuses that the callback answered with 2xx
    receipts_failed: int = 0  #: statuses dropped after the last retry
    posts: int = 0
    in_flight: int = 0
    most_in_flight: int = 0


class Receipts:
    """A queue of statuses and the workers that post them."""

    def __init__(self, url: str, secret: str, batch: int, linger: float, posters: int) -> None:
        self.url = url
        self.secret = secret.encode()
        self.batch = batch
        self.linger = linger
        self.posters = posters
        self.queue: deque[tuple[str, bytes]] = deque()  #: number, the status as JSON
        self.something = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._client: Client | None = None

    def start(self, stats: Stats) -> None:
        builder = ClientBuilder().no_proxy().follow_redirects(False).timeout(timedelta(seconds=10))
        self._client = client = builder.max_connections(self.posters).build()
        self._tasks = [asyncio.create_task(self._work(client, stats)) for _ in range(self.posters)]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.close()

    def add(self, number: str, wamid: str, to: str, opaque: str | None) -> None:
        at = int(time.time())
        extra = f',"biz_opaque_callback_data":{json.dumps(opaque)}' if opaque is not None else ""
        for status in STATUSES:
            text = f'{{"id":"{wamid}","status":"{status}","timestamp":"{at}","recipient_id":{json.dumps(to)}{extra}}}'
            self.queue.append((number, text.encode()))
        self.something.set()

    async def _work(self, client: Client, stats: Stats) -> None:
        while True:
            while not self.queue:
                self.something.clear()
                await self.something.wait()
            if self.batch > 1 and len(self.queue) < self.batch:
                await asyncio.sleep(self.linger)
            taken = [self.queue.popleft() for _ in range(min(self.batch, len(self.queue)))]
            if taken:
                delivered = await self._insist(client, _envelope(taken), stats)
                stats.receipts_posted += len(taken) if delivered else 0
                stats.receipts_failed += 0 if delivered else len(taken)

    async def _insist(self, client: Client, body: bytes, stats: Stats) -> bool:
        signature = "sha256=" + hmac.new(self.secret, body, hashlib.sha256).hexdigest()
        wait = FIRST_WAIT
        for last in [False] * RETRIES + [True]:
            stats.posts += 1
            try:
                request = client.post(self.url).header("content-type", "application/json")
                response = await request.header("x-hub-signature-256", signature).body_bytes(body).build().send()
                if 200 <= response.status < 300:
                    return True
            except PyreqwestError as error:
                sys.stderr.write(f"responder: {error.message}\n")
            if not last:
                await asyncio.sleep(wait)
                wait *= 2
        return False


def _envelope(statuses: list[tuple[str, bytes]]) -> bytes:
    """One change a number, in one entry."""
    changes = []
    for number in dict.fromkeys(n for n, _ in statuses):
        own = b",".join(text for n, text in statuses if n == number)
        metadata = b'{"display_phone_number":"5491155509000","phone_number_id":"' + number.encode() + b'"}'
        changes.append(
            b'{"value":{"messaging_product":"whatsapp","metadata":' + metadata + b',"statuses":[' + own + b"]},"
            b'"field":"messages"}'
        )
    entry = b'{"id":"102290129340398","time":%d,"changes":[' % int(time.time()) + b",".join(changes) + b"]}"
    return b'{"object":"whatsapp_business_account","entry":[' + entry + b"]}"


class Responder:
    """The ASGI application."""

    def __init__(self, latency: float, receipts: Receipts | None) -> None:
        self.latency = latency
        self.receipts = receipts
        self.stats = Stats()
        self._next = int(time.time() * 1000) * 1_000_000

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path: str = scope["path"]
        if path.endswith("/media"):
            await self._media(receive, send)
        elif path.endswith("/messages"):
            await self._message(path, receive, send)
        elif path == "/stats":
            pending = len(self.receipts.queue) if self.receipts else 0
            await _respond(send, 200, json.dumps({**asdict(self.stats), "receipts_pending": pending}).encode())
        else:
            await _respond(
                send, 404, b'{"error":{"message":"Unknown path components","type":"OAuthException","code":2500}}'
            )

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.startup" and self.receipts is not None:
                self.receipts.start(self.stats)
            elif kind == "lifespan.shutdown" and self.receipts is not None:
                await self.receipts.stop()
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return

    async def _wait(self) -> None:
        stats = self.stats
        stats.in_flight += 1
        stats.most_in_flight = max(stats.most_in_flight, stats.in_flight)
        await asyncio.sleep(self.latency)
        stats.in_flight -= 1

    async def _media(self, receive: Receive, send: Send) -> None:
        size, more = 0, True
        while more:
            part = await receive()
            size += len(part.get("body", b""))
            more = part.get("more_body", False)
        self._next += 1
        media = b'{"id":"%d"}' % self._next
        await self._wait()
        self.stats.uploads += 1
        self.stats.upload_bytes += size
        await _respond(send, 200, media)

    async def _message(self, path: str, receive: Receive, send: Send) -> None:
        parts, more = [], True
        while more:
            part = await receive()
            parts.append(part.get("body", b""))
            more = part.get("more_body", False)
        message = json.loads(b"".join(parts))
        self._next += 1
        wamid = "wamid." + base64.b64encode(self._next.to_bytes(24, "big")).decode()
        to = str(message.get("to", ""))
        await self._wait()
        self.stats.messages += 1
        digits = to.lstrip("+")
        answer = (
            f'{{"messaging_product":"whatsapp","contacts":[{{"input":{json.dumps(to)},"wa_id":{json.dumps(digits)}}}],'
            f'"messages":[{{"id":"{wamid}","message_status":"accepted"}}]}}'
        )
        await _respond(send, 200, answer.encode())
        if self.receipts is not None:
            self.receipts.add(path.split("/")[-2], wamid, digits, message.get("biz_opaque_callback_data"))


async def _respond(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": JSON_HEADERS})
    await send({"type": "http.response.body", "body": body})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m acuse_simulator.responder", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency-ms", type=float, default=200)
    parser.add_argument("--receipts", metavar="URL")
    parser.add_argument("--app-secret", default="simulator-app-secret")
    parser.add_argument("--batch", type=int, default=1, help="statuses a POST")
    parser.add_argument("--linger-ms", type=float, default=20, help="how long a batch waits for more")
    parser.add_argument("--posters", type=int, default=64, help="POSTs at once")
    arguments = parser.parse_args()
    try:
        require_loopback(arguments.host)
    except ValueError as error:
        sys.stderr.write(f"responder: {error}\n")
        return 2

    def make() -> tuple[Responder, Callable[[], None]]:
        receipts = None
        if arguments.receipts:
            linger = arguments.linger_ms / 1000
            receipts = Receipts(arguments.receipts, arguments.app_secret, arguments.batch, linger, arguments.posters)
        return Responder(arguments.latency_ms / 1000, receipts), lambda: None

    serve_app(make, arguments.host, arguments.port, print_ready)
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    # The HTTP client's threads abort the interpreter now and then when it finalises just after a close.
    os._exit(code)
