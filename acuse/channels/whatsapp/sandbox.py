"""How a test number of Meta's writes Argentine mobiles: the fixes told for 131030 disagree, so both are offered. Pure.

A string after every other treatment: phone libraries would put the 9 back (Meta's list, as its panel stores it).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from acuse.kernel.phone import area_lengths

OFF, WITHOUT_9, WITH_15 = "off", "without_9", "with_15"


def rewriter(mode: str) -> Callable[[str], str] | None:
    """What to do to each address before it leaves; None = nothing."""
    return {WITHOUT_9: without_9, WITH_15: with_15}.get(mode)


def without_9(e164: str) -> str:
    """`+5493415550190` → `+543415550190`."""
    return re.sub(r"^\+549(?=\d{10}$)", "+54", e164)


def with_15(e164: str) -> str:
    """`+5493415550190` → `+54341155550190`: the area code, 15, the rest."""
    if not re.fullmatch(r"\+549\d{10}", e164):
        return e164
    national = e164[4:]
    length = area_lengths(national)[0]
    return f"+54{national[:length]}15{national[length:]}"
