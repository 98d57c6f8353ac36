"""What happens at an app's address besides the webhooks that are believed: written over, so that it can't pile up."""

from __future__ import annotations

import time
from collections.abc import Callable

import psycopg
import structlog

from acuse.hooks.models import Knock
from acuse.hooks.session import Session
from acuse.kernel import clock

log = structlog.get_logger(__name__)

#: Seconds in which the same at the same address is noted once: whoever knocks all the time must not write all the time.
NOTED_FOR = 1.0
#: As in `apps_cache`.
MOST = 1000

_UPSERT = (
    "insert into hooks_knock (app_id, what, at) values (%s, %s, %s) "
    "on conflict (app_id, what) do update set at = excluded.at"
)


class Knocks:
    def __init__(self, conninfo: Callable[[], str]) -> None:
        self._session = Session(conninfo)
        self._noted: dict[tuple[int, str], float] = {}

    async def note(self, app_id: int, what: Knock.What) -> None:
        """Whoever knocks gets the same answer whether this could be written or not."""
        key, now = (app_id, what.value), time.monotonic()
        if self._noted.get(key, 0.0) > now:
            return
        if len(self._noted) >= MOST:
            self._noted.clear()
        self._noted[key] = now + NOTED_FOR
        try:
            await self._session.run(lambda connection: _write(connection, app_id, what.value))
        except (psycopg.Error, OSError):
            log.exception("knock_not_noted", app=app_id, what=what.value)

    async def aclose(self) -> None:
        await self._session.aclose()


async def _write(connection: psycopg.AsyncConnection, app_id: int, what: str) -> None:
    await connection.execute(_UPSERT, (app_id, what, clock.now()))
