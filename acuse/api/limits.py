"""Ahead of Django, which writes a whole body to disk before any view sees it: what is too large never gets there."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from acuse.api.bodies import MAX_JSON, MAX_PDF, too_large
from acuse.api.problems import CONTENT_TYPE

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]
PREFIX = "/api/v1/"


class _TooLarge(Exception):
    """It said nothing of its length, or less than it sent."""


class BodyLimit:
    """An ASGI application that answers 413 for the API's too large bodies, and hands the rest on."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        pdf = headers.get(b"content-type", b"").split(b";")[0].strip().lower() == b"application/pdf"
        limit, said = (MAX_PDF if pdf else MAX_JSON), headers.get(b"content-length", b"")
        if said.isdigit() and int(said) > limit:
            await _refuse(send, pdf=pdf)
            return
        try:
            await self._app(scope, _counting(receive, limit), send)
        except _TooLarge:
            await _refuse(send, pdf=pdf)


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
    problem = too_large(pdf=pdf)
    body = json.dumps(problem.as_json(), ensure_ascii=False).encode()
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": problem.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
