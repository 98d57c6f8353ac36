"""Digests: of bytes, and of a value whatever the order of its keys."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID


def sha256_of(data: bytes) -> str:
    """64 lower-case hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical_digest(obj: object) -> str:
    """SHA-256 of sorted, compact JSON.

    Decimals count by their value (1.5 = 1.50), moments by their instant. Raises `TypeError` for a type
    it doesn't know, `ValueError` for NaN, infinities and naive datetimes: two of those can't be compared.
    """
    text = json.dumps(obj, sort_keys=True, separators=(",", ":"), allow_nan=False, default=_plain)
    return sha256_of(text.encode("ascii"))


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, datetime):
        if value.utcoffset() is None:
            raise ValueError("a naive datetime has no canonical form")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("NaN and infinities have no canonical form")
    if value == 0:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
