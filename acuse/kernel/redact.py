"""Masks of personal data and secrets, for logs and for screens: the only place that knows how."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

from acuse.kernel import phone

_DOT = "·"
MASK = _DOT * 4

_SECRET_WORDS = frozenset({"token", "secret", "password", "authorization", "apikey"})
_ADDRESS_WORDS = frozenset({"to", "mobile", "email", "phone"})
#: structlog's own: a later processor needs the exception itself.
_UNTOUCHED = frozenset({"exc_info"})

# Every pattern is linear: a run is tried from its start only (lookbehind), or has a limit.
_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
#: Everything between the scheme and the last @ of a mail URL: a password may hold any sign.
_MAIL_URL = re.compile(r"\b((?:smtps?|submissions?)(?:\+\w+)?://)\S{1,500}@", re.IGNORECASE)
_URL_USER = re.compile(r"\b([a-z][a-z0-9+.-]{0,30}://)[^\s/]+@", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer\s+)[^\s\"',;]+|\b((?:oauth|basic)\s+)[\w.~+/=|-]{12,}", re.IGNORECASE)
_META_TOKEN = re.compile(r"EAA[0-9A-Za-z_-]{6,}")
#: Meta's app access token: <app id>|<app secret>.
_APP_TOKEN = re.compile(r"\b(\d{8,}\|)[\w-]{8,}")
_ASSIGNED = re.compile(
    r"((?:token|password|secret|api_key|appsecret_proof|authorization)[\"']?\s*[=:]\s*[\"']?)"
    r"(?!bearer\b|oauth\b|basic\b)[^\s\"'&,;}]+",
    re.IGNORECASE,
)
#: Meta says back what it couldn't read.
_MALFORMED = re.compile(r"\b(malformed access token\s+)\S+", re.IGNORECASE)
#: Whoever has the path of an open invitation, or of a forgotten password's link, sets that user's password.
_LINK = re.compile(r"(/invitacion/|/ingresar/nueva/[^\s/\"']{1,100}/)[^\s/\"']+")
_LOCAL = {
    "11": r"\d{4}[ -]?\d{4}",
    r"[23]\d{2}": r"\d{3}[ -]?\d{4}",
    r"[23]\d{3}": r"(?:\d{2}[ -]?\d{4}|\d{3}[ -]?\d{3})",
}
_ARGENTINE = "|".join(
    rf"\(?0?{area}\)?[ -]*(?:(?:15[ -]?)?{local}|15\d[ -]?\d{{5,7}})" for area, local in _LOCAL.items()
)
#: Never inside a word or a UUID, and the groups as people write them, so that ids and dates stay legible.
_PHONE = re.compile(
    r"(?<![\w+-])(?:"
    r"\+\(?\d(?:[ .()-]{0,2}\d){7,14}"
    rf"|(?:00)?(?:54[ -]?)?(?:9[ -]?)?(?:{_ARGENTINE})"
    r"|15[ -]?\d{2,4}[ -]?\d{4}"
    r")(?![\w-])"
)


def mask_phone(text: str) -> str:
    """`+54 9 11 ····-6789`: country, area and the last four digits stay."""
    e164 = phone.parse(text, default_area=None).e164
    return _mask_digits(text, keep_first=0) if e164 is None else mask_e164(e164)


def mask_e164(e164: str) -> str:
    """As `mask_phone`, of a number that was understood before, where there are thousands."""
    shown, kept = phone.display_and_area(e164)
    return _mask_digits(shown, keep_first=kept)


def mask_email(text: str) -> str:
    """`a···@dominio.com`."""
    name, at, domain = text.strip().rpartition("@")
    return f"{name[:1]}{_DOT * 3}@{domain}" if at else MASK


def mask_secret(text: str) -> str:
    """Nothing of it, not even its length; blank stays blank."""
    return MASK if text else ""


def redact(text: str) -> str:
    """The text without the phones, addresses, tokens and passwords that it holds."""
    text = _MAIL_URL.sub(rf"\1{MASK}@", text)
    text = _URL_USER.sub(rf"\1{MASK}@", text)
    text = _BEARER.sub(lambda m: (m[1] or m[2]) + MASK, text)
    text = _ASSIGNED.sub(rf"\1{MASK}", text)
    text = _APP_TOKEN.sub(rf"\1{MASK}", text)
    text = _MALFORMED.sub(rf"\1{MASK}", text)
    text = _META_TOKEN.sub(f"EAA{MASK}", text)
    text = _LINK.sub(rf"\1{MASK}", text)
    text = _EMAIL.sub(lambda m: mask_email(m[0]), text)
    return _PHONE.sub(lambda m: mask_phone(m[0]), text)


def redact_event(logger: object, name: str, event_dict: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor; put it after the one that formats exceptions."""
    for key, value in event_dict.items():
        if key not in _UNTOUCHED:
            event_dict[key] = _masked(key, value)
    return event_dict


def _masked(key: str, value: Any) -> Any:
    words = key.lower().replace("api_key", "apikey").replace("-", "_").split("_")
    if value is None or isinstance(value, bool):
        return value
    if not _SECRET_WORDS.isdisjoint(words):
        return mask_secret(str(value))
    if isinstance(value, Mapping):
        return {inner: _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(key, item) for item in value]
    if words[-1] in _ADDRESS_WORDS:
        return _mask_address(str(value))
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, bytes):
        return redact(value.decode("utf-8", "replace"))
    return redact(repr(value)) if isinstance(value, BaseException) else value


def _mask_address(text: str) -> str:
    return mask_email(text) if "@" in text else mask_phone(text)


def _mask_digits(text: str, *, keep_first: int) -> str:
    """Dots instead of digits, but for the first `keep_first` and the last four; all of them in a short text."""
    total = sum(c.isdecimal() for c in text)
    keep_last = 4 if total >= 8 else 0
    seen = 0
    masked = []
    for c in text:
        seen += c.isdecimal()
        hidden = c.isdecimal() and keep_first < seen <= total - keep_last
        masked.append(_DOT if hidden or c.isalpha() else c)
    return "".join(masked)
