"""The states of a delivery and their order. Pure."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    #: *En cola*: waits for its turn, for a retry, or for a suspension to end.
    QUEUED = "queued"
    #: *Enviando*: claimed by a lane's runner.
    SENDING = "sending"
    #: *Enviado*: the provider accepted it (wamid, SMTP 250).
    SENT = "sent"
    #: *Entregado*: it reached the phone.
    DELIVERED = "delivered"
    #: *Leído*.
    READ = "read"
    #: *No se entregó*.
    FAILED = "failed"
    #: *Sin confirmar*: the message left and no answer came; only evidence or a person can tell.
    UNCERTAIN = "uncertain"
    #: *Cancelado*, with its reason.
    CANCELLED = "cancelled"


#: Still ours to send.
OPEN = frozenset({State.QUEUED, State.SENDING})
#: The provider has it.
LEFT = frozenset({State.SENT, State.DELIVERED, State.READ})
#: A person may cancel it.
CANCELLABLE = frozenset({State.QUEUED})
#: A person may ask for it again, as a new linked delivery.
RESENDABLE = frozenset({State.SENT, State.DELIVERED, State.READ, State.FAILED, State.UNCERTAIN, State.CANCELLED})

#: How far along; receipts only move forward. `failed` yields to a later delivered or read.
RANK = {
    State.QUEUED: 0,
    State.SENDING: 1,
    State.UNCERTAIN: 2,
    State.SENT: 3,
    State.FAILED: 4,
    State.DELIVERED: 5,
    State.READ: 6,
}


class Origin(StrEnum):
    #: A person, in the pages.
    MANUAL = "manual"
    #: The automatic service.
    AUTOMATIC = "automatic"
    #: A program, by the REST API.
    API = "api"
    #: `acuse send`.
    COMMAND = "command"
    #: The system itself, after a failure told by webhook.
    SYSTEM = "system"


class Priority:
    #: One click never waits behind 10,000.
    BY_HAND = 0
    AUTOMATIC = 1
    BULK = 2


class EventKind(StrEnum):
    #: Somebody or something asked for it.
    REQUESTED = "requested"
    #: The provider accepted it.
    SENT = "sent"
    #: A receipt: it reached the phone.
    DELIVERED = "delivered"
    #: A receipt: it was read.
    READ = "read"
    #: It will not arrive, and why.
    FAILED = "failed"
    #: An attempt that will be made again.
    RETRY = "retry"
    #: What it needs is suspended; it waits.
    SUSPENDED = "suspended"
    #: The message left and no answer came.
    UNCERTAIN = "uncertain"
    #: Cancelled, and why.
    CANCELLED = "cancelled"
    #: A person decided what became of an uncertain one.
    RESOLVED = "resolved"
    #: Asked again as a new delivery.
    RESENT = "resent"
    #: Anything else that the provider told, kept as it came.
    PROVIDER = "provider"
