"""Whose turn it is: what was claimed, parted into what may leave now and what waits, and for how long."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from acuse.channels.contract import Cause
from acuse.deliveries.lane.attempt import PEOPLE_LIMIT, Attempt
from acuse.deliveries.lane.outbox import Outcome
from acuse.deliveries.lane.pacing import PairLimit, PeopleLimit
from acuse.deliveries.states import State


class Wait(NamedTuple):
    seconds: float = 0.0
    #: Why, where people should know.
    cause: Cause | None = None

    def outcome(self, attempt: Attempt, now: datetime) -> Outcome:
        """Back in the queue, as if never claimed."""
        due_at = now + timedelta(seconds=self.seconds)
        return Outcome(attempt.id, attempt.number, State.QUEUED, None, due_at=due_at, cause=self.cause)


NONE = Wait()


class Turns:
    def __init__(self) -> None:
        self._pairs = PairLimit()
        self._people = PeopleLimit(None, {})

    def limit_people(self, people: PeopleLimit) -> None:
        self._people = people

    def parted(self, attempts: Sequence[Attempt]) -> tuple[list[Attempt], Mapping[UUID, Wait]]:
        """Those that may leave now, and how long each of the others waits."""
        now, today = time.monotonic(), time.time()
        ahead, behind, waits = dict[str, int](), 0, dict[UUID, Wait]()
        for attempt in attempts:
            if attempt.unsendable is not None:
                # it is cancelled, and takes nobody's place
                continue
            to = attempt.to
            person = self._people.wait(to, today, ahead=behind)
            pair = self._pairs.wait(to, now, ahead=ahead.get(to, 0))
            if person <= 0 and pair <= 0:
                self._pairs.take(to, now)
                self._people.take(to, today)
                continue
            behind += person > 0
            ahead[to] = ahead.get(to, 0) + 1
            waits[attempt.id] = Wait(max(person, pair), PEOPLE_LIMIT if person > 0 else None)
        return [attempt for attempt in attempts if attempt.id not in waits], waits
