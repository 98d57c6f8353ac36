"""Where the bars of a chart stand and how long they are. Pure; the templates in `web/charts/` draw them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from acuse.web.charts.groups import GROUPS, Group

#: Of the drawing, in its own units; it is stretched to the width that there is.
WIDTH, HEIGHT = 900, 180
ROW_WIDTH, ROW_HEIGHT = 600, 14
#: What is there is seen, however little it is.
LEAST = 2


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a bar: `pattern` names its filling."""

    pattern: str
    word: str
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class DayBar:
    day: date
    total: int
    #: Of every group, in the order of the legend: for the table.
    counts: tuple[int, ...]
    parts: tuple[Part, ...]
    x: float
    width: float
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A bar with its words beside it."""

    label: str
    #: As it is written: `1.204` or `US$ 12,40`.
    value: str
    parts: tuple[Part, ...]
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class DayChart:
    bars: tuple[DayBar, ...]
    #: The top of its scale.
    top: int
    #: The groups of which there is at least one delivery.
    legend: tuple[Group, ...] = field(default=GROUPS)


def nice_top(most: int) -> int:
    """The least round number that isn't below: one even digit, or a 1, with noughts behind; its half is whole."""
    scale = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            top = step * scale
            if top >= most:
                return top
        scale *= 10


def by_day(days: Sequence[tuple[date, Counter[str], str]]) -> DayChart:
    """`days`: each with its states and its address."""
    top = nice_top(max((states.total() for _, states, _ in days), default=0))
    step = WIDTH / max(len(days), 1)
    bars = tuple(
        DayBar(
            day=day,
            total=states.total(),
            counts=tuple(group.of(states) for group in GROUPS),
            parts=_stacked(states, top, place * step + step * 0.12, step * 0.76),
            x=round(place * step, 2),
            width=round(step, 2),
            url=url,
        )
        for place, (day, states, url) in enumerate(days)
    )
    return DayChart(bars, top)


def _stacked(states: Counter[str], top: int, x: float, width: float) -> tuple[Part, ...]:
    parts: list[Part] = []
    floor = float(HEIGHT)
    for group in GROUPS:
        count = group.of(states)
        if not count:
            continue
        height = max(count / top * HEIGHT, LEAST)
        floor -= height
        parts.append(
            Part(group.key, group.word, count, round(x, 2), round(floor, 2), round(width, 2), round(height, 2))
        )
    return tuple(parts)


def one(pattern: str, word: str, amount: int | Decimal, most: int | Decimal) -> tuple[Part, ...]:
    """A bar of one piece."""
    if not amount or not most:
        return ()
    width = max(float(amount / most) * ROW_WIDTH, LEAST)
    return (Part(pattern, word, int(amount), 0, 0, round(width, 2), ROW_HEIGHT),)


def stacked_row(states: Counter[str], most: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    x = 0.0
    for group in GROUPS:
        count = group.of(states)
        if count and most:
            width = max(count / most * ROW_WIDTH, LEAST)
            parts.append(Part(group.key, group.word, count, round(x, 2), 0, round(width, 2), ROW_HEIGHT))
            x += width
    return tuple(parts)
