"""The bytes of a webhook and their signature (Meta, webhooks: X-Hub-Signature-256)."""

import hashlib
import hmac
import json
from typing import Any


def serialise(payload: Any) -> bytes:
    """Compact, non-ASCII escaped and slashes too, as Meta does: writing it anew breaks the signature."""
    return json.dumps(payload, ensure_ascii=True, separators=(",", ":")).replace("/", "\\/").encode()


def signature(body: bytes, app_secret: str) -> str:
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
