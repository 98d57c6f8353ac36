"""The last thirty days as marks: high for what failed, middle for what should be looked at, low for what was well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from acuse.channels.contract import Grade
from acuse.hooks.checks.history import Strip
from acuse.web.whatsapp.status_words import WORDS

#: Of a day, in the drawing's own units, and of its mark.
STEP, WIDE, HIGH = 10, 7, 24
_HEIGHTS = {Grade.OK: 8, Grade.WARNING: 15, Grade.ERROR: HIGH, None: 2}
_WORSE = {Grade.OK: 0, Grade.WARNING: 1, Grade.ERROR: 2}
_UNSEEN = "Sin datos"


@dataclass(frozen=True, slots=True)
class Mark:
    day: date
    #: `ok`, `warning`, `error` or `none`.
    grade: str
    word: str
    x: int
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Span:
    """Days in a row with the same grade, and what the last of them said."""

    since: date
    until: date
    word: str
    grade: str
    text: str


@dataclass(frozen=True, slots=True)
class Days:
    about: str
    marks: tuple[Mark, ...]
    sentence: str
    #: The newest first; without the days on which nobody looked.
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class History:
    whole: Days
    #: What was ever wrong.
    troubled: tuple[Days, ...]
    #: What was always well.
    steady: tuple[Days, ...]
    width: int
    height: int = HIGH


def shown(strips: Sequence[Strip]) -> History | None:
    """None before the first look."""
    if not any(grade is not None for strip in strips for _, grade, _ in strip.days):
        return None
    days = [_days(strip) for strip in strips]
    troubled = [one for one in days if any(mark.grade in ("warning", "error") for mark in one.marks)]
    steady = [one for one in days if one not in troubled]
    return History(_days(_whole(strips)), tuple(troubled), tuple(steady), STEP * len(strips[0].days))


def _whole(strips: Sequence[Strip]) -> Strip:
    """The worst of each day, whatever it was of."""
    columns = zip(*(strip.days for strip in strips), strict=True)
    return Strip("Todo junto", tuple(_worst(column, strips) for column in columns))


def _worst(column: Sequence[tuple[date, Grade | None, str]], strips: Sequence[Strip]) -> tuple[date, Grade | None, str]:
    seen = [(grade, strip.about) for (_, grade, _), strip in zip(column, strips, strict=True) if grade is not None]
    if not seen:
        return column[0][0], None, ""
    worst = max((grade for grade, _ in seen), key=_WORSE.__getitem__)
    names = "" if worst is Grade.OK else ", ".join(about for grade, about in seen if grade is worst)
    return column[0][0], worst, names


def _days(strip: Strip) -> Days:
    marks = tuple(_mark(place, day, grade) for place, (day, grade, _) in enumerate(strip.days))
    return Days(strip.about, marks, _sentence(strip), tuple(_spans(strip)))


def _mark(place: int, day: date, grade: Grade | None) -> Mark:
    height = _HEIGHTS[grade]
    word = WORDS[grade] if grade is not None else _UNSEEN
    return Mark(day, grade.value if grade is not None else "none", word, place * STEP, HIGH - height, height)


def _sentence(strip: Strip) -> str:
    counts = {grade: sum(one is grade for _, one, _ in strip.days) for grade in Grade}
    words = ((Grade.ERROR, "con una falla"), (Grade.WARNING, "para mirar"), (Grade.OK, "bien"))
    parts = [
        f"{counts[grade]} {'día' if counts[grade] == 1 else 'días'} {word}" for grade, word in words if counts[grade]
    ]
    return ", ".join(parts)


def _spans(strip: Strip) -> list[Span]:
    found: list[Span] = []
    for day, grade, text in strip.days:
        if grade is None:
            continue
        said = "" if grade is Grade.OK else text
        last = found[-1] if found else None
        if last is not None and last.grade == grade.value and (day - last.until).days == 1:
            found[-1] = Span(last.since, day, last.word, last.grade, said)
        else:
            found.append(Span(day, day, WORDS[grade], grade.value, said))
    return found[::-1]
