"""Spans of days that move along with the calendar, so that a saved filter stays what its name says."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import ValidationError

TODAY, YESTERDAY, THIS_WEEK, THIS_MONTH, LAST_MONTH = "today", "yesterday", "this_week", "this_month", "last_month"

PERIODS = [
    (TODAY, "Hoy"),
    (YESTERDAY, "Ayer"),
    (THIS_WEEK, "Esta semana"),
    (THIS_MONTH, "Este mes"),
    (LAST_MONTH, "Mes pasado"),
]

#: Around each of these there is another day, in any time zone.
_FIRST, _LAST = date(1900, 1, 1), date(2999, 12, 31)


def check_day(day: date) -> None:
    """Raises ValidationError for a day that nothing of ours is of."""
    if not _FIRST <= day <= _LAST:
        raise ValidationError("Revisá el año.")


def span_of(period: str, today: date) -> tuple[date, date]:
    """First and last day, both in it. Weeks begin on Monday; this week and this month go on to their ends."""
    if period == TODAY:
        return today, today
    if period == YESTERDAY:
        return today - timedelta(days=1), today - timedelta(days=1)
    if period == THIS_WEEK:
        monday = today - timedelta(days=today.weekday())
        return monday, monday + timedelta(days=6)
    first = today.replace(day=1)
    if period == LAST_MONTH:
        last = first - timedelta(days=1)
        return last.replace(day=1), last
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)
