"""A lane's runner: the only one in the cluster, it empties the lane's queue at the lane's pace.

Reading order: `run` (the lock), `_drain` (claim, pace, spawn), `_deliver` (one delivery), `_refused` (what became).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import psycopg
import structlog
from asgiref.sync import sync_to_async
from django.db import DatabaseError

from acuse.channels.contract import Accepted, ChannelError, OutgoingMessage, Refusal, Scope, Sender, Verdict
from acuse.deliveries import policy, replacing
from acuse.deliveries.lane.attempt import FILE_MISSING, INTERNAL, RUNNER_LOST, SENDER_UNAVAILABLE, Attempt, attempt_of
from acuse.deliveries.lane.group_commit import GroupCommit
from acuse.deliveries.lane.outbox import LaneInfo, OpenSuspension, Outbox, Outcome, Row, Started
from acuse.deliveries.lane.outcomes import outcome_of
from acuse.deliveries.lane.pacing import Throttle
from acuse.deliveries.lane.turns import NONE, Turns, Wait
from acuse.deliveries.lane.uploads import Uploads
from acuse.deliveries.states import EventKind, State
from acuse.kernel import clock
from acuse.kernel.redact import mask_phone

log = structlog.get_logger(__name__)

#: Deliveries in flight at once: 1,000 a second at 2 × 200 ms of latency need 500.
MAX_IN_FLIGHT = 800
#: Rows claimed at once: as many as may leave within the horizon, so that one click overtakes what isn't claimed yet.
MAX_CLAIM = 400
HORIZON_SECONDS = 0.25
#: Bytes of files in flight; a larger one travels alone.
MAX_BYTES_IN_FLIGHT = 64 * 1024 * 1024
#: Places that must be free before the next claim, so that a claim isn't made for one row.
MIN_ROOM = 100
#: How often an empty queue is looked at again while deliveries are in flight.
LOOK_AGAIN_SECONDS = 0.1
#: How long a result waits for a database that is away.
SETTLE_FOR_SECONDS = 60.0
SUSPENSIONS_EVERY = 1.0
#: A complaint older than this is over: a run that slowed down for it would be as fast as ever again.
SLOW_NEWS = timedelta(seconds=Throttle.SLOW_SECONDS)


class LostRight(Exception):
    """Another runner took the attempt over: nothing may leave."""


@dataclass(frozen=True, slots=True)
class Lane:
    """What a runner is given: the lane, how to open its sender, where files are."""

    info: LaneInfo
    open_sender: Callable[[], Awaitable[Sender]]
    path_of: Callable[[str], Path]


class LaneRunner:
    def __init__(self, lane: Lane, conninfo: str, *, stopping: asyncio.Event | None = None) -> None:
        self._lane = lane
        self._outbox = Outbox(lane.info, conninfo)
        self._stopping = stopping or asyncio.Event()
        self._throttle = Throttle(lane.info.throughput, time.monotonic())
        self._turns = Turns()
        self._started: GroupCommit[Started, bool] = GroupCommit(self._outbox.mark_started)
        self._settled: GroupCommit[Outcome, None] = GroupCommit(self._outbox.settle)
        self._uploads = Uploads(MAX_BYTES_IN_FLIGHT)
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = asyncio.Event()
        self._suspensions: list[OpenSuspension] = []
        self._suspensions_at = float("-inf")
        self._slowed_at = float("-inf")
        #: What was told of it by webhooks that has been taken.
        self._slowed_by: datetime | None = None
        #: The lane's sender is another one now: this run ends, and the next opens it.
        self.outdated = False
        #: The database went away: nothing more is claimed in this run.
        self._lost = False

    async def run(self, *, only: Sequence[UUID] | None = None) -> bool:
        """Empty the lane's queue. False when another runner holds the lane. `only`: just these deliveries."""
        async with self._outbox:
            while not self._stopping.is_set():
                if not await self._outbox.try_lock():
                    return False
                try:
                    await self._outbox.settle_orphans(RUNNER_LOST)
                    self._forget_suspensions()
                    await self._drain(only)
                finally:
                    await self._outbox.unlock()
                # look again after unlocking: whoever asked meanwhile found the lane held, and went away
                if only is not None or self._lost or self.outdated or not await self._outbox.has_due():
                    return True
        return True

    async def _drain(self, only: Sequence[UUID] | None) -> None:
        async with AsyncExitStack() as stack:
            await self._outbox.note_sender()
            sender = await self._open_sender()
            if sender is None:
                return
            stack.push_async_callback(sender.aclose)
            stack.push_async_callback(self._land)
            self._turns.limit_people(await self._outbox.people_limit())
            while not self._stopping.is_set() and not self._lost and not self.outdated:
                claimed = await self._claim(only)
                if not claimed and not self._tasks:
                    return
                if not claimed:
                    # somebody may ask while the last ones are in flight
                    await self._wait_for_room(0, at_most=LOOK_AGAIN_SECONDS)
                    continue
                for attempt in claimed:
                    self._spawn(attempt, sender)
                await self._wait_for_room(MAX_IN_FLIGHT - MIN_ROOM)

    async def _open_sender(self) -> Sender | None:
        """None when its parameters are of no use: the lane is suspended, and says so."""
        try:
            return await self._lane.open_sender()
        except (psycopg.Error, DatabaseError):
            raise
        except Exception:
            log.exception("sender_unavailable", lane=self._lane.info.id)
            await self._outbox.suspend(
                scope=Scope.LANE, key=str(self._lane.info.id), cause=SENDER_UNAVAILABLE,
                probe_at=clock.now() + policy.PROBE_PERIOD,
            )  # fmt: skip
            return None

    async def _land(self) -> None:
        """Whatever is in flight is answered and settled before the lane is left."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _claim(self, only: Sequence[UUID] | None) -> list[Attempt]:
        """The next attempts, none when the lane is suspended, empty or full."""
        suspended = await self._open_suspensions()
        if self.outdated:
            return []
        blocking = [s for s in suspended if s.scope is not Scope.TEMPLATE]
        templates = [s for s in suspended if s.scope is Scope.TEMPLATE]
        held = [template.key for template in templates]
        if blocking:
            return await self._claim_probe(blocking, held, only)
        for template in templates:
            if template.probe_at <= clock.now():
                rows = await self._outbox.claim(1, only_template=template.key, only=only)
                if probe := await self._as_probe(rows, [template]):
                    return probe
        rows = await self._outbox.claim(await self._places(), held_templates=held, only=only)
        return await self._whose_turn_it_is(await self._attempts(rows))

    async def _claim_probe(
        self, blocking: Sequence[OpenSuspension], held: Sequence[str], only: Sequence[UUID] | None
    ) -> list[Attempt]:
        if self._tasks or any(s.probe_at > clock.now() for s in blocking):
            return []
        # a template that is suspended too would tell nothing of the lane, while anything else waits
        rows = await self._outbox.claim(1, held_templates=held, only=only) or await self._outbox.claim(1, only=only)
        return await self._as_probe(rows, blocking)

    async def _as_probe(self, rows: Sequence[Row], suspensions: Sequence[OpenSuspension]) -> list[Attempt]:
        """The right to try is taken only for what will try: nothing due, or unsendable, leaves it to the next."""
        attempts = await self._attempts(rows)
        if all(attempt.unsendable for attempt in attempts):
            return attempts
        self._forget_suspensions()
        until = clock.now() + policy.PROBE_PERIOD
        for suspension in suspensions:
            if not await self._outbox.take_probe(suspension, until):
                await self._put_back(attempts)
                return []
        return attempts

    async def _open_suspensions(self) -> list[OpenSuspension]:
        if time.monotonic() - self._suspensions_at > SUSPENSIONS_EVERY:
            self._suspensions = await self._outbox.suspensions()
            self._suspensions_at = time.monotonic()
            await self._look_at_sender()
        return self._suspensions

    async def _look_at_sender(self) -> None:
        self.outdated = self.outdated or await self._outbox.has_another_sender()
        told = self._outbox.slowed_at
        if told is not None and told != self._slowed_by and clock.now() - told < SLOW_NEWS:
            self._slowed_by = told
            self._slow_down()

    async def _says_nothing_of_today(self, scope: Scope) -> bool:
        """What a sender met that was replaced meanwhile."""
        if scope is Scope.TEMPLATE:
            return False
        await self._look_at_sender()
        return self.outdated

    def _forget_suspensions(self) -> None:
        self._suspensions_at = float("-inf")

    async def _places(self) -> int:
        """How many to claim: what may leave within the horizon and finds room in flight; at least one."""
        ready = self._throttle.ready_within(HORIZON_SECONDS, time.monotonic())
        if ready < 1:
            await asyncio.sleep(self._throttle.wait_for_one(HORIZON_SECONDS, time.monotonic()))
        return max(1, min(ready, MAX_CLAIM, MAX_IN_FLIGHT - len(self._tasks)))

    async def _attempts(self, rows: Sequence[Row]) -> list[Attempt]:
        """What was claimed, but for versions that were replaced while they were on their way: those give way."""
        today = clock.now().date()
        attempts = [attempt_of(row, path_of=self._lane.path_of, today=today) for row in rows]
        if replaced := [attempt for attempt in attempts if attempt.replaced]:
            await self._put_back(replaced)
            await sync_to_async(replacing.give_way)([attempt.id for attempt in replaced])
        return [attempt for attempt in attempts if not attempt.replaced]

    async def _put_back(self, attempts: Sequence[Attempt], waits: Mapping[UUID, Wait] = MappingProxyType({})) -> None:
        """To the queue, as if never claimed. `waits`: how long each of them does, and why."""
        now = clock.now()
        await asyncio.gather(*(self._settle(waits.get(a.id, NONE).outcome(a, now)) for a in attempts))

    async def _whose_turn_it_is(self, attempts: Sequence[Attempt]) -> list[Attempt]:
        """Those whose recipient may get one now; the others go back, each due when its turn comes."""
        allowed, waits = self._turns.parted(attempts)
        await self._put_back([attempt for attempt in attempts if attempt.id in waits], waits)
        return allowed

    def _spawn(self, attempt: Attempt, sender: Sender) -> None:
        task = asyncio.create_task(self._deliver(attempt, sender, self._throttle.take(time.monotonic())))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._room.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # the row stays `sending`: the next holder of the lock settles it by what is known
            log.error("delivery_not_settled", exc_info=error)

    async def _wait_for_room(self, most: int, *, at_most: float = float("inf")) -> None:
        until = time.monotonic() + at_most
        while len(self._tasks) > most and (left := until - time.monotonic()) > 0:
            self._room.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._room.wait(), None if left == float("inf") else left)

    async def _deliver(self, attempt: Attempt, sender: Sender, delay: float) -> None:
        if attempt.unsendable is not None:
            await self._settle(
                Outcome(
                    attempt.id, attempt.number, State.CANCELLED, EventKind.CANCELLED, cause=attempt.unsendable,
                    detail={"cause": attempt.unsendable.code, "text": attempt.unsendable.text},
                )
            )  # fmt: skip
            return
        left = asyncio.Event()
        try:
            await asyncio.sleep(delay)
            began = clock.now()
            accepted = await self._send(attempt, sender, left)
        except LostRight:
            log.warning("attempt_lost_its_right", delivery=str(attempt.id), attempt=attempt.number)
        except ChannelError as error:
            await self._refused(attempt, error.refusal)
        except psycopg.Error:
            # before the message left: the row is settled by the next holder of the lock
            log.exception("database_lost", delivery=str(attempt.id))
            self._lost = True
        except Exception:
            log.exception("sender_failed", delivery=str(attempt.id), to=mask_phone(attempt.to))
            verdict = Verdict.UNKNOWN if left.is_set() else Verdict.RETRY
            await self._refused(attempt, Refusal(verdict, Scope.DELIVERY, INTERNAL))
        else:
            await self._accepted(attempt, accepted, began)

    async def _send(self, attempt: Attempt, sender: Sender, left: asyncio.Event) -> Accepted:
        """Upload if need be, mark as started, send. An unusable upload is made again, once."""
        message = await self._with_upload(attempt.message, sender)
        try:
            return await self._send_once(attempt, message, sender, left)
        except ChannelError as error:
            if not (error.refusal.upload_again and sender.uploads):
                raise
        await self._forget_upload(message)
        message = await self._with_upload(replace(message, media_id=None), sender)
        try:
            return await self._send_once(attempt, message, sender, left)
        except ChannelError as error:
            if not error.refusal.upload_again:
                raise
            await self._forget_upload(message)
            # twice is enough: a third upload of the same bytes would end the same
            raise ChannelError(replace(error.refusal, max_tries=1)) from error

    async def _with_upload(self, message: OutgoingMessage, sender: Sender) -> OutgoingMessage:
        if message.media_id is not None:
            return message
        if not message.file.path.is_file():
            raise ChannelError(Refusal(Verdict.REJECTED, Scope.DELIVERY, FILE_MISSING))
        if not sender.uploads:
            return message
        return replace(message, media_id=await self._uploads.media_id(message.file, sender))

    async def _forget_upload(self, message: OutgoingMessage) -> None:
        media_id = message.media_id or ""
        self._uploads.forget(message.file.sha256, media_id)
        await self._outbox.forget_media(message.file.sha256, media_id)

    async def _send_once(
        self, attempt: Attempt, message: OutgoingMessage, sender: Sender, left: asyncio.Event
    ) -> Accepted:
        uploaded = "" if message.media_id == attempt.message.media_id else message.media_id or ""

        async def started() -> None:
            mark = Started(attempt.id, attempt.number, message.file.sha256 if uploaded else "", uploaded)
            if not await self._started.add(mark):
                raise LostRight
            left.set()

        return await sender.send(message, started)

    async def _accepted(self, attempt: Attempt, accepted: Accepted, began: datetime) -> None:
        detail: dict[str, object] = {"provider_id": accepted.provider_id}
        if accepted.note:
            detail["note"] = accepted.note
        if accepted.identities:
            detail["identities"] = dict(accepted.identities)
        await self._settle(
            Outcome(
                attempt.id, attempt.number, State.SENT, EventKind.SENT, counted=1,
                provider_id=accepted.provider_id, detail=detail,
            )
        )  # fmt: skip
        if self._suspensions:
            await self._resume(attempt, began)

    async def _resume(self, attempt: Attempt, began: datetime) -> None:
        """It went through: what was suspended before it left works again."""
        for suspension in list(self._suspensions):
            other_template = suspension.scope is Scope.TEMPLATE and suspension.key != attempt.template_key
            if other_template or suspension.since > began or suspension not in self._suspensions:
                continue
            self._suspensions.remove(suspension)
            await self._outbox.end_suspension(suspension)
            log.info("suspension_ended", scope=suspension.scope.value, key=suspension.key)

    async def _refused(self, attempt: Attempt, refusal: Refusal) -> None:
        if refusal.slow_down:
            self._slow_down()
        now = clock.now()
        decision = policy.decide(
            refusal, tries=attempt.tries + 1, first_tried_at=attempt.first_tried_at or now, now=now,
            random=random.random,
        )  # fmt: skip
        if isinstance(decision, policy.Suspend) and not await self._says_nothing_of_today(decision.scope):
            scope, key = policy.suspended_thing(
                decision.scope, self._lane.info.id, self._lane.info.account_key, attempt.template_key
            )
            await self._outbox.suspend(scope=scope, key=key, cause=refusal.cause, probe_at=decision.probe_at)
            self._forget_suspensions()
            log.warning("suspended", scope=scope.value, key=key, cause=refusal.cause.code)
        await self._settle(outcome_of(attempt, refusal, decision, now))
        if isinstance(decision, policy.Again) and decision.recipient_waits:
            await self._outbox.hold_recipient(attempt.to, decision.due_at)

    def _slow_down(self) -> None:
        now = time.monotonic()
        if now - self._slowed_at >= 1.0:
            self._slowed_at = now
            self._throttle.slow_down(now)
            log.warning("lane_slowed", lane=self._lane.info.id, rate=round(self._throttle.rate(now), 1))

    async def _settle(self, outcome: Outcome) -> None:
        """Register the result, through a database that may be restarting: what is known must not be forgotten."""
        give_up_at = time.monotonic() + SETTLE_FOR_SECONDS
        while True:
            try:
                return await self._settled.add(outcome)
            except psycopg.OperationalError:
                if time.monotonic() > give_up_at:
                    raise
                await asyncio.sleep(0.5)
