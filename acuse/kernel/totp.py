"""Codes of an authenticator app (RFC 6238 with SHA-1, 6 digits, 30 seconds: what every app can do)."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

PERIOD = 30
DIGITS = 6
#: Steps that a phone's clock may be off, before and after.
_TOLERANCE = 1


def new_key() -> str:
    """160 bits in base 32 (RFC 4226, 4)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(at: datetime) -> int:
    return int(at.timestamp()) // PERIOD


def code_of(key: str, step: int) -> str:
    """RFC 4226, 5.3."""
    digest = hmac.digest(base64.b32decode(key), struct.pack(">Q", step), "sha1")
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def matching_step(key: str, code: str, at: datetime, *, after: int = 0) -> int | None:
    """The step whose code this is, around now and later than `after`; None when there is none."""
    now = step_at(at)
    for step in range(max(now - _TOLERANCE, after + 1), now + _TOLERANCE + 1):
        if hmac.compare_digest(code_of(key, step).encode(), code.encode()):
            return step
    return None


def uri(key: str, account: str, issuer: str) -> str:
    """What the QR holds (Google Authenticator, Key URI Format)."""
    label = quote(f"{issuer}:{account}", safe=":@")
    return f"otpauth://totp/{label}?{urlencode({'secret': key, 'issuer': issuer}, quote_via=quote)}"


def spaced(key: str) -> str:
    """As it is typed by hand: groups of four."""
    return " ".join(key[at : at + 4] for at in range(0, len(key), 4))
