from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from acuse.web.grids.exporting import as_text


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""),
        ("", ""),
        ("Almacén; Norte", "Almacén; Norte"),
        (Decimal("-1234567.50"), "-1234567,50"),
        (-3, "-3"),
        (date(2026, 11, 3), "03/11/2026"),
        ("=1+1", "'=1+1"),
        ("  +1", "'  +1"),
        ("\n@SUM(A1)", "'\n@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("-", "'-"),
        ("a=1", "a=1"),
    ],
)
def test_a_cell_of_a_csv(cell: Any, text: str) -> None:
    assert as_text(cell) == text
