"""Raw bodies, made durable by group commit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import psycopg

from acuse.channels.contract import Channel
from acuse.deliveries.lane.group_commit import GroupCommit
from acuse.deliveries.statements import statement
from acuse.hooks.models import RawHook
from acuse.hooks.session import Session

#: Whoever applies what is stored here listens to it.
NOTIFY = "acuse_hooks"
#: At most one call in this many seconds.
NOTIFY_EVERY = 0.02
MOST_ROWS = 1000
#: `ProviderCount.key` of bodies that are signed, but not JSON.
UNREADABLE = "unreadable"

_COPY = "copy hooks_rawhook (app_id, received_at, body, state) from stdin (format binary)"
_TYPES = ("int8", "timestamptz", "bytea", "varchar")


@dataclass(frozen=True, slots=True)
class Posted:
    app_id: int
    received_at: datetime
    body: bytes
    #: `RawHook.State`
    state: str


class Store:
    """`on_refused`: called when the database refuses a row, of an app that was deleted a moment ago for example."""

    def __init__(self, conninfo: Callable[[], str], *, on_refused: Callable[[], None]) -> None:
        self._session = Session(conninfo)
        self._caller = Session(conninfo)
        self._on_refused = on_refused
        self._commits: GroupCommit[Posted, None] = GroupCommit(self._flush, most=MOST_ROWS)
        self._calling: asyncio.Task[None] | None = None
        self._call_again = False

    async def add(self, posted: Posted) -> None:
        """Returns once it is durable. Raises psycopg.Error when it is not."""
        await self._commits.add(posted)

    async def aclose(self) -> None:
        await self._commits.idle()
        if self._calling is not None:
            await self._calling
        await self._session.aclose()
        await self._caller.aclose()

    async def _flush(self, batch: Sequence[Posted]) -> Sequence[None]:
        try:
            await self._session.run(lambda connection: _write(connection, batch))
        except psycopg.IntegrityError:
            self._on_refused()
            raise
        self._call()
        return [None] * len(batch)

    def _call(self) -> None:
        self._call_again = True
        if self._calling is None or self._calling.done():
            self._calling = asyncio.create_task(self._call_until_quiet())

    async def _call_until_quiet(self) -> None:
        while self._call_again:
            self._call_again = False
            try:
                await self._caller.run(_notify)
            except psycopg.Error:
                # what is stored is found by the next look
                return
            await asyncio.sleep(NOTIFY_EVERY)


async def _notify(connection: psycopg.AsyncConnection) -> None:
    await connection.execute(f"notify {NOTIFY}")


async def _write(connection: psycopg.AsyncConnection, batch: Sequence[Posted]) -> None:
    unreadable = [posted for posted in batch if posted.state == RawHook.State.UNREADABLE]
    if not unreadable:
        await _copy(connection, batch)
        return
    async with connection.transaction():
        await _copy(connection, batch)
        await connection.execute(
            statement("count_provider"),
            {
                "channel": Channel.WHATSAPP.value,
                "now": unreadable[-1].received_at,
                "keys": [UNREADABLE],
                "counts": [len(unreadable)],
                "lasts": ["null"],
            },
        )


async def _copy(connection: psycopg.AsyncConnection, batch: Sequence[Posted]) -> None:
    async with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_TYPES)
        for posted in batch:
            await copy.write_row((posted.app_id, posted.received_at, posted.body, posted.state))
