from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from acuse.kernel import totp

#: RFC 6238, appendix B (SHA-1), the last six digits of its eight.
RFC_KEY = base64.b32encode(b"12345678901234567890").decode()
RFC_CODES = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
    (2000000000, "279037"), (20000000000, "353130"),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_the_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert totp.code_of(RFC_KEY, totp.step_at(at)) == code
    assert totp.matching_step(RFC_KEY, code, at) == totp.step_at(at)


def test_a_clock_may_be_half_a_minute_off_and_no_more() -> None:
    at = datetime(2026, 11, 24, 12, 0, 15, tzinfo=UTC)
    code = totp.code_of(RFC_KEY, totp.step_at(at))
    assert [
        totp.matching_step(RFC_KEY, code, at + timedelta(seconds=off)) is not None for off in (-60, -30, 0, 30, 60)
    ] == [False, True, True, True, False]


def test_a_code_is_not_taken_after_it_or_a_later_one_was() -> None:
    at = datetime(2026, 11, 24, 12, tzinfo=UTC)
    step = totp.step_at(at)
    earlier, this = totp.code_of(RFC_KEY, step - 1), totp.code_of(RFC_KEY, step)
    assert totp.matching_step(RFC_KEY, this, at, after=step) is None
    assert totp.matching_step(RFC_KEY, earlier, at, after=step) is None
    assert totp.matching_step(RFC_KEY, this, at, after=step - 1) == step


def test_what_is_no_code_matches_nothing() -> None:
    for text in ("", "12345", "1234567", "ñandú1", "١٢٣٤٥٦"):
        assert totp.matching_step(RFC_KEY, text, datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_a_new_key_has_160_bits_and_is_another_each_time() -> None:
    keys = {totp.new_key() for _ in range(50)}
    assert len(keys) == 50
    assert {len(base64.b32decode(key)) for key in keys} == {20}


def test_the_address_for_the_app_names_the_issuer_and_the_account() -> None:
    assert totp.uri("ABCD", "ana+x@oeste.example", "Acuse") == (
        "otpauth://totp/Acuse:ana%2Bx@oeste.example?secret=ABCD&issuer=Acuse"
    )
    assert totp.spaced("ABCDEFGH") == "ABCD EFGH"
