"""Pages that update by themselves: how often to ask, and whether what is shown is still so."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from acuse.deliveries.states import LEFT, OPEN, State

#: A receipt may still come.
_AWAITING = frozenset({State.SENT, State.DELIVERED, State.UNCERTAIN})
#: After this long without news, nobody looks for it on a page that is open.
_NEWS_WITHIN = timedelta(days=1)
#: A receipt this young is seldom the last one.
_LIVELY = timedelta(minutes=1)
#: Seconds between looks.
_FAST, _SLOW = 2, 15


@dataclass(frozen=True, slots=True)
class Poll:
    #: Seconds; 0 = nothing more will happen, stop asking.
    every: int
    #: Fingerprint of what is shown; the answer to the same one is empty, and nothing on the page moves.
    seen: str


def fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def look_again_after(state: str, updated_at: datetime, now: datetime) -> int:
    """In how many seconds a delivery may look otherwise; 0 = it won't change."""
    if state in OPEN:
        return _FAST
    quiet = now - updated_at
    if state not in _AWAITING or quiet >= _NEWS_WITHIN:
        return 0
    return _FAST if quiet < _LIVELY else _SLOW


def answer_after(state: str, updated_at: datetime, now: datetime) -> int:
    """In how many seconds whoever received it may have written back; 0 = nobody waits for that any more."""
    return _SLOW if state in LEFT and now - updated_at < _NEWS_WITHIN else 0


def soonest(waits: Iterable[int]) -> int:
    return min((wait for wait in waits if wait), default=0)
