"""How fast a lane may send: its throughput, slowed down when the provider says so, and the pair limit. Pure."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from itertools import islice
from operator import itemgetter

from acuse.deliveries.policy import PAIR_BURST, PAIR_PERIOD

#: Seconds of the rolling day in which different people are counted.
DAY = 24 * 3600.0


class Throttle:
    """A token bucket of `rate` a second, as the moment at which the next may leave. Times are monotonic seconds."""

    #: A slowed lane never goes below this share of its rate…
    FLOOR = 0.02
    #: …and recovers this share of it a second.
    RECOVERY = 0.05
    #: Seconds after which a pace that was halved is whole again.
    SLOW_SECONDS = 0.5 / RECOVERY
    #: A burst is what leaves within this time.
    BURST_SECONDS = 0.05

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._next = now
        self._share = 1.0
        self._changed_at = now

    def rate(self, now: float) -> float:
        self._share = min(1.0, self._share + (now - self._changed_at) * self.RECOVERY)
        self._changed_at = now
        return self._rate * self._share

    def slow_down(self, now: float) -> None:
        """Halve the pace. What was sent together complains together: call it once a batch of complaints."""
        self.rate(now)
        self._share = max(self.FLOOR, self._share / 2)

    def ready_within(self, horizon: float, now: float) -> int:
        """How many may leave until `now + horizon`."""
        start = max(self._next, now - self.BURST_SECONDS)
        return max(0, int((now + horizon - start) * self.rate(now)))

    def wait_for_one(self, horizon: float, now: float) -> float:
        """Seconds until `ready_within(horizon)` answers at least one."""
        return max(0.0, self._next + 1.0 / self.rate(now) - horizon - now)

    def take(self, now: float) -> float:
        """Take the next place; answer the seconds until it comes."""
        start = max(self._next, now - self.BURST_SECONDS)
        self._next = start + 1.0 / self.rate(now)
        return max(0.0, start - now)


class PairLimit:
    """One message in six seconds to the same person, bursts borrowed from the future (Meta, "About the platform")."""

    #: Recipients remembered; the least recent are forgotten, and the provider's own limit guards them.
    REMEMBERED = 50_000

    def __init__(self, *, period: float = PAIR_PERIOD, burst: int = PAIR_BURST) -> None:
        self._period = period
        self._burst = burst
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def wait(self, to: str, now: float, *, ahead: int = 0) -> float:
        """Seconds until `to` may get one more after `ahead` others; 0 = now."""
        full_at = max(self._full_at.get(to, now), now)
        return max(0.0, full_at - now - (self._burst - 1 - ahead) * self._period)

    def take(self, to: str, now: float) -> None:
        self._full_at[to] = max(self._full_at.get(to, now), now) + self._period
        self._full_at.move_to_end(to)
        while len(self._full_at) > self.REMEMBERED:
            self._full_at.popitem(last=False)


class PeopleLimit:
    """How many different people may be written to first in a rolling day, of the whole account.

    `seen`: each one's last message of the day, as unix seconds; `most` None = no limit.
    """

    def __init__(self, most: int | None, seen: Mapping[str, float]) -> None:
        self._most = most
        #: The longest ago first: who is forgotten, and whose place gets free next.
        self._seen = OrderedDict(sorted(seen.items(), key=itemgetter(1)))

    def wait(self, to: str, now: float, *, ahead: int = 0) -> float:
        """Seconds until that person's turn, 0 = now. `ahead`: others who wait for a place before."""
        if self._most is None:
            return 0.0
        self._forget(now)
        if to in self._seen or len(self._seen) + ahead < self._most:
            return 0.0
        # places get free in their order; whoever comes after all of them waits a day more
        place = len(self._seen) + ahead - self._most
        rounds, turn = divmod(place, max(1, self._most))
        at = next(islice(self._seen.values(), turn, None), now)
        return max(1.0, at + DAY - now + rounds * DAY)

    def take(self, to: str, now: float) -> None:
        if self._most is not None:
            self._seen[to] = now
            self._seen.move_to_end(to)

    def _forget(self, now: float) -> None:
        while self._seen and next(iter(self._seen.values())) + DAY <= now:
            self._seen.popitem(last=False)
