"""Ahead of Django, which writes a whole body to disk before any view sees it: what is too large never gets there.

A client that is still sending when the connection is closed never reads why, and a browser says that there is no
network. So what is on its way is thrown away first, for a while.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from acuse.api.bodies import MAX_JSON, MAX_PDF, too_large
from acuse.api.problems import CONTENT_TYPE

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
PREFIX = "/api/v1/"
#: Ours are far smaller: the largest names a thousand vouchers.
MAX_FORM = 1024 * 1024
#: With files: one PDF of the largest, or several that weigh as much together.
MAX_FORM_WITH_FILES = MAX_PDF + MAX_FORM
#: Bytes: a body that says that it is larger is refused at once, and nobody waits for it to come.
MAX_DISCARDED = 1024 * 1024 * 1024
#: Seconds that its next piece may take, and all of it.
PIECE_WITHIN, DISCARDED_WITHIN = 20.0, 15 * 60.0
#: The HTML of a refused form: whether files came with it.
Page = Callable[[bool], str]


class _TooLarge(Exception):
    """It said nothing of its length, or less than it sent."""


class BodyLimit:
    """An ASGI application that answers 413 for too large bodies, of the API and of the pages, and hands the rest on."""

    def __init__(self, app: App, page: Page) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit, refuse = self._rule_of(scope["path"], headers)
        said = headers.get(b"content-length", b"")
        if said.isdigit() and int(said) > limit:
            # who asks first sends nothing after a refusal
            asks = b"100-continue" in headers.get(b"expect", b"").lower()
            if not asks and int(said) <= MAX_DISCARDED:
                await _discard(receive)
            await refuse(send)
            return
        with suppress(_TooLarge):
            await self._app(scope, _counting(receive, limit), send)
            return
        # not while there is the exception: what Django wrote to disk goes with it
        await _discard(receive)
        await refuse(send)

    def _rule_of(self, path: str, headers: Mapping[bytes, bytes]) -> tuple[int, Callable[[Send], Awaitable[None]]]:
        """The most bytes, and how more of them are refused."""
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if not path.startswith(PREFIX):
            files = kind == b"multipart/form-data"
            return (MAX_FORM_WITH_FILES if files else MAX_FORM), partial(_refuse_form, text=partial(self._page, files))
        pdf = kind == b"application/pdf"
        return (MAX_PDF if pdf else MAX_JSON), partial(_refuse, pdf=pdf)


async def _discard(receive: Receive) -> None:
    """Until it ends, the client goes away, or it took too long. However much it is: who doesn't say so would find the
    connection broken."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARDED_WITHIN):
            while (await asyncio.wait_for(receive(), PIECE_WITHIN)).get("more_body"):
                pass


def _counting(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _TooLarge
        return message

    return counted


async def _refuse(send: Send, *, pdf: bool) -> None:
    await _answer(send, CONTENT_TYPE, json.dumps(too_large(pdf=pdf).as_json(), ensure_ascii=False))


async def _refuse_form(send: Send, *, text: Callable[[], str]) -> None:
    await _answer(send, "text/html; charset=utf-8", text())


async def _answer(send: Send, content_type: str, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'self'; frame-ancestors 'self'"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
