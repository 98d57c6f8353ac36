"""How many different people a portfolio may write to first in 24 hours (Meta, messaging limits). Pure."""

from __future__ import annotations

import re
from typing import Any

TIERS = {"TIER_50": 50, "TIER_250": 250, "TIER_1K": 1000, "TIER_2K": 2000, "TIER_10K": 10_000, "TIER_100K": 100_000}
UNLIMITED = "TIER_UNLIMITED"


def tier_of(told: Any) -> str:
    """A number or a tier, as a tier; blank for what is neither. A limit that has no name keeps its number."""
    if isinstance(told, bool):
        return ""
    text = str(told or "").strip().upper()
    if re.fullmatch(r"TIER_\w{1,20}", text):
        return text
    if not re.fullmatch(r"-?[0-9]{1,12}", text):
        return ""
    people = int(text)
    return next((tier for tier, most in TIERS.items() if most == people), UNLIMITED if people < 0 else f"TIER_{people}")


def people_of(tier: str) -> int | None:
    """None: no limit, or not known."""
    if tier in TIERS:
        return TIERS[tier]
    number = tier.removeprefix("TIER_")
    return int(number) if number.isascii() and number.isdigit() else None
