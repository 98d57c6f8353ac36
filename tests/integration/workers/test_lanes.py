from __future__ import annotations

import asyncio

import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.db import connection

from acuse.channels import registry
from acuse.workers import lanes
from acuse.workers.connection import conninfo
from tests.data import kept
from tests.data.cast import make_whatsapp


@pytest.mark.usefixtures("transactional_db")
def test_lanes_are_opened_again_after_the_database_restarted() -> None:
    lane = make_whatsapp(kept.cast()["company"])

    def pid() -> int:
        with connection.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            row = cursor.fetchone()
        assert row is not None
        return int(row[0])

    def leave() -> None:
        connection.close()

    async def scenario() -> None:
        # the thread is every test's: what an earlier one left open there may be dead already
        await sync_to_async(leave)()
        held = await sync_to_async(pid)()
        assert await sync_to_async(lanes.load)(lane.pk)
        async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as other:
            await other.execute("select pg_terminate_backend(%s)", [held])
        assert await sync_to_async(lanes.load)(lane.pk), "the dead connection is not used again"
        sender = await registry.open_sender(lane.pk)
        await sender.aclose()
        await sync_to_async(leave)()

    asyncio.run(scenario())
