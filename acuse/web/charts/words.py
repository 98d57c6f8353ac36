"""Numbers and spans of time in the sentences of the charts."""

from __future__ import annotations

from acuse.kernel.numerals import thousands
from acuse.web import formats

_UNITS = ((86400, "día", "días"), (3600, "hora", "horas"), (60, "minuto", "minutos"), (1, "segundo", "segundos"))


def number(count: int) -> str:
    return formats.number(thousands(count))


def many(count: int, one: str, more: str) -> str:
    """`1 envío`, `1.204 envíos`."""
    return f"{number(count)} {one if count == 1 else more}"


def share(count: int, of: int) -> str:
    """`95 %`; of few, nothing: a percentage of 3 says less than they do."""
    return f"{round(count * 100 / of)} %" if of >= 10 else ""


def span(seconds: int) -> str:
    """`5 minutos`."""
    for size, one, more in _UNITS:
        if seconds >= size and seconds % size == 0:
            return many(seconds // size, one, more)
    return many(seconds, "segundo", "segundos")
