"""An event: what it says, what happens, and what it is about."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from acuse_simulator.entities import Number, Template
from acuse_simulator.world import World

Values = dict[str, Any]
Happens = Callable[[World, Values], None]


class UnknownEventError(ValueError):
    """No such event, or what it is about doesn't exist."""


@dataclass(frozen=True)
class Event:
    says: str  #: in Spanish, for the operator's page
    happens: Happens


def template_of(world: World, values: Values) -> Template:
    wanted = values.get("template")
    found = [t for t in world.templates.values() if wanted in (None, t.name, t.id)]
    found = [t for t in found if values.get("language", t.language) == t.language]
    if not found:
        raise UnknownEventError(f"there is no template {wanted}")
    return found[0]


def number_of(world: World, values: Values) -> Number:
    wanted = values.get("number")
    found = [n for n in world.numbers.values() if wanted in (None, n.id)]
    if not found:
        raise UnknownEventError(f"there is no number {wanted}")
    return found[0]


def waba_of(world: World, values: Values) -> str:
    waba = str(values.get("waba") or world.config.waba_id)
    if waba not in world.wabas():
        raise UnknownEventError(f"there is no account {waba}")
    return waba


def blocked(code: int, text: str, solution: str) -> dict[str, Any]:
    """A health entity that doesn't send."""
    errors = [{"error_code": code, "error_description": text, "possible_solution": solution}]
    return {"can_send_message": "BLOCKED", "errors": errors}
