"""argparse's own words, in Spanish: it has a table of ours for every message of its own that our commands can show."""

from __future__ import annotations

import argparse

#: As argparse writes it → as we say it, with the same placeholders.
_WORDS = {
    "usage: ": "uso: ",
    "positional arguments": "argumentos",
    "options": "opciones",
    "show this help message and exit": "muestra esta ayuda",
    "%(prog)s: error: %(message)s\n": "%(prog)s: %(message)s\n",
    "argument %(argument_name)s: %(message)s": "%(argument_name)s: %(message)s",
    "the following arguments are required: %s": "falta %s",
    "one of the arguments %s is required": "falta uno de estos: %s",
    "unrecognized arguments: %s": "no se conoce %s",
    "expected one argument": "va con un valor",
    "expected at most one argument": "va con un valor, o sin él",
    "expected at least one argument": "va con al menos un valor",
    "expected %s argument": "va con %s valor",
    "expected %s arguments": "va con %s valores",
    "ignored explicit argument %r": "va sin valor, y tiene %r",
    "not allowed with argument %s": "no va junto con %s",
    "invalid choice: %(value)r (choose from %(choices)s)": "no puede ser %(value)r: elegí entre %(choices)s",
    "invalid %(type)s value: %(value)r": "no puede ser %(value)r",
    "ambiguous option: %(option)s could match %(matches)s": "%(option)s puede ser %(matches)s: escribila entera",
}


def speak_spanish() -> None:
    """argparse asks gettext for its words, by these two names."""
    setattr(argparse, "_", _translated)  # noqa: B010  (typeshed has no such name)
    setattr(argparse, "ngettext", _counted)  # noqa: B010


def _translated(message: str) -> str:
    return _WORDS.get(message, message)


def _counted(one: str, many: str, count: int) -> str:
    return _translated(one if count == 1 else many)
