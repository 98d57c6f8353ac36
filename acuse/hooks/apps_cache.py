"""The apps that may post, by their key, remembered for seconds: a mended secret works soon."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import structlog

from acuse.companies.secrets.crypto import UnreadableSecret, decrypt
from acuse.hooks.session import Session

log = structlog.get_logger(__name__)

#: Seconds that a known app, and an unknown key, are remembered.
KNOWN_FOR = 3.0
UNKNOWN_FOR = 0.25
#: Whoever tries keys at random must not fill the memory.
MOST = 1000

_QUERY = "select id, app_secret, verify_token from channels_whatsappapp where key = %s"


@dataclass(frozen=True, slots=True)
class KnownApp:
    id: int
    #: Blank: not set, and nothing it signs is believed.
    secret: str = field(repr=False)
    verify_token: str = field(repr=False)


class AppsCache:
    def __init__(self, conninfo: Callable[[], str]) -> None:
        self._session = Session(conninfo)
        self._found: dict[str, tuple[float, KnownApp | None]] = {}

    async def get(self, key: str) -> KnownApp | None:
        """Raises psycopg.Error when the database is away."""
        until, app = self._found.get(key, (0.0, None))
        if until > time.monotonic():
            return app
        row = await self._session.run(lambda connection: _look(connection, key))
        app = _known(row) if row else None
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[key] = (time.monotonic() + (KNOWN_FOR if app else UNKNOWN_FOR), app)
        return app

    def forget(self) -> None:
        self._found.clear()

    async def aclose(self) -> None:
        await self._session.aclose()


async def _look(connection: psycopg.AsyncConnection, key: str) -> tuple[int, str, str] | None:
    row = await (await connection.execute(_QUERY, (key,))).fetchone()
    return (row[0], row[1], row[2]) if row else None


def _known(row: tuple[int, str, str]) -> KnownApp:
    app_id, secret, verify_token = row
    return KnownApp(app_id, _reveal(app_id, secret), _reveal(app_id, verify_token))


def _reveal(app_id: int, encrypted: str) -> str:
    if not encrypted:
        return ""
    try:
        return decrypt(encrypted)
    except UnreadableSecret:
        log.exception("app_secret_unreadable", app=app_id)
        return ""
