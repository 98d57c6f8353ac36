from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.digest import canonical_digest, sha256_of

OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_it_is_sha256_in_hexadecimal() -> None:
    assert sha256_of(b"") == OF_NOTHING


def test_the_canonical_form_is_sorted_and_compact() -> None:
    assert canonical_digest({"b": [1, None], "a": "ñ"}) == hashlib.sha256(rb'{"a":"\u00f1","b":[1,null]}').hexdigest()


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (Decimal("1.50"), Decimal("1.5")),
        (Decimal("1E+2"), Decimal("100.00")),
        (Decimal("-0.0"), Decimal("0")),
        (date(2026, 9, 5), "2026-09-05"),
        (UUID(int=7), str(UUID(int=7))),
        (datetime(2026, 9, 5, 12, tzinfo=UTC), datetime(2026, 9, 5, 9, tzinfo=timezone(timedelta(hours=-3)))),
        ((1, 2), [1, 2]),
    ],
)
def test_equal_values_have_the_same_digest(value: object, same: object) -> None:
    assert canonical_digest({"v": value}) == canonical_digest({"v": same})


@pytest.mark.parametrize(
    ("value", "other"), [(Decimal("1.5"), Decimal("1.05")), (Decimal("10"), Decimal("1")), (1, "1"), ([1, 2], [2, 1])]
)
def test_different_values_have_different_digests(value: object, other: object) -> None:
    assert canonical_digest(value) != canonical_digest(other)


@pytest.mark.parametrize(
    "value",
    [float("nan"), Decimal("NaN"), Decimal("Infinity"), datetime(2026, 9, 5, 12)],  # noqa: DTZ001
)
def test_what_cannot_be_compared_has_no_digest(value: object) -> None:
    with pytest.raises(ValueError):
        canonical_digest({"v": value})


def test_an_unknown_type_has_no_digest() -> None:
    with pytest.raises(TypeError, match="bytes has no canonical form"):
        canonical_digest({"v": b"x"})


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False)))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert canonical_digest(dict(reversed(value.items()))) == canonical_digest(value)
