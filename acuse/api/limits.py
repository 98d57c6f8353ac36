"""Ahead of Django, which writes a whole body to disk before any view sees it: what is too large never gets there, and
what never ends doesn't stay.

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

from acuse.api.bodies import MAX_JSON, MAX_PDF, too_large, too_slow
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
#: Seconds that the next piece of what is thrown away may take, and all of it.
PIECE_WITHIN, DISCARDED_WITHIN = 20.0, 15 * 60.0
#: The same of what is read: the largest in all of it is a megabit a second.
NEXT_WITHIN, READ_WITHIN = 60.0, 15 * 60.0
#: The HTML of a refused form: whether files came with it.
Page = Callable[[int, bool], str]
#: Its content type and its text.
Refusal = Callable[[int], tuple[str, str]]


class _Refused(Exception):
    """413: it said nothing of its length, or less than it sent. 408: it doesn't end."""

    def __init__(self, status: int) -> None:
        self.status = status


class BodyLimit:
    """An ASGI application that answers 413 for too large bodies and 408 for endless ones, of the API and of the pages,
    and hands the rest on."""

    def __init__(self, app: App, page: Page) -> None:
        self._app = app
        self._page = page

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit, refusal = self._rule_of(scope["path"], headers)
        said = headers.get(b"content-length", b"")
        if said.isdigit() and int(said) > limit:
            # who asks first sends nothing after a refusal
            asks = b"100-continue" in headers.get(b"expect", b"").lower()
            if not asks and int(said) <= MAX_DISCARDED:
                await _discard(receive)
            await _answer(send, 413, refusal)
            return
        try:
            await self._app(scope, _limited(receive, limit), send)
            return
        except _Refused as refused:
            status = refused.status
        # not while there is the exception: what Django wrote to disk goes with it
        if status == 413:
            await _discard(receive)
        await _answer(send, status, refusal)

    def _rule_of(self, path: str, headers: Mapping[bytes, bytes]) -> tuple[int, Refusal]:
        """The most bytes, and how it is refused."""
        kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
        if not path.startswith(PREFIX):
            files = kind == b"multipart/form-data"
            return (MAX_FORM_WITH_FILES if files else MAX_FORM), partial(_of_a_form, page=self._page, files=files)
        pdf = kind == b"application/pdf"
        return (MAX_PDF if pdf else MAX_JSON), partial(_of_the_api, pdf=pdf)


async def _discard(receive: Receive) -> None:
    """Until it ends, the client goes away, or it took too long. However much it is: who doesn't say so would find the
    connection broken."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DISCARDED_WITHIN):
            more = True
            while more:
                # Python 3.11's `wait_for` lets the outer limit pass unheard when a piece comes at that very moment
                async with asyncio.timeout(PIECE_WITHIN):
                    more = (await receive()).get("more_body", False)


def _limited(receive: Receive, limit: int) -> Receive:
    """Raises _Refused, until all of the body came: then it waits for the client to go, as long as it takes."""
    seen, ends, whole = 0, asyncio.get_running_loop().time() + READ_WITHIN, False

    async def limited() -> Message:
        nonlocal seen, whole
        if whole:
            return await receive()
        within = min(NEXT_WITHIN, ends - asyncio.get_running_loop().time())
        try:
            async with asyncio.timeout(within):
                message = await receive()
        except TimeoutError as late:
            raise _Refused(408) from late
        seen += len(message.get("body", b""))
        if seen > limit:
            raise _Refused(413)
        whole = not message.get("more_body")
        return message

    return limited


def _of_the_api(status: int, *, pdf: bool) -> tuple[str, str]:
    problem = too_large(pdf=pdf) if status == 413 else too_slow()
    return CONTENT_TYPE, json.dumps(problem.as_json(), ensure_ascii=False)


def _of_a_form(status: int, *, page: Page, files: bool) -> tuple[str, str]:
    return "text/html; charset=utf-8", page(status, files)


async def _answer(send: Send, status: int, refusal: Refusal) -> None:
    content_type, text = refusal(status)
    body = text.encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'self'; frame-ancestors 'self'"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
