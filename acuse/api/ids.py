"""Ids as the API shows them: opaque to whoever uses it."""

from __future__ import annotations

from uuid import UUID


def parse_id(text: str) -> UUID | None:
    """None when no row could have it. Only the form that we give counts."""
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
