from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from acuse.web.moments import day_words, words

#: A Tuesday, 10:30 in Buenos Aires.
NOW = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=59), "recién"),
        (timedelta(seconds=-59), "recién"),
        (timedelta(seconds=60), "hace 1 min"),
        (timedelta(minutes=5, seconds=59), "hace 5 min"),
        (timedelta(minutes=59, seconds=59), "hace 59 min"),
        (timedelta(hours=1), "hoy 09:30"),
        (timedelta(hours=10, minutes=30), "hoy 00:00"),
        (timedelta(hours=10, minutes=31), "ayer 23:59"),
        (timedelta(hours=20, minutes=28), "ayer 14:02"),
        (timedelta(days=2), "domingo 10:30"),
        (timedelta(days=6), "miércoles 10:30"),
        (timedelta(days=7), "17/11/2026 10:30"),
        (timedelta(hours=-2), "hoy 12:30"),
        (timedelta(days=-1), "mañana 10:30"),
        (timedelta(days=-3), "27/11/2026 10:30"),
    ],
)
def test_a_moment_is_said_as_people_do(ago: timedelta, said: str) -> None:
    with timezone.override(ZoneInfo("America/Argentina/Buenos_Aires")):
        assert words(NOW - ago, NOW) == said


def test_yesterday_is_the_companys() -> None:
    with timezone.override(ZoneInfo("Pacific/Kiritimati")):
        assert words(NOW - timedelta(hours=4), NOW) == "ayer 23:30"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=10), "recién"),
        (timedelta(minutes=5), "hace 5 min"),
        (timedelta(hours=1), "hoy"),
        (timedelta(hours=20, minutes=28), "ayer"),
        (timedelta(days=2), "22/11/2026"),
        (timedelta(days=-1), "mañana"),
    ],
)
def test_beside_an_exact_hour_it_says_the_day(ago: timedelta, said: str) -> None:
    with timezone.override(ZoneInfo("America/Argentina/Buenos_Aires")):
        assert day_words(NOW - ago, NOW) == said
