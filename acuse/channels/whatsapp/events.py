"""Webhook bodies as events. Pure, and tolerant: whatever is odd becomes an UnknownEvent and harms no neighbour.

Shapes: Meta, "Webhooks", and its oddities: a field beside `changes`, ids as numbers, timestamps as text or numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from acuse.channels.whatsapp.inbound import human_text

Raw = Mapping[str, Any]
EMPTY: Raw = {}


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """What became of a message of ours. `status` is Meta's word, see STATUSES."""

    phone_number_id: str | None
    waba_id: str | None
    wamid: str
    status: str
    at: datetime | None
    recipient_id: str | None
    recipient_user_id: str | None
    #: Our opaque data: the delivery's id.
    opaque: str | None
    #: For errors.decide; kept as they came.
    errors: tuple[Any, ...]
    #: {"pricing_model", "type", "category", "billable"}: in any of the statuses of a message, or in none.
    pricing: Raw
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class MessageEvent:
    """Somebody wrote. `from_` is absent for people who use a user name; `text` is what a person would read."""

    phone_number_id: str | None
    waba_id: str | None
    wamid: str
    from_: str | None
    from_user_id: str | None
    profile_name: str | None
    at: datetime | None
    type: str
    text: str
    #: The message of ours that it answers.
    context_wamid: str | None
    raw: Raw = field(repr=False)


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """Something about the account, a number or a template: `field` is Meta's, `value` is its own shape."""

    field: str
    waba_id: str | None
    value: Raw


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """An error of the account or the application, tied to no message (throughput, for example)."""

    phone_number_id: str | None
    waba_id: str | None
    error: Any


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    #: Where in the body: `entry[0].changes[1].value.statuses[3]`.
    path: str
    reason: str
    raw: Any = field(repr=False)


Event = StatusEvent | MessageEvent | AccountEvent | ErrorEvent | UnknownEvent

#: Meta's word for a status → our state of the delivery; None = an event of the timeline only (to us, a message is sent
#: when Meta accepts it).
STATUSES: Mapping[str, str | None] = {
    "accepted": None,
    "held_for_quality_assessment": None,
    "paused": None,
    "sent": None,
    "delivered": "delivered",
    "read": "read",
    "played": "read",
    "failed": "failed",
    # The person deleted it, which happens after it arrived.
    "deleted": None,
    "warning": None,
}
#: The words by which anybody may stop our messages, alone or at the start of a short sentence.
OPT_OUT_WORDS = frozenset({"baja", "stop"})
#: The field of everything about messages.
MESSAGES = "messages"
#: The field whose lists have the same names and speak of voice calls.
CALLS = "calls"
#: Fields of a value that carry lists of which each item is an event.
LISTS = ("statuses", "messages", "errors")


def walk(body: Any) -> Iterator[Event]:
    """Every event of a body: each entry, change, status, message and error. Never raises."""
    if not isinstance(body, Mapping):
        yield UnknownEvent("", "body is not an object", body)
        return
    for path, entry in _items(body, "entry", ""):
        if isinstance(entry, UnknownEvent):
            yield entry
            continue
        yield from _entry(entry, path)


def is_opt_out(text: str) -> bool:
    """Whether an inbound text asks for no more messages: BAJA or STOP, alone or with a polite word around."""
    words = re.findall(r"\w+", text.casefold())
    courtesies = {"por", "favor", "gracias", "quiero", "la", "dar", "darme", "de", "hola", "dame", "denme", "please"}
    asked = [w for w in words if w not in courtesies]
    return len(asked) > 0 and set(asked) <= OPT_OUT_WORDS


def _entry(entry: Raw, path: str) -> Iterator[Event]:
    waba_id = _id(entry.get("id"))
    if "changes" not in entry:
        # Coexistence and Messenger bodies have other lists; nothing there is ours, but it is counted.
        yield UnknownEvent(path, "entry without changes", entry)
        return
    for where, change in _items(entry, "changes", path):
        if isinstance(change, UnknownEvent):
            yield change
            continue
        # One sample of Meta's has the field beside `changes`.
        name = change.get("field", entry.get("field"))
        yield from _change(name, change, waba_id, where)


