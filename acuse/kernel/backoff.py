"""How long to wait before the next try."""

from __future__ import annotations

import math
from collections.abc import Callable


def next_delay(tries: int, *, base: float, factor: float, cap: float, random: Callable[[], float]) -> float:
    """Seconds to wait after `tries` failed tries (≥ 1): equal jitter, from half of the ceiling to all of it.

    The ceiling is `base * factor ** (tries - 1)`, at most `cap`. Half of it is never random, so that a
    provider that asks for a pause gets one. `random` answers within [0, 1). `ValueError` for bad arguments.
    """
    if tries < 1 or base <= 0 or factor < 1 or cap < base:
        raise ValueError("tries ≥ 1, base > 0, factor ≥ 1 and cap ≥ base are needed")
    half = _ceiling(tries - 1, base, factor, cap) / 2
    return half + half * random()


def _ceiling(steps: int, base: float, factor: float, cap: float) -> float:
    # Compared as logarithms: factor ** steps overflows a float after a few hundred tries.
    if steps * math.log(factor) >= math.log(cap) - math.log(base):
        return cap
    return min(cap, base * factor**steps)
