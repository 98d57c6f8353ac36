from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.deliveries.figures.statistics import Times
from acuse.deliveries.states import State
from acuse.web.charts import bars
from acuse.web.charts.groups import GROUPS
from acuse.web.charts.words import many, share, span

STATES = st.dictionaries(st.sampled_from([state.value for state in State]), st.integers(0, 5000)).map(Counter)


def test_every_state_is_in_one_group_of_the_charts() -> None:
    grouped = [state for group in GROUPS for state in group.states]
    assert sorted(grouped) == sorted(State)


@given(st.integers(0, 10**7))
def test_the_top_of_a_scale_is_round_even_and_not_below(most: int) -> None:
    top = bars.nice_top(most)
    assert top >= max(most, 2)
    assert top % 2 == 0
    assert str(top).strip("0") in {"1", "2", "4", "6", "8"}


@given(st.lists(STATES, min_size=1, max_size=31))
def test_no_bar_leaves_its_drawing_and_each_is_as_high_as_its_count(days: list[Counter[str]]) -> None:
    first = date(2026, 11, 1)
    chart = bars.by_day([(first + timedelta(days=n), states, "/") for n, states in enumerate(days)])
    for bar in chart.bars:
        assert sum(part.count for part in bar.parts) == bar.total
        assert sum(bar.counts) == bar.total
        for part in bar.parts:
            assert 0 <= part.x <= part.x + part.width <= bars.WIDTH + 0.1
            # thin ones are drawn thicker than they are
            assert part.height == pytest.approx(max(part.count / chart.top * bars.HEIGHT, bars.LEAST), abs=0.01)
            assert part.y + part.height <= bars.HEIGHT + 0.1


@given(STATES)
def test_the_pieces_of_a_row_follow_each_other(states: Counter[str]) -> None:
    parts = bars.stacked_row(states, max(states.total(), 1))
    assert sum(part.count for part in parts) == states.total()
    for before, after in pairwise(parts):
        assert after.x == pytest.approx(before.x + before.width, abs=0.02)


def test_nothing_has_no_bar_and_a_little_is_seen() -> None:
    assert bars.one("read", "Leídos", 0, 10) == ()
    assert bars.one("cost", "Costo", Decimal("0.01"), Decimal(1000))[0].width == bars.LEAST


@pytest.mark.parametrize(
    ("buckets", "half"),
    [({}, None), ({0: 1}, 1), ({5: 1, 6: 1}, 10), ({10: 3, 20: 2}, 60), ({32: 5}, None), ({0: 1, 32: 5}, None)],
)
def test_half_took_less_than_the_first_limit_that_holds_half(buckets: dict[int, int], half: int | None) -> None:
    assert Times(Counter(buckets)).half_within == half


def test_spans_and_counts_are_said_in_words() -> None:
    assert [span(s) for s in (1, 45, 60, 300, 3600, 7200, 86400)] == [
        "1 segundo", "45 segundos", "1 minuto", "5 minutos", "1 hora", "2 horas", "1 día",
    ]  # fmt: skip
    assert many(1, "envío", "envíos") == "1 envío"
    assert many(12345, "envío", "envíos") == "12.345 envíos"
    assert share(1, 3) == ""
    assert share(95, 100) == "95 %"
