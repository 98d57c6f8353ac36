"""Meta's clicks, from the one file that has them: `clicks.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from acuse.channels.whatsapp.onboarding.progress import Step

_FILE = Path(__file__).with_name("clicks.toml")


@dataclass(frozen=True, slots=True)
class Clicks:
    """One thing that is done in Meta's consoles."""

    step: Step
    title: str
    #: When somebody last saw that it is so.
    checked: date
    lines: tuple[str, ...]
    #: Meta's page where it begins, and what the link says.
    url: str
    link: str
    #: The name of a drawing; blank: there is none.
    drawing: str = ""


def clicks_of(step: Step) -> tuple[Clicks, ...]:
    return tuple(one for one in everything() if one.step is step)


@cache
def everything() -> tuple[Clicks, ...]:
    return read(_FILE.read_text(encoding="utf-8"))


def read(text: str) -> tuple[Clicks, ...]:
    """Raises ValueError, KeyError or TypeError where the file isn't as it must be."""
    return tuple(_clicks(**row) for row in tomllib.loads(text)["click"])


def _clicks(step: str, checked: Any, lines: list[str], **texts: str) -> Clicks:
    if type(checked) is not date:
        raise ValueError(f"checked is a day, not {checked!r}")
    return Clicks(step=Step(step), checked=checked, lines=tuple(lines), **texts)
