"""Identifiers and secrets."""

from __future__ import annotations

import secrets
import uuid

from uuid_utils import compat


def new_id() -> uuid.UUID:
    """A UUIDv7: sorts by creation, so that indexes grow at their end."""
    return compat.uuid7()


def new_secret(nbytes: int = 32) -> str:
    """`nbytes` of randomness as url-safe text without padding."""
    return secrets.token_urlsafe(nbytes)
