"""Posts signed one-status webhooks over keep-alive connections, and says how long each answer took.

python -m tests.load.webhook_client URL SECRET PHONE_NUMBER_ID REQUESTS CONNECTIONS → one JSON line
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import sys
import time
import uuid
from typing import cast
from urllib.parse import urlsplit

import uvloop


def requests(url: str, secret: str, phone_number_id: str, count: int) -> list[bytes]:
    parts = urlsplit(url)
    return [_request(parts.path, parts.netloc, secret, _body(phone_number_id)) for _ in range(count)]


def _body(phone_number_id: str) -> bytes:
    status = {
        "id": f"wamid.{uuid.uuid4().hex}{uuid.uuid4().hex}", "status": "delivered", "timestamp": "1790000000",
        "recipient_id": "5493415550199", "biz_opaque_callback_data": str(uuid.uuid4()),
        "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"},
    }  # fmt: skip
    metadata = {"display_phone_number": "5493415550100", "phone_number_id": phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
    entry = {"id": "102290129340398", "changes": [{"value": value, "field": "messages"}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def _request(path: str, host: str, secret: str, body: bytes) -> bytes:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        f"X-Hub-Signature-256: sha256={signature}\r\n\r\n"
    )
    return head.encode() + body


class Poster(asyncio.Protocol):
    """One connection: the next request leaves when the last one was answered."""

    def __init__(self, waiting: list[bytes], taken: list[float]) -> None:
        self._waiting, self._taken = waiting, taken
        self._got = b""
        self._begun = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's own classes are no subclasses of it
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        if not self._waiting:
            self._transport.close()
            self.done.set_result(None)
            return
        self._begun = time.perf_counter()
        self._transport.write(self._waiting.pop())

    def data_received(self, data: bytes) -> None:
        self._got += data
        if not self._got.endswith(b"\r\n\r\nok"):
            return
        if not self._got.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(repr(self._got)))
            return
        self._taken.append(time.perf_counter() - self._begun)
        self._got = b""
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or RuntimeError(f"closed: {self._got[:200]!r}"))


async def post(url: str, waiting: list[bytes], connections: int) -> dict[str, float]:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 80
    count, taken = len(waiting), list[float]()
    loop = asyncio.get_running_loop()
    begun = time.perf_counter()
    posters = [
        (await loop.create_connection(lambda: Poster(waiting, taken), host, port))[1] for _ in range(connections)
    ]
    await asyncio.gather(*(poster.done for poster in posters))
    seconds = time.perf_counter() - begun
    taken.sort()
    return {
        "a_second": round(count / seconds),
        "p50_ms": round(taken[count // 2] * 1000, 1),
        "p99_ms": round(taken[int(count * 0.99)] * 1000, 1),
        "max_ms": round(taken[-1] * 1000, 1),
    }


def main(url: str, secret: str, phone_number_id: str, count: str, connections: str) -> None:
    waiting = requests(url, secret, phone_number_id, int(count))
    print(json.dumps(uvloop.run(post(url, waiting, int(connections)))))


if __name__ == "__main__":
    main(*sys.argv[1:])
