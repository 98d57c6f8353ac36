"""Ahead of Django, which writes a whole body to disk before any view sees it: what is too large never gets there."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
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


class _TooLarge(Exception):
    """It said nothing of its length, or less than it sent."""


class BodyLimit:
    """An ASGI application that answers 413 for too large bodies, of the API and of the pages, and hands the rest on."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        limit, refuse = _rule_of(scope["path"], headers)
        said = headers.get(b"content-length", b"")
        if said.isdigit() and int(said) > limit:
            await refuse(send)
            return
        try:
            await self._app(scope, _counting(receive, limit), send)
        except _TooLarge:
            await refuse(send)


def _rule_of(path: str, headers: Mapping[bytes, bytes]) -> tuple[int, Callable[[Send], Awaitable[None]]]:
    """The most bytes, and how more of them are refused."""
    kind = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
    if not path.startswith(PREFIX):
        files = kind == b"multipart/form-data"
        return (MAX_FORM_WITH_FILES if files else MAX_FORM), partial(_refuse_form, files=files)
    pdf = kind == b"application/pdf"
    return (MAX_PDF if pdf else MAX_JSON), partial(_refuse, pdf=pdf)


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


async def _refuse_form(send: Send, *, files: bool) -> None:
    text = "Los archivos pasan juntos los 100 MB. Volvé atrás y cargalos de a menos."
    await _answer(send, "text/plain; charset=utf-8", text if files else "El formulario es demasiado grande.")


async def _answer(send: Send, content_type: str, text: str) -> None:
    body = text.encode()
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
