"""The hot SQL, one named file a statement in `sql/`."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import LiteralString


@cache
def statement(name: str) -> LiteralString:
    """Our own text, shipped with the package: safe for psycopg to run as it is."""
    text: LiteralString = files("acuse.deliveries").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return text
