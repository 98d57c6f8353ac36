"""One PostgreSQL connection, made again when it was lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

T = TypeVar("T")

CONNECT_TIMEOUT = 5


class Session:
    """One piece of work at a time."""

    def __init__(self, conninfo: Callable[[], str]) -> None:
        self._conninfo = conninfo
        self._connection: psycopg.AsyncConnection | None = None
        self._busy = asyncio.Lock()

    async def run(self, work: Callable[[psycopg.AsyncConnection], Awaitable[T]]) -> T:
        """Done twice at most: a connection that was lost while idle is found out only by using it.

        So the work must bear to be done again. Raises psycopg.Error."""
        async with self._busy:
            if self._connection is not None and not self._connection.closed:
                try:
                    return await work(self._connection)
                except psycopg.OperationalError:
                    if not self._connection.closed:
                        raise
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo(), autocommit=True, connect_timeout=CONNECT_TIMEOUT
            )
            return await work(self._connection)

    async def aclose(self) -> None:
        async with self._busy:
            if self._connection is not None:
                await self._connection.close()
                self._connection = None
