"""The one door to the network for WhatsApp. It tells three things apart: answered, not sent, no answer."""

from __future__ import annotations

import atexit
import functools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import (
    BuilderError,
    DetailedPyreqwestError,
    PoolTimeoutError,
    PyreqwestError,
    RequestTimeoutError,
)
from pyreqwest.multipart import FormBuilder, PartBuilder
from pyreqwest.request import RequestBuilder

#: The library's mark of a failure before the request: refused, no such host, TLS, connecting too slow. Its classes
#: mislead (a reset after sending is a ConnectError too), so the chain of causes decides.
NOT_CONNECTED = "client error (Connect)"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: Seconds.
CONNECT_TIMEOUT = 5.0
#: Bytes a second: the slowest link for which an upload is given the time that it needs.
SLOWEST_LINK = 250_000
#: Bytes: up to here a file is read at once, which costs half of the processor's time that streaming it does.
SMALL_FILE = 256 * 1024
#: Seconds that the interpreter waits before it ends, see `_settle_at_exit`.
SETTLE = 0.15


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    #: Names in lower case.
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class FilePart:
    path: Path
    #: Bytes.
    size: int
    media_type: str
    name: str


class NotSent(Exception):
    """Nothing left this machine. The reason: `connect`, `connect_timeout`, `busy`, `unusable` (address or token)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NoAnswer(Exception):
    """The request may have left, whole or in part, and no whole answer came. The reason: `timeout`, `lost`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class HttpClient:
    """Asks one API with one bearer token. Safe for concurrent use within one event loop."""

    def __init__(self, base_url: str, access_token: str, *, max_connections: int, timeout: float) -> None:
        self._base_url = base_url.rstrip("/")
        self._token = access_token
        self._timeout = timeout
        self._client = _build(self._base_url, max_connections, timeout)
        self._closed = False

    def __repr__(self) -> str:
        return f"HttpClient({self._base_url!r})"

    async def get(self, path: str, params: Mapping[str, str]) -> Answer:
        """Raises NotSent or NoAnswer."""
        return await self._send(self._authorised(self._client.get, path, self._timeout).query(params))

    async def post_json(self, path: str, body: Mapping[str, Any]) -> Answer:
        """Raises NotSent or NoAnswer."""
        return await self._send(self._authorised(self._client.post, path, self._timeout).body_json(body))

    async def post_form(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Raises NotSent or NoAnswer."""
        return await self._send(self._authorised(self._client.post, path, self._timeout).form(fields))

    async def post_bytes(self, path: str, content: bytes, headers: Mapping[str, str]) -> Answer:
        """Of the resumable upload, which wants the scheme OAuth. Raises NotSent or NoAnswer."""
        timeout = self._timeout + len(content) / SLOWEST_LINK
        return await self._send(
            self._authorised(self._client.post, path, timeout)
            .headers({**headers, "Authorization": f"OAuth {self._token}"})
            .body_bytes(content)
        )

    async def post_file(self, path: str, fields: Mapping[str, str], file: FilePart) -> Answer:
        """A large file is read as it leaves: its size doesn't count in memory. Raises NotSent, NoAnswer, OSError."""
        part = (await _part(file)).file_name(file.name).mime(file.media_type)
        form = FormBuilder()
        for name, value in fields.items():
            form = form.text(name, value)
        request = self._authorised(self._client.post, path, self._timeout + file.size / SLOWEST_LINK)
        return await self._send(request.multipart(form.part("file", part)))

    async def aclose(self) -> None:
        if not self._closed:
            self._closed = True
            await self._client.close()

    def _authorised(self, method: Callable[[str], RequestBuilder], path: str, timeout: float) -> RequestBuilder:
        try:
            request = method(f"{self._base_url}/{path}").bearer_auth(self._token)
        except ValueError:
            # Without its cause: the library's message may quote what it refused.
            raise NotSent("unusable") from None
        return request.timeout(timedelta(seconds=timeout))

    async def _send(self, request: RequestBuilder) -> Answer:
        try:
            response = await request.build().send()
            body = bytes(await response.bytes())
        except PyreqwestError as error:
            raise _failure(error) from error
        return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, body)


async def _part(file: FilePart) -> PartBuilder:
    if file.size <= SMALL_FILE:
        return PartBuilder.from_bytes(file.path.read_bytes())
    return await PartBuilder.from_file(file.path)


def _build(base_url: str, max_connections: int, timeout: float) -> Client:
    _settle_at_exit()
    builder = (
        ClientBuilder()
        .follow_redirects(False)
        .max_connections(max_connections)
        .pool_timeout(timedelta(seconds=timeout))
        # Less than the whole, or a slow connection couldn't be told from a slow answer.
        .connect_timeout(timedelta(seconds=min(CONNECT_TIMEOUT, timeout / 2)))
        .timeout(timedelta(seconds=timeout))
        .user_agent("acuse")
    )
    if urlsplit(base_url).hostname in LOOPBACK:
        builder = builder.no_proxy()
    return builder.build()


def _failure(error: PyreqwestError) -> NotSent | NoAnswer:
    if isinstance(error, BuilderError):
        return NotSent("unusable")
    if isinstance(error, PoolTimeoutError):
        return NotSent("busy")
    late = isinstance(error, RequestTimeoutError)
    if NOT_CONNECTED in _causes(error):
        return NotSent("connect_timeout" if late else "connect")
    return NoAnswer("timeout" if late else "lost")


def _causes(error: PyreqwestError) -> list[str]:
    if not isinstance(error, DetailedPyreqwestError):
        return []
    return [str(cause.get("message")) for cause in error.details.get("causes") or ()]


@functools.cache
def _settle_at_exit() -> None:
    """The library's thread may still hold the interpreter for an instant after its last answer, and an interpreter that
    ends meanwhile aborts (1–5 % of short runs, whether the client was closed or not). Waiting lets it finish first."""
    atexit.register(time.sleep, SETTLE)
