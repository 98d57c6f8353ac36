"""A voucher's number as people type it: `42`, `3-42`, `00003-00000042`, `A 3-42`, `Factura A 3-42`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = re.compile(r"(?:^|.*\s)?(?:([A-Za-z])[\s-]*)?(?:([0-9]{1,5})\s*-\s*)?([0-9]{1,8})", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Number:
    number: int
    #: None: of any point of sale.
    point_of_sale: int | None = None
    #: "": of any letter.
    letter: str = ""


def read(text: str) -> Number | None:
    """None for what is no number."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    letter, point_of_sale, number = found.groups()
    return Number(int(number), int(point_of_sale) if point_of_sale else None, (letter or "").upper())
