"""Token buckets: the throughput of a number and the pair limit (Meta, throughput; about the platform)."""

from dataclasses import dataclass


@dataclass
class Bucket:
    """Holds up to `capacity`, filled at `rate` a second."""

    capacity: float
    rate: float
    level: float
    at: float

    @classmethod
    def full(cls, capacity: float, rate: float, now: float) -> "Bucket":
        return cls(capacity, rate, capacity, now)

    def take(self, now: float) -> bool:
        self.level = min(self.capacity, self.level + (now - self.at) * self.rate)
        self.at = now
        if self.level < 1:
            return False
        self.level -= 1
        return True


class Limits:
    """`throughput` 0 and `pair_burst` 0 mean no limit."""

    def __init__(self, pair_burst: int, pair_interval: float) -> None:
        self.pair_burst = pair_burst
        self.pair_interval = pair_interval
        self._numbers: dict[str, Bucket] = {}
        self._pairs: dict[tuple[str, str], Bucket] = {}

    def number_has_room(self, number: str, throughput: int, now: float) -> bool:
        if throughput <= 0:
            return True
        bucket = self._numbers.get(number)
        if bucket is None or bucket.capacity != throughput:
            bucket = self._numbers[number] = Bucket.full(throughput, throughput, now)
        return bucket.take(now)

    def pair_has_room(self, number: str, customer: str, now: float) -> bool:
        if self.pair_burst <= 0:
            return True
        bucket = self._pairs.get((number, customer))
        if bucket is None:
            bucket = self._pairs[number, customer] = Bucket.full(self.pair_burst, 1 / self.pair_interval, now)
        return bucket.take(now)
