"""Meta's proof that a webhook is Meta's. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

PREFIX = "sha256="


def sign(body: bytes, app_secret: str) -> str:
    """The value of the header X-Hub-Signature-256 for these raw bytes."""
    return PREFIX + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def verify(body: bytes, header: str | None, app_secret: str) -> bool:
    """Whether `header` (X-Hub-Signature-256) signs these raw bytes. No secret verifies nothing."""
    if not header or not app_secret:
        return False
    # As bytes: compare_digest refuses text that isn't ASCII, and a stranger writes the header.
    return hmac.compare_digest(header.strip().lower().encode("utf-8", "replace"), sign(body, app_secret).encode())


def challenge(params: Mapping[str, str], verify_token: str) -> str | None:
    """What to answer, as it is, to Meta's verification GET; None = refuse it."""
    if not verify_token or params.get("hub.mode") != "subscribe":
        return None
    given = params.get("hub.verify_token", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), verify_token.encode("utf-8", "replace")):
        return None
    return params.get("hub.challenge")
