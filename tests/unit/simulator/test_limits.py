from acuse_simulator.limits import Limits


def test_a_number_sends_its_throughput_each_second_and_no_more() -> None:
    limits = Limits(0, 6.0)
    first = [limits.number_has_room("1", 10, now=0.0) for _ in range(11)]
    assert first == [True] * 10 + [False]
    assert limits.number_has_room("1", 10, now=0.1)
    assert not limits.number_has_room("1", 10, now=0.1)


def test_numbers_do_not_share_their_throughput() -> None:
    limits = Limits(0, 6.0)
    assert limits.number_has_room("1", 1, now=0.0)
    assert limits.number_has_room("2", 1, now=0.0)


def test_zero_throughput_is_no_limit() -> None:
    limits = Limits(0, 6.0)
    assert all(limits.number_has_room("1", 0, now=0.0) for _ in range(1000))


def test_a_changed_throughput_counts_at_once() -> None:
    limits = Limits(0, 6.0)
    assert limits.number_has_room("1", 1, now=0.0)
    assert not limits.number_has_room("1", 1, now=0.0)
    assert limits.number_has_room("1", 5, now=0.0)


def test_a_burst_to_one_recipient_is_paid_back_one_every_six_seconds() -> None:
    limits = Limits(45, 6.0)
    assert sum(limits.pair_has_room("1", "549", now=0.0) for _ in range(50)) == 45
    assert not limits.pair_has_room("1", "549", now=5.9)
    assert limits.pair_has_room("1", "549", now=12.0)


def test_another_recipient_is_not_limited_by_the_first() -> None:
    limits = Limits(1, 6.0)
    assert limits.pair_has_room("1", "a", now=0.0)
    assert not limits.pair_has_room("1", "a", now=0.0)
    assert limits.pair_has_room("1", "b", now=0.0)
