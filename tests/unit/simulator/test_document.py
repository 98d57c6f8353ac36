from pathlib import Path

import pytest

from acuse_simulator.outcomes import ACCEPTING, OUTCOMES

DOCUMENT = Path(__file__).parents[3] / "docs" / "simulator.md"


@pytest.mark.parametrize("suffix", sorted(OUTCOMES))
def test_the_documented_table_is_the_one_that_runs(suffix: str) -> None:
    outcome = OUTCOMES[suffix]
    when = "always" if outcome.times is None else f"first {outcome.times}"
    accepted = "yes" if outcome.answer in ACCEPTING else "no"
    row = f"| {suffix} | `{outcome.name}` | {when} | {accepted} | {outcome.says} |"
    assert row in DOCUMENT.read_text(encoding="utf-8")
