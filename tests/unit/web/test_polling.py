from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from acuse.deliveries.states import State
from acuse.web.polling import look_again_after

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("state", "quiet", "seconds"),
    [
        (State.QUEUED, timedelta(days=9), 2),
        (State.DELIVERED, timedelta(seconds=3), 2),
        (State.DELIVERED, timedelta(minutes=2), 15),
        (State.DELIVERED, timedelta(days=1), 0),
        (State.READ, timedelta(), 0),
    ],
)
def test_a_page_asks_often_while_receipts_are_coming_and_stops_when_none_will(
    state: State, quiet: timedelta, seconds: int
) -> None:
    assert look_again_after(state, NOW - quiet, NOW) == seconds
