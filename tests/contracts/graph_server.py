"""A bare HTTP server on loopback that can be told to cut, stall or half-write. No product code in it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Received:
    path: str
    headers: dict[str, str]
    #: Up to 1 MB; the rest is read and thrown away.
    body: bytes
    size: int


Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]


def answer(status: int, body: bytes | Any, **headers: str) -> Reply:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} x", f"Content-Length: {len(raw)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)
        await writer.drain()

    return reply


async def cut(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def stall(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


async def half_write(writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"messages":[{')
    await writer.drain()
    writer.close()


@dataclass
class GraphServer:
    """Answers uploads and messages well unless told otherwise."""

    messages: Reply | None = None
    media: Reply | None = None
    received: list[Received] = field(default_factory=list)
    url: str = ""
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _count: int = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        if self._server:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def of(self, endpoint: str) -> list[Received]:
        return [r for r in self.received if r.path.endswith(f"/{endpoint}")]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self._one(reader, writer)
        except asyncio.CancelledError:
            # asyncio.streams logs a cancelled handler as an error of the loop.
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in head[1:] if line)}
        left = size = int(headers.get("content-length", "0"))
        kept = bytearray()
        while left:
            chunk = await reader.read(min(left, 65_536))
            if not chunk:
                raise ConnectionError
            left -= len(chunk)
            if len(kept) < 1_000_000:
                kept += chunk
        received = Received(head[0].split(" ")[1], headers, bytes(kept), size)
        self.received.append(received)
        await self._reply(received)(writer)

    def _reply(self, received: Received) -> Reply:
        self._count += 1
        if received.path.endswith("/media"):
            return self.media or answer(200, {"id": str(1_000_000 + self._count)})
        told = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": "+5491123456789", "wa_id": "5491123456789"}],
            "messages": [{"id": f"wamid.{self._count}", "message_status": "accepted"}],
        }
        return self.messages or answer(200, told)
