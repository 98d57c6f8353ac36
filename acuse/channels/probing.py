"""What a trial of an account's parameters answers. Pure but for `wait_for`; nothing that is saved changes."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from acuse.channels.contract import Grade, Refusal, Verdict

#: Seconds that somebody waits for the whole of a trial.
LIMIT = 10.0

__all__ = ["LIMIT", "Grade", "Probe", "refused", "wait_for"]


@dataclass(frozen=True, slots=True)
class Probe:
    grade: Grade
    #: What was seen, in Spanish, without secrets.
    text: str
    #: What to do about it; blank when all is well.
    next_step: str = ""
    #: What the provider told, for people: (name, value).
    facts: tuple[tuple[str, str], ...] = ()


def refused(refusal: Refusal, *, again: str) -> Probe:
    """`again`: what to do where a delivery would simply be tried later, since nobody repeats a trial by itself."""
    waits = refusal.verdict in (Verdict.RETRY, Verdict.UNKNOWN)
    said = str(refusal.detail.get("message") or refusal.detail.get("details") or "")
    facts = (("Respuesta", said),) if said else ()
    return Probe(Grade.ERROR, refusal.cause.text, again if waits else refusal.cause.next_step, facts)


def wait_for(trial: Coroutine[Any, Any, Probe]) -> Probe:
    """Run it to its end, from a thread that has no event loop."""
    return asyncio.run(trial)
