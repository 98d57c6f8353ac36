"""The outbox's hot SQL, for the one runner that holds a lane's advisory lock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from acuse.channels.contract import Cause, Scope
from acuse.deliveries.lane.pacing import DAY, PeopleLimit
from acuse.deliveries.policy import MEDIA_LIFE
from acuse.deliveries.statements import statement
from acuse.deliveries.states import EventKind, State
from acuse.kernel import clock

#: The first number of a lane's advisory lock; the second is the lane's id.
LANE_LOCKS = 0x41435553

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LaneInfo:
    id: int
    company_id: UUID
    #: As `Delivery.account_key` holds it.
    account_key: str
    throughput: int
    #: Different people that the account may write to first in a rolling day; None = no limit that is counted.
    people_a_day: int | None = None


@dataclass(frozen=True, slots=True)
class OpenSuspension:
    id: int
    scope: Scope
    key: str
    since: datetime
    probe_at: datetime


@dataclass(frozen=True, slots=True)
class Started:
    """An attempt whose message is about to leave, and the upload that it made, if any."""

    id: UUID
    attempt: int
    sha256: str = ""
    media_id: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt."""

    id: UUID
    attempt: int
    state: State
    #: The timeline's event; None writes none.
    event: EventKind | None
    #: 1 when the attempt counts as a try.
    counted: int = 0
    due_at: datetime | None = None
    provider_id: str = ""
    cause: Cause | None = None
    detail: dict[str, Any] = field(default_factory=dict)
    flag_contact: bool = False
    stop_marketing: bool = False


