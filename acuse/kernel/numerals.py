"""Numbers as people read them in Argentina."""

from __future__ import annotations


def thousands(number: int) -> str:
    """`12.345`."""
    return f"{number:,}".replace(",", ".")
