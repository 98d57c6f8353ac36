"""How numbers that aren't ours yet are called, between the page that listed them and those that go on with one."""

from __future__ import annotations

from collections.abc import Mapping

from acuse.web.access import ActorRequest

_KEY = "whatsapp_displays"
#: Numbers remembered in a session.
_MOST = 100


def keep_displays(request: ActorRequest, displays: Mapping[str, str]) -> None:
    known = request.session.get(_KEY, {})
    merged = {**known, **{number: display for number, display in displays.items() if display}}
    if merged != known:
        request.session[_KEY] = dict(list(merged.items())[-_MOST:])


def display_of(request: ActorRequest, number: str) -> str:
    """As people write it, else Meta's id."""
    return str(request.session.get(_KEY, {}).get(number, "")) or f"el número con identificador {number}"
