"""Whose turn it is: what was claimed, parted into what may leave now and what waits, and for how long."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from uuid import UUID

from acuse.deliveries.lane.attempt import Attempt
from acuse.deliveries.lane.pacing import PairLimit, PeopleLimit


class Turns:
    def __init__(self) -> None:
        self._pairs = PairLimit()
        self._people = PeopleLimit(None, {})

    def limit_people(self, people: PeopleLimit) -> None:
        self._people = people

    def parted(self, attempts: Sequence[Attempt]) -> tuple[list[Attempt], Mapping[UUID, float]]:
        """Those that may leave now, and the seconds that each of the others waits."""
        now, today = time.monotonic(), time.time()
        ahead, behind, waits = dict[str, int](), 0, dict[UUID, float]()
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
            waits[attempt.id] = max(person, pair)
        return [attempt for attempt in attempts if attempt.id not in waits], waits
