"""Two people change the same set at once: what each did stays, and neither undoes the other unseen. Pure."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

from acuse.companies.services import CompanyError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Meanwhile(Generic[T]):
    """What another person did to a set between its being drawn and being sent."""

    added: frozenset[T]
    removed: frozenset[T]
    #: As it is now, with what this person ticked and unticked. What the other took away stays away: that a box was
    #: still ticked here says nothing of wanting it back.
    merged: frozenset[T]


class ChangedMeanwhile(CompanyError, Generic[T]):
    """It isn't any more as the person saw it."""

    def __init__(self, field: str, text: str, meanwhile: Meanwhile[T]) -> None:
        super().__init__(field, text)
        self.meanwhile = meanwhile


def between(seen: AbstractSet[T], now: AbstractSet[T], asked: AbstractSet[T]) -> Meanwhile[T] | None:
    """None when nobody changed it."""
    if seen == now:
        return None
    merged = (now | (asked - seen)) - (seen - asked)
    return Meanwhile(frozenset(now - seen), frozenset(seen - now), frozenset(merged))
