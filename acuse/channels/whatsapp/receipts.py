"""Meta's webhooks as the channel-neutral items that deliveries apply. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from acuse.channels.contract import AccountNews, HookItem, Inbound, Notice, Receipt, ReceiptState, TooFast
from acuse.channels.whatsapp import signature
from acuse.channels.whatsapp.errors import decide
from acuse.channels.whatsapp.events import (
    STATUSES,
    AccountEvent,
    ErrorEvent,
    Event,
    MessageEvent,
    StatusEvent,
    UnknownEvent,
    is_opt_out,
    walk,
)
from acuse.channels.whatsapp.news.fields import FIELDS
from acuse.channels.whatsapp.parsing import parse
from acuse.kernel import clock

#: A wamid has about 80 characters; what is longer than the column isn't one.
LONGEST_ID = 300
LONGEST_IDENTITY = 160
#: The types by which a person writes or taps words of their own.
SPOKEN = frozenset({"text", "button", "interactive"})
#: Meta's words that are states of their own here; the other known ones are events of the timeline.
WORDS: Mapping[str, ReceiptState] = {
    "sent": ReceiptState.SENT,
    **{word: ReceiptState(state) for word, state in STATUSES.items() if state is not None},
}

_INDEX = re.compile(r"\[\d+\]")
_FIELD = re.compile(r"[a-z0-9_]{1,60}")


class WhatsAppHooks:
    """The `contract.HookReader` of Meta's Cloud API."""

    def verify(self, body: bytes, header: str | None, secret: str) -> bool:
        return signature.verify(body, header, secret)

    def challenge(self, params: Mapping[str, str], verify_token: str) -> str | None:
        return signature.challenge(params, verify_token)

    def readable(self, body: bytes) -> bool:
        try:
            parse(body)
        except ValueError:
            return False
        return True

    def read(self, body: bytes) -> list[HookItem]:
        return [item for event in walk(parse(body)) for item in items_of(event)]


def items_of(event: Event) -> Iterator[HookItem]:
    match event:
        case StatusEvent() if len(event.wamid) <= LONGEST_ID:
            yield _receipt(event)
            if event.status not in STATUSES:
                yield Notice(f"unknown:status:{event.status}"[:120], event.raw)
        case MessageEvent() if len(event.wamid) <= LONGEST_ID:
            yield _inbound(event)
        case StatusEvent() | MessageEvent():
            yield Notice("unknown:id_too_long", event.raw)
        case AccountEvent():
            yield _news(event)
        case ErrorEvent():
            code = event.error.get("code") if isinstance(event.error, Mapping) else None
            yield Notice(f"errors:{code if isinstance(code, int | str) else 'unknown'}"[:40], event.error)
            if event.phone_number_id and decide(event.error, now=clock.now()).slow_down:
                yield TooFast(event.phone_number_id)
        case UnknownEvent():
            # without the indexes: one count a shape, however long the lists
            yield Notice(f"unknown:{_INDEX.sub('[]', event.path)}:{event.reason}"[:120], event.raw)


def _news(event: AccountEvent) -> AccountNews | Notice:
    if event.field in FIELDS and event.waba_id is not None:
        return AccountNews(event.field, event.waba_id, event.value)
    known = _FIELD.fullmatch(event.field)
    return Notice(event.field if known else "unknown:field", {"waba_id": event.waba_id, "value": event.value})


def _receipt(event: StatusEvent) -> Receipt:
    state = WORDS.get(event.status, ReceiptState.OTHER)
    now = clock.now()
    return Receipt(
        sender_id=event.phone_number_id or "",
        provider_id=event.wamid,
        delivery_id=_delivery_id(event.opaque),
        state=state,
        at=event.at or now,
        word=event.status,
        refusal=decide(_first_error(event), now=now) if state is ReceiptState.FAILED else None,
        pricing=event.pricing or None,
        identities=_identities(event),
        raw=event.raw,
    )


def _first_error(event: StatusEvent) -> Mapping[str, Any]:
    return next((error for error in event.errors if isinstance(error, Mapping)), {})


def _delivery_id(opaque: str | None) -> str:
    """Ours are UUIDs; another program of the same company may send its own data by the same number."""
    if opaque is None or len(opaque) != 36:
        return ""
    try:
        return str(UUID(opaque))
    except ValueError:
        return ""


def _identities(event: StatusEvent) -> dict[str, str]:
    found = {}
    if event.recipient_id and event.recipient_id.isdecimal() and event.raw.get("recipient_type") != "group":
        found["wa_id"] = event.recipient_id
    if event.recipient_user_id:
        found["bsuid"] = event.recipient_user_id
    return {kind: value for kind, value in found.items() if len(value) <= LONGEST_IDENTITY}


def _inbound(event: MessageEvent) -> Inbound:
    return Inbound(
        sender_id=event.phone_number_id or "",
        provider_id=event.wamid,
        from_digits=re.sub(r"\D", "", event.from_ or "")[:40],
        from_user_id=(event.from_user_id or "")[:LONGEST_IDENTITY],
        name=(event.profile_name or "")[:200],
        at=event.at or clock.now(),
        type=event.type[:40],
        text=event.text,
        answers=event.context_wamid or "",
        opt_out=event.type in SPOKEN and is_opt_out(event.text),
        raw=event.raw,
    )
