"""Where providers post: proved, stored as it came, answered. Nothing looks into a body before it is durable.

A raw ASGI callable ahead of Django: `/hooks/whatsapp/<app key>/`.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import psycopg
import structlog

from acuse.channels import registry
from acuse.channels.contract import Channel
from acuse.hooks.apps_cache import AppsCache, KnownApp
from acuse.hooks.knocks import Knocks
from acuse.hooks.models import Knock, RawHook
from acuse.hooks.store import Posted, Store
from acuse.kernel import clock

log = structlog.get_logger(__name__)

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

PREFIX = "/hooks/"
#: Meta's largest body.
MAX_BODY = 3 * 1024 * 1024
#: Seconds that a body may take to come.
READ_WITHIN = 60.0
NO_HEADERS: Headers = ()
_PATH = re.compile(r"/hooks/whatsapp/([A-Za-z0-9_-]{1,64})/?")
_CHALLENGE_LIMIT = 1000


class Refused(Exception):
    def __init__(self, status: int, text: str, *, headers: Headers = ()) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.headers = headers


class Gone(Exception):
    """Whoever asked hung up: there is nobody to answer."""


class HooksReceiver:
    """`conninfo` is asked at each connection, so that an embedded database may move."""

    def __init__(self, conninfo: Callable[[], str]) -> None:
        self._apps = AppsCache(conninfo)
        self._store = Store(conninfo, on_refused=self._apps.forget)
        self._knocks = Knocks(conninfo)
        self._reader = registry.hook_reader(Channel.WHATSAPP)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, text, headers = 200, "", NO_HEADERS
        try:
            text = await self._answer(scope, receive)
        except Refused as refused:
            status, text, headers = refused.status, refused.text, refused.headers
        except Gone:
            return
        except (psycopg.Error, OSError):
            # they post it again
            log.exception("hook_not_stored")
            status, text, headers = 503, "try again", ((b"retry-after", b"5"),)
        await _respond(send, status, text.encode(), headers)

    async def aclose(self) -> None:
        """What was received is stored first."""
        await self._store.aclose()
        await self._apps.aclose()
        await self._knocks.aclose()

    async def _answer(self, scope: Scope, receive: Receive) -> str:
        found = _PATH.fullmatch(scope["path"])
        if found is None:
            raise Refused(404, "not found")
        if scope["method"] not in ("GET", "POST"):
            raise Refused(405, "method not allowed", headers=((b"allow", b"GET, POST"),))
        app = await self._apps.get(found[1])
        if app is None:
            raise Refused(404, "not found")
        if scope["method"] == "GET":
            return await self._challenge(app, scope)
        return await self._receive(app, scope, receive)

    async def _challenge(self, app: KnownApp, scope: Scope) -> str:
        params = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        answer = self._reader.challenge(params, app.verify_token)
        if answer is None or len(answer) > _CHALLENGE_LIMIT:
            if params.get("hub.mode") == "subscribe":
                await self._knocks.note(app.id, Knock.What.WRONG_TOKEN)
            raise Refused(403, "wrong verify token")
        await self._knocks.note(app.id, Knock.What.CHALLENGE)
        return answer

    async def _receive(self, app: KnownApp, scope: Scope, receive: Receive) -> str:
        headers = dict(scope["headers"])
        said = headers.get(b"content-length", b"")
        if said.isdigit() and int(said) > MAX_BODY:
            raise Refused(413, "too large", headers=((b"connection", b"close"),))
        signature = headers.get(b"x-hub-signature-256", b"").decode("latin-1")
        if not app.secret or not signature:
            if signature:
                await self._knocks.note(app.id, Knock.What.NO_SECRET)
            raise Refused(401, "unsigned")
        try:
            async with asyncio.timeout(READ_WITHIN):
                body = await _body_of(receive)
        except TimeoutError as late:
            raise Refused(408, "too slow", headers=((b"connection", b"close"),)) from late
        if not self._reader.verify(body, signature, app.secret):
            await self._knocks.note(app.id, Knock.What.WRONG_SIGNATURE)
            raise Refused(401, "wrong signature")
        readable = self._reader.readable(body)
        state = RawHook.State.NEW if readable else RawHook.State.UNREADABLE
        await self._store.add(Posted(app.id, clock.now(), body, state.value))
        if not readable:
            raise Refused(400, "not JSON")
        return "ok"


async def _body_of(receive: Receive) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY:
            raise Refused(413, "too large", headers=((b"connection", b"close"),))
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks) if len(chunks) > 1 else chunk


async def _respond(send: Send, status: int, body: bytes, headers: Headers) -> None:
    base = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": [*base, *headers]})
    await send({"type": "http.response.body", "body": body})
