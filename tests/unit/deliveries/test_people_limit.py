from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from acuse.deliveries.lane.pacing import DAY, PeopleLimit

NOW = 1_000_000.0


def test_without_a_limit_nobody_waits() -> None:
    assert PeopleLimit(None, {}).wait("+5493415550190", NOW) == 0


def test_who_was_written_to_today_is_no_new_person() -> None:
    limit = PeopleLimit(1, {"a": NOW - 10})
    assert limit.wait("a", NOW) == 0
    assert limit.wait("b", NOW) == DAY - 10


def test_a_place_is_free_a_day_later() -> None:
    limit = PeopleLimit(2, {"a": NOW - DAY - 1, "b": NOW - 5})
    assert limit.wait("c", NOW) == 0
    limit.take("c", NOW)
    assert limit.wait("d", NOW) == DAY - 5


def test_each_who_waits_gets_a_place_of_its_own() -> None:
    limit = PeopleLimit(2, {"a": NOW - 300, "b": NOW - 100})
    waits = [limit.wait(f"x{n}", NOW, ahead=n) for n in range(5)]
    assert waits[:2] == [DAY - 300, DAY - 100]
    assert waits == sorted(waits)
    assert waits[2] == DAY - 300 + DAY


@given(
    st.integers(1, 20),
    st.dictionaries(st.integers(0, 60), st.floats(0, DAY * 2), max_size=40),
    st.lists(st.integers(0, 80), max_size=60),
)
def test_never_more_people_than_the_limit_in_any_day(most: int, seen: dict[int, float], asked: list[int]) -> None:
    limit = PeopleLimit(most, {str(k): NOW - age for k, age in seen.items()})
    before = {str(k) for k, age in seen.items() if age < DAY}
    people = set(before)
    for person in map(str, asked):
        if limit.wait(person, NOW) <= 0:
            limit.take(person, NOW)
            people.add(person)
    assert len(people) <= max(most, len(before))
