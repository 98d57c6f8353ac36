from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.backoff import next_delay

HALVES = {"base": 2.0, "factor": 3.0, "cap": 50.0}


@pytest.mark.parametrize(("tries", "least", "most"), [(1, 1.0, 2.0), (2, 3.0, 6.0), (3, 9.0, 18.0), (4, 25.0, 50.0)])
def test_each_wait_is_between_half_of_its_ceiling_and_all_of_it(tries: int, least: float, most: float) -> None:
    assert next_delay(tries, **HALVES, random=lambda: 0.0) == pytest.approx(least)
    assert next_delay(tries, **HALVES, random=lambda: 1.0) == pytest.approx(most)
    assert next_delay(tries, **HALVES, random=lambda: 0.5) == pytest.approx((least + most) / 2)


@given(
    tries=st.integers(1, 10**6),
    base=st.floats(0.001, 100),
    factor=st.floats(1, 10),
    above=st.floats(1, 10_000),
    chance=st.floats(0, 1, exclude_max=True),
)
def test_a_wait_is_never_longer_than_the_cap_nor_shorter_than_half_of_the_base(
    tries: int, base: float, factor: float, above: float, chance: float
) -> None:
    cap = base * above
    delay = next_delay(tries, base=base, factor=factor, cap=cap, random=lambda: chance)
    assert base / 2 * 0.999 <= delay <= cap


@given(st.integers(1, 100), st.floats(0, 1, exclude_max=True))
def test_waits_never_shrink(tries: int, chance: float) -> None:
    first = next_delay(tries, **HALVES, random=lambda: chance)
    assert next_delay(tries + 1, **HALVES, random=lambda: chance) >= first


@pytest.mark.parametrize(
    ("tries", "base", "factor", "cap"), [(0, 1, 2, 10), (1, 0, 2, 10), (1, 1, 0.5, 10), (1, 20, 2, 10)]
)
def test_it_refuses_numbers_that_make_no_backoff(tries: int, base: float, factor: float, cap: float) -> None:
    with pytest.raises(ValueError, match="tries ≥ 1, base > 0, factor ≥ 1 and cap ≥ base are needed"):
        next_delay(tries, base=base, factor=factor, cap=cap, random=lambda: 0.5)