def _change(name: Any, change: Raw, waba_id: str | None, path: str) -> Iterator[Event]:
    value = change.get("value")
    if not isinstance(value, Mapping):
        yield UnknownEvent(f"{path}.value", "value is not an object", change)
        return
    about_account = isinstance(name, str) and name not in ("", MESSAGES)
    if about_account:
        yield AccountEvent(name, waba_id, value)
    if name == CALLS:
        return
    if not about_account and not any(key in value for key in LISTS):
        yield UnknownEvent(path, "nothing known in value", change)
    phone_number_id = _id(_mapping(value.get("metadata")).get("phone_number_id"))
    for kind in LISTS:
        if kind in value:
            yield from _list(kind, value, (phone_number_id, waba_id), f"{path}.value")


def _list(kind: str, value: Raw, origin: tuple[str | None, str | None], path: str) -> Iterator[Event]:
    items = value.get(kind)
    if not isinstance(items, list):
        yield UnknownEvent(f"{path}.{kind}", "not a list", items)
        return
    for index, item in enumerate(items):
        where = f"{path}.{kind}[{index}]"
        if kind == "errors":
            yield ErrorEvent(*origin, item)
        elif not isinstance(item, Mapping):
            yield UnknownEvent(where, "not an object", item)
        elif kind == "statuses":
            yield _status(item, origin, where)
        else:
            yield _message(item, value, origin, where)


def _status(item: Raw, origin: tuple[str | None, str | None], path: str) -> StatusEvent | UnknownEvent:
    wamid, status = _id(item.get("id")), item.get("status")
    if wamid is None or not isinstance(status, str) or not status:
        return UnknownEvent(path, "status without its id or its word", item)
    errors = item.get("errors")
    return StatusEvent(
        *origin,
        wamid=wamid,
        status=status.lower(),
        at=_moment(item.get("timestamp")),
        recipient_id=_id(item.get("recipient_id")),
        recipient_user_id=_id(item.get("recipient_user_id")),
        opaque=_text(item.get("biz_opaque_callback_data")),
        errors=tuple(errors) if isinstance(errors, list) else (),
        pricing=_mapping(item.get("pricing")),
        raw=item,
    )


def _message(item: Raw, value: Raw, origin: tuple[str | None, str | None], path: str) -> MessageEvent | UnknownEvent:
    wamid = _id(item.get("id"))
    if wamid is None:
        return UnknownEvent(path, "message without its id", item)
    sender, user = _id(item.get("from")), _id(item.get("from_user_id"))
    kind = _text(item.get("type")) or "unknown"
    return MessageEvent(
        *origin,
        wamid=wamid,
        from_=sender,
        from_user_id=user,
        profile_name=_profile_name(value.get("contacts"), sender, user),
        at=_moment(item.get("timestamp")),
        type=kind,
        text=human_text(kind, item),
        context_wamid=_id(_mapping(item.get("context")).get("id")),
        raw=item,
    )


def _profile_name(contacts: Any, sender: str | None, user: str | None) -> str | None:
    people = [c for c in contacts if isinstance(c, Mapping)] if isinstance(contacts, list) else []
    for person in people:
        ids = {_id(person.get("wa_id")), _id(person.get("user_id"))} - {None}
        if ids & {sender, user}:
            return _text(_mapping(person.get("profile")).get("name"))
    return None


def _items(holder: Raw, name: str, path: str) -> Iterator[tuple[str, Raw | UnknownEvent]]:
    items = holder.get(name)
    where = f"{path}.{name}" if path else name
    if not isinstance(items, list):
        yield where, UnknownEvent(where, "not a list", items)
        return
    for index, item in enumerate(items):
        here = f"{where}[{index}]"
        yield here, item if isinstance(item, Mapping) else UnknownEvent(here, "not an object", item)


def _mapping(value: Any) -> Raw:
    return value if isinstance(value, Mapping) else EMPTY


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _id(value: Any) -> str | None:
    """Ids are text, but some of Meta's come as numbers."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**30:
        return str(value)
    return _text(value)


def _moment(value: Any) -> datetime | None:
    """Unix seconds as text or number; None when it is neither or no date of this era."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
        return datetime.fromtimestamp(seconds, UTC) if math.isfinite(seconds) and seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None