class Outbox:
    """One lane's rows, over connections of its own: the lock's (and claims'), the started marks', the settlements'."""

    def __init__(self, lane: LaneInfo, conninfo: str) -> None:
        self._lane = lane
        self._conninfo = conninfo
        self._connections: dict[str, psycopg.AsyncConnection[Row]] = {}
        #: The stamp of the sender in use.
        self._sender = ""
        #: When the provider last told, by a webhook, that the lane sends too fast; as of the last look at the sender.
        self.slowed_at: datetime | None = None

    async def __aenter__(self) -> Self:
        await self._connection("lock")
        return self

    async def __aexit__(self, *_: object) -> None:
        for connection in self._connections.values():
            await connection.close()
        self._connections.clear()

    async def _connection(self, use: str) -> psycopg.AsyncConnection[Row]:
        connection = self._connections.get(use)
        if connection is None or connection.closed:
            if use == "lock" and connection is not None:
                # a new session would not hold the lock that the old one held
                raise psycopg.OperationalError("the lane's session was lost, and its lock with it")
            connection = await psycopg.AsyncConnection.connect(self._conninfo, autocommit=True, row_factory=dict_row)
            self._connections[use] = connection
        return connection

    async def _run(self, use: str, name: str, **parameters: Any) -> list[Row]:
        connection = await self._connection(use)
        cursor = await connection.execute(statement(name), parameters)
        return await cursor.fetchall() if cursor.description else []

    async def try_lock(self) -> bool:
        connection = await self._connection("lock")
        cursor = await connection.execute("select pg_try_advisory_lock(%s, %s) as held", (LANE_LOCKS, self._lane.id))
        row = await cursor.fetchone()
        return bool(row and row["held"])

    async def unlock(self) -> None:
        connection = self._connections.get("lock")
        if connection is not None and not connection.closed:
            await connection.execute("select pg_advisory_unlock(%s, %s)", (LANE_LOCKS, self._lane.id))

    async def settle_orphans(self, cause: Cause) -> None:
        await self._run(
            "lock", "settle_orphans", lane=self._lane.id, now=clock.now(),
            code=cause.code, text=cause.text, step=cause.next_step,
        )  # fmt: skip

    async def claim(
        self,
        limit: int,
        *,
        held_templates: Iterable[str] = (),
        only_template: str | None = None,
        only: Sequence[UUID] | None = None,
    ) -> list[Row]:
        now = clock.now()
        return await self._run(
            "lock", "claim", lane=self._lane.id, now=now, limit=limit, held_templates=list(held_templates),
            only_template=only_template, only=list(only) if only is not None else None, media_since=now - MEDIA_LIFE,
        )  # fmt: skip

    async def people_limit(self) -> PeopleLimit:
        """The account's limit of people, with those that it wrote to in the last day."""
        most = self._lane.people_a_day
        if most is None:
            return PeopleLimit(None, {})
        since = clock.now() - timedelta(seconds=DAY)
        rows = await self._run("lock", "people_of_the_day", account=self._lane.account_key, since=since)
        return PeopleLimit(most, {row["to"]: row["at"].timestamp() for row in rows})

    async def has_due(self) -> bool:
        return bool(await self._run("lock", "lanes_due", now=clock.now(), lane=self._lane.id))

    async def note_sender(self) -> None:
        """Before it is opened, so that a change meanwhile counts."""
        self._sender = await self._stamp("lock")

    async def has_another_sender(self) -> bool:
        """Whether the lane's number, token, mailbox or pace is another than the noted one's."""
        return await self._stamp("lock") != self._sender

    async def _stamp(self, use: str) -> str:
        rows = await self._run(use, "sender_stamp", lane=self._lane.id)
        self.slowed_at = rows[0]["slowed_at"] if rows else None
        return str(rows[0]["stamp"]) if rows else ""

    async def suspensions(self) -> list[OpenSuspension]:
        rows = await self._run("lock", "suspensions_open", lane=str(self._lane.id), account=self._lane.account_key)
        return [OpenSuspension(r["id"], Scope(r["scope"]), r["key"], r["since"], r["probe_at"]) for r in rows]

    async def take_probe(self, suspension: OpenSuspension, until: datetime) -> bool:
        return bool(await self._run("lock", "take_probe", id=suspension.id, now=clock.now(), next=until))

    async def suspend(self, *, scope: Scope, key: str, cause: Cause, probe_at: datetime) -> None:
        await self._run(
            "lock", "suspend", company=self._lane.company_id, scope=scope.value, key=key, code=cause.code,
            text=cause.text, step=cause.next_step, now=clock.now(), probe_at=probe_at,
        )  # fmt: skip

    async def end_suspension(self, suspension: OpenSuspension) -> None:
        await self._run("lock", "end_suspension", id=suspension.id, now=clock.now(), by="probe")

    async def mark_started(self, batch: Sequence[Started]) -> list[bool]:
        """Whether each attempt still has the right to send; their uploads are remembered in the same transaction."""
        now = clock.now()
        connection = await self._connection("started")
        async with connection.transaction():
            uploads = [item for item in batch if item.media_id]
            # what another number uploaded is of no use to this one
            if uploads and await self._stamp("started") == self._sender:
                await connection.execute(
                    statement("keep_media"),
                    {"lane": self._lane.id, "now": now, "sha256s": [u.sha256 for u in uploads],
                     "media_ids": [u.media_id for u in uploads]},
                )  # fmt: skip
            cursor = await connection.execute(
                statement("mark_started"),
                {"now": now, "ids": [item.id for item in batch], "attempts": [item.attempt for item in batch]},
            )
            alive = {row["id"] for row in await cursor.fetchall()}
        return [item.id in alive for item in batch]

    async def settle(self, batch: Sequence[Outcome]) -> list[None]:
        connection = await self._connection("settle")
        causes = [item.cause or Cause("", "") for item in batch]
        async with connection.transaction():
            await connection.execute(
                statement("settle"),
                {
                    "now": clock.now(),
                    "ids": [item.id for item in batch],
                    "attempts": [item.attempt for item in batch],
                    "states": [item.state.value for item in batch],
                    "kinds": [item.event.value if item.event else "" for item in batch],
                    "counted": [item.counted for item in batch],
                    "due_ats": [item.due_at for item in batch],
                    "provider_ids": [_fitting(item.provider_id, 300) for item in batch],
                    "codes": [_fitting(cause.code, 60) for cause in causes],
                    "texts": [_fitting(cause.text, 500) for cause in causes],
                    "steps": [_fitting(cause.next_step, 500) for cause in causes],
                    "details": [Jsonb(item.detail, dumps=_dumps) for item in batch],
                },
            )
            flagged = [item for item in batch if item.flag_contact and item.cause]
            if flagged:
                await connection.execute(
                    statement("flag_contacts"),
                    {
                        "ids": [item.id for item in flagged],
                        "texts": [_fitting(i.cause.text, 300) for i in flagged if i.cause],
                    },
                )
            if unwanted := [item.id for item in batch if item.stop_marketing]:
                await connection.execute(statement("stop_marketing"), {"ids": unwanted, "at": clock.now()})
        return [None] * len(batch)

    async def forget_media(self, sha256: str, media_id: str) -> None:
        await self._run("lock", "forget_media", lane=self._lane.id, sha256=sha256, media_id=media_id)

    async def hold_recipient(self, to: str, due_at: datetime) -> None:
        await self._run("lock", "hold_recipient", lane=self._lane.id, to=to, due_at=due_at, now=clock.now())


def _fitting(text: str, most: int) -> str:
    """What a provider says must not keep its neighbours of the batch from being settled."""
    return text.replace("\0", "")[:most]


def _dumps(detail: Any) -> str:
    # a NUL, which PostgreSQL's jsonb refuses, can only stand there escaped
    return json.dumps(detail, default=str).replace("\\u0000", "")
