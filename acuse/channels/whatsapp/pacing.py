"""A number's pace when Meta slows it down and lets it go again: what a person chose comes back."""

from __future__ import annotations

from acuse.channels.models import Lane
from acuse.channels.whatsapp.news.numbers import USUAL_THROUGHPUT, next_pace

#: The statuses with which a number sends, if slower.
SLOWED = frozenset({"RESTRICTED", "RATE_LIMITED"})


def slowed(lane: Lane, pace: int, *, meta: int | None) -> int:
    """The pace from now on, remembering the one that a person chose below Meta's own (`meta`; None: it never said)."""
    if pace < lane.throughput < (meta or USUAL_THROUGHPUT) and lane.chosen_pace is None:
        lane.chosen_pace = lane.throughput
        lane.save(update_fields=["chosen_pace"])
    return min(pace, lane.throughput)


def restored(lane: Lane, meta: int, *, before: int | None) -> int:
    """The pace from now on, Meta's being `meta`. `before` as for `next_pace`."""
    chosen, lane.chosen_pace = lane.chosen_pace, None
    if chosen is None:
        return next_pace(meta, now=lane.throughput, before=before)
    lane.save(update_fields=["chosen_pace"])
    return min(meta, chosen)
