from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.whatsapp.sandbox import rewriter, with_15, without_9


@pytest.mark.parametrize(
    ("e164", "short", "long"),
    [
        ("+5493415550190", "+543415550190", "+54341155550190"),
        ("+5491155550190", "+541155550190", "+54111555550190"),
        ("+5492966412345", "+542966412345", "+54296615412345"),
        ("+59899123456", "+59899123456", "+59899123456"),
        ("+543414250000", "+543414250000", "+543414250000"),
    ],
)
def test_only_argentine_mobiles_are_rewritten(e164: str, short: str, long: str) -> None:
    assert (without_9(e164), with_15(e164)) == (short, long)


@given(st.from_regex(r"\+[1-9][0-9]{7,14}", fullmatch=True))
def test_nothing_else_of_a_number_is_lost(e164: str) -> None:
    assert len(without_9(e164)) in (len(e164), len(e164) - 1)
    assert len(with_15(e164)) in (len(e164), len(e164) + 1)


def test_a_real_number_rewrites_nothing() -> None:
    assert rewriter("off") is None
    assert rewriter("with_15") is with_15
