"""The bar of a batch: how much of it has left, didn't, waits, or isn't asked yet. Server-side SVG, no styles."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.deliveries.batches.progress import Progress

#: Units of the whole bar.
WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Segment:
    #: The CSS class `bar-<tone>`.
    tone: str
    x: float
    width: float


def bar_of(progress: Progress) -> list[Segment]:
    counts = {
        "read": progress.read,
        "delivered": progress.delivered - progress.read,
        "sent": progress.left - progress.delivered,
        "stayed": progress.stayed,
        "waiting": progress.open,
    }
    return segments(counts, progress.all)


def segments(counts: dict[str, int], whole: int) -> list[Segment]:
    """One after the other, without the empty ones."""
    found, x = [], 0.0
    for tone, count in counts.items():
        width = round(count * WIDTH / whole, 2) if whole else 0.0
        if width:
            found.append(Segment(tone, round(x, 2), width))
        x += width
    return found
