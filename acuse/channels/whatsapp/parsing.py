"""What Meta sends as JSON, without what PostgreSQL keeps in no text. Pure."""

from __future__ import annotations

import json
import math
import re
from typing import Any

#: NUL, or half of a surrogate pair, as JSON escapes them (it allows them in no other way).
_SUSPICIOUS = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def _finite(text: str) -> float | str:
    value = float(text)
    return value if math.isfinite(value) else text


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_refuse)


def parse(body: bytes) -> Any:
    """Raises ValueError."""
    text = body.decode("utf-8")
    try:
        parsed = _DECODER.decode(text)
        return _clean(parsed) if "\\u" in text and _SUSPICIOUS.search(text) else parsed
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _clean(value: Any) -> Any:
    """Without NUL and lone surrogates, which PostgreSQL keeps in no text."""
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value
