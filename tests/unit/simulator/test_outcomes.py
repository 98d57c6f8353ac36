import pytest

from acuse_simulator import errors, outcomes
from acuse_simulator.outcomes import DEFAULT, OUTCOMES, Answer, for_try, scripted


@pytest.mark.parametrize("suffix", sorted(OUTCOMES))
def test_the_last_four_digits_choose_the_outcome(suffix: str) -> None:
    assert scripted(f"549115555{suffix}", {}) is OUTCOMES[suffix]


def test_any_other_number_is_sent_delivered_and_read() -> None:
    assert scripted("5491155551234", {}) is DEFAULT
    assert [step.status for step in DEFAULT.receipts] == ["sent", "delivered", "read"]


def test_an_override_of_the_whole_number_wins_over_one_of_its_last_digits() -> None:
    overrides = {"1234": "slow", "5491155551234": "silence"}
    assert scripted("5491155551234", overrides).name == "silence"
    assert scripted("5491166661234", overrides).name == "slow"


def test_an_override_can_make_a_scripted_number_ordinary() -> None:
    assert scripted("5491155550001", {"0001": "default"}) is DEFAULT


def test_a_temporary_refusal_ends_after_its_tries() -> None:
    limited = OUTCOMES["0003"]
    assert [for_try(limited, n).answer for n in (1, 2, 3)] == [Answer.REFUSE, Answer.REFUSE, Answer.ACCEPT]


def test_a_lasting_refusal_never_ends() -> None:
    assert for_try(OUTCOMES["0001"], 1000) is OUTCOMES["0001"]


def test_names_are_unique() -> None:
    assert len(outcomes.BY_NAME) == len(OUTCOMES) + 1


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda o: o.name)
def test_every_refusal_has_a_code_that_the_error_table_knows(outcome: outcomes.Outcome) -> None:
    if outcome.answer is Answer.REFUSE and outcome.code != 999999:
        assert outcome.code in errors.CODES


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=lambda o: o.name)
def test_failed_receipts_and_only_they_carry_a_code(outcome: outcomes.Outcome) -> None:
    assert all((step.code is not None) == (step.status == "failed") for step in outcome.receipts)
