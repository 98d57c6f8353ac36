"""How the person who looks reads numbers and dates: as in Argentina, or as in the United States.

What is typed into forms, exported or sent to customers stays Argentine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from decimal import Decimal

from acuse.companies.models import User
from acuse.kernel import money

_formats: ContextVar[str] = ContextVar("formats", default=User.Formats.ARGENTINA)
_SWAPPED = str.maketrans(".,", ",.")


@contextmanager
def using(formats: str) -> Iterator[None]:
    token = _formats.set(formats)
    try:
        yield
    finally:
        _formats.reset(token)


def english() -> bool:
    return _formats.get() == User.Formats.ENGLISH


def number(argentine: str) -> str:
    """`1.234,56`, with whatever surrounds it, as the person reads it."""
    return argentine.translate(_SWAPPED) if english() else argentine


def amount(value: Decimal, currency: str) -> str:
    return number(money.format_amount(value, currency))


def day(value: date) -> str:
    """Day, month and year."""
    return f"{value:%m/%d/%Y}" if english() else f"{value:%d/%m/%Y}"


def day_and_month(value: date) -> str:
    return f"{value:%m/%d}" if english() else f"{value:%d/%m}"


def pattern(argentine: str) -> str:
    """A format of Django's `date` filter: `d/m/Y H:i`."""
    return argentine.replace("d/m", "m/d").replace("j/n", "n/j") if english() else argentine
