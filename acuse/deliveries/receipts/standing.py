"""What receipts make of one delivery. Pure: any order and repetition of the same receipts ends the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from acuse.channels.contract import Receipt, ReceiptState, Refusal
from acuse.deliveries.policy import moves_forward
from acuse.deliveries.states import LEFT, EventKind, State

TOLD: Mapping[ReceiptState, State] = {
    ReceiptState.SENT: State.SENT,
    ReceiptState.DELIVERED: State.DELIVERED,
    ReceiptState.READ: State.READ,
    ReceiptState.FAILED: State.FAILED,
}
KINDS: Mapping[ReceiptState, EventKind] = {
    ReceiptState.DELIVERED: EventKind.DELIVERED,
    ReceiptState.READ: EventKind.READ,
    ReceiptState.FAILED: EventKind.FAILED,
}
LONGEST_KEY = 120


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline."""

    at: datetime
    kind: EventKind
    dedupe_key: str
    detail: Mapping[str, Any]


@dataclass(slots=True)
class Standing:
    """A delivery as the database has it, then as receipts leave it."""

    id: UUID
    lane_id: int
    company_id: UUID
    contact_id: UUID | None
    to: str
    state: State
    provider_id: str
    sent_at: datetime | None
    delivered_at: datetime | None
    read_at: datetime | None
    failed_at: datetime | None
    #: The state that the database has.
    before: State = field(init=False)
    #: What `state` being failed rests on, and when it was told; None unless a receipt of now made it so.
    refusal: Refusal | None = field(init=False, default=None)
    refused_at: datetime | None = field(init=False, default=None)
    pricing: dict[str, Any] | None = field(init=False, default=None)
    changed: bool = field(init=False, default=False)
    events: list[Event] = field(init=False, default_factory=list)
    identities: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.before = self.state

    @property
    def moved(self) -> bool:
        return self.state is not self.before

    @property
    def just_failed(self) -> bool:
        return self.moved and self.state is State.FAILED

    @property
    def overrode_failure(self) -> bool:
        return self.before is State.FAILED and self.state in LEFT

    def apply(self, receipt: Receipt) -> None:
        self.events.append(_event(receipt))
        self.identities.update(receipt.identities)
        if receipt.pricing:
            self.pricing = {**(self.pricing or {}), **receipt.pricing}
            self.changed = True
        if not self.provider_id:
            self.provider_id, self.changed = receipt.provider_id, True
        told = TOLD.get(receipt.state)
        if told is not None:
            self._note_time(told, receipt.at)
            if moves_forward(self.state, told):
                self.state, self.changed = told, True
                self.refusal = receipt.refusal if told is State.FAILED else None
                self.refused_at = receipt.at if told is State.FAILED else None

    def _note_time(self, told: State, at: datetime) -> None:
        """The earliest moment told of each kind; our own of `sent` stands."""
        match told:
            case State.SENT if self.sent_at is None:
                self.sent_at = at
            case State.DELIVERED if self.delivered_at is None or at < self.delivered_at:
                self.delivered_at = at
            case State.READ if self.read_at is None or at < self.read_at:
                self.read_at = at
            case State.FAILED if self.failed_at is None or at < self.failed_at:
                self.failed_at = at
            case _:
                return
        self.changed = True


def _event(receipt: Receipt) -> Event:
    kind = KINDS.get(receipt.state, EventKind.PROVIDER)
    detail: dict[str, Any] = {"status": receipt.word or receipt.state.value, "provider_id": receipt.provider_id}
    if receipt.refusal is not None:
        cause = receipt.refusal.cause
        detail |= {**receipt.refusal.detail, "cause": cause.code, "text": cause.text}
    if receipt.state is ReceiptState.OTHER:
        detail["raw"] = dict(receipt.raw)
    return Event(receipt.at, kind, dedupe_key(receipt), detail)


def dedupe_key(receipt: Receipt) -> str:
    key = f"receipt:{receipt.provider_id}:{receipt.word or receipt.state.value}"
    if len(key) <= LONGEST_KEY:
        return key
    return "receipt:" + hashlib.sha256(key.encode()).hexdigest()
