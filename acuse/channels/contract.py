"""What deliveries ask of a channel and what a channel answers. Pure: adapters implement it, the registry plugs them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID


class Channel(StrEnum):
    #: WhatsApp, by Meta's Cloud API; the address is a phone in E.164.
    WHATSAPP = "whatsapp"
    #: E-mail by the company's SMTP account; the address is an e-mail address.
    EMAIL = "email"


class Verdict(StrEnum):
    #: Nothing left this machine, or they said "not now".
    RETRY = "retry"
    #: This recipient or this content will never work.
    REJECTED = "rejected"
    #: What the scope names is unusable: stop it, until `not_before` or until a person mends it.
    SUSPENDED = "suspended"
    #: The request left and no answer came: only evidence can tell.
    UNKNOWN = "unknown"


class Scope(StrEnum):
    #: This delivery only.
    DELIVERY = "delivery"
    #: Whoever receives it: its contact is flagged, or its pair with the sender waits.
    RECIPIENT = "recipient"
    #: The template: only its deliveries wait.
    TEMPLATE = "template"
    #: The sender (a number or a mailbox).
    LANE = "lane"
    #: The account that holds the sender, with all its lanes.
    ACCOUNT = "account"


#: The next step of what passes, while it is tried.
AGAIN = "Se vuelve a intentar solo."


@dataclass(frozen=True, slots=True)
class Cause:
    """Why: `code` is stable (`whatsapp.131026`, `smtp.550`, `network.timeout`), `text` and `next_step` are Spanish."""

    code: str
    text: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failed attempt, with the decision that it carries."""

    verdict: Verdict
    scope: Scope
    cause: Cause
    #: Not before this moment (aware, UTC); None = the default backoff or probe period.
    not_before: datetime | None = None
    #: At most this many tries in all; None = the policy's default.
    max_tries: int | None = None
    #: The first wait in seconds and its factor, where the provider's table names them (131056: 4^n).
    backoff_base: float | None = None
    #: The uploaded file is unusable there: forget it, and upload it again once.
    upload_again: bool = False
    #: The address is right, and its person wants no marketing of the company.
    marketing_stopped: bool = False
    #: The lane sends too fast for the provider: slow it down.
    slow_down: bool = False
    #: What the provider said, for the timeline, without secrets.
    detail: Mapping[str, Any] = field(default_factory=dict)


class ChannelError(Exception):
    """The only exception that a channel raises for a failed attempt."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.cause.code)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    sha256: str
    path: Path
    #: Bytes.
    size: int
    media_type: str
    #: As the recipient sees it.
    name: str


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    #: The delivery's id, the same in every attempt; travels as opaque data so that receipts find it.
    delivery_id: str
    #: E.164 with "+", or an e-mail address.
    to: str
    file: OutgoingFile
    #: What `Sender.upload` answered for this file, None where the channel doesn't upload.
    media_id: str | None
    #: Frozen at request. WhatsApp: {"template": {"name", "language", "parameters": [{"name"|absent, "text"}]}};
    #: e-mail: {"subject", "body", "to_name"}.
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Accepted:
    #: wamid, or Message-ID.
    provider_id: str
    #: The provider accepted but holds it (`held_for_quality_assessment`), for the timeline.
    note: str | None = None
    #: Aliases of the recipient that the provider told: {"wa_id": …, "input": …, "user_id": …}.
    identities: Mapping[str, str] = field(default_factory=dict)


#: Awaited by the adapter just before the message itself leaves (POST /messages, DATA). It raises when the attempt has
#: lost its right to send; the adapter lets that through untouched.
MarkStarted = Callable[[], Awaitable[None]]


class Sender(Protocol):
    """One lane's open connection to its provider. Safe for concurrent use within one event loop."""

    #: Whether files are uploaded before, and referred to by id.
    uploads: bool

    async def upload(self, file: OutgoingFile) -> str:
        """Answer the provider's media id. Raises ChannelError; a lost upload may be repeated (verdict RETRY)."""
        ...

    async def send(self, message: OutgoingMessage, started: MarkStarted) -> Accepted:
        """Raises ChannelError. After `started()` returned, no answer means verdict UNKNOWN."""
        ...

    async def aclose(self) -> None: ...


class ReceiptState(StrEnum):
    """What a receipt says of a message."""

    #: The provider's own "sent": an event of the timeline, no more.
    SENT = "sent"
    #: It reached the phone.
    DELIVERED = "delivered"
    #: It was read (or played).
    READ = "read"
    #: It will not arrive; `Receipt.refusal` says why.
    FAILED = "failed"
    #: A word that we don't know: kept as it came.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Receipt:
    #: The sender's id at the provider (Meta's phone number id).
    sender_id: str
    provider_id: str
    #: The opaque data that we sent along: the delivery's id. Blank = none came back.
    delivery_id: str
    state: ReceiptState
    at: datetime
    #: The provider's own word for it (`played`, `held_for_quality_assessment`…).
    word: str = ""
    refusal: Refusal | None = None
    pricing: Mapping[str, Any] | None = None
    #: Aliases of the recipient: {"wa_id": …, "bsuid": …}.
    identities: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Inbound:
    """Somebody wrote to one of our senders."""

    sender_id: str
    provider_id: str
    #: Digits; blank for people known by a user id only.
    from_digits: str
    from_user_id: str
    name: str
    at: datetime
    type: str
    text: str
    #: The provider's id of the message that it answers.
    answers: str
    #: They asked not to be written to any more.
    opt_out: bool
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notice:
    """Anything else that the provider tells, or an item that couldn't be read: counted and kept."""

    #: `template_category_update`, `unknown:entry[0].changes[2]`…
    key: str
    raw: Any


@dataclass(frozen=True, slots=True)
class TooFast:
    """The sender sends faster than the provider lets it; told of no message."""

    #: The provider's id of the sender.
    sender_id: str


@dataclass(frozen=True, slots=True)
class AccountNews:
    """Something about an account, a number or a template, in the provider's own words."""

    #: `message_template_status_update`, `account_update`…
    field: str
    #: The provider's id of the account.
    account: str
    value: Mapping[str, Any]


HookItem = Receipt | Inbound | Notice | TooFast | AccountNews


class Grade(StrEnum):
    #: As it should be.
    OK = "ok"
    #: It works, but somebody should know.
    WARNING = "warning"
    #: It doesn't work until somebody mends it.
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consequence:
    """What news of an account means for what we send, and what people should know."""

    company_id: UUID
    #: `template`, `lane` or `account`; and which: (account's row id, name, language), lane id, account's row id.
    scope: Scope
    account_id: UUID
    lane_id: int | None = None
    template: tuple[str, str] | None = None
    #: Of what, beside the scope, it speaks: another topic is another notice (`status`, `quality`, `category`…).
    topic: str
    grade: Grade
    #: For people; a grade of OK ends the notice of the topic with this text.
    cause: Cause
    #: False: stop using what the scope names; True: use it again; None: as it was.
    usable: bool | None = None
    #: When the provider says that it ends, aware.
    until: datetime | None = None
    #: Messages a second from now on.
    throughput: int | None = None


class NewsTaker(Protocol):
    """How an adapter takes what was told to an app's callback of accounts, into its tables."""

    def __call__(self, app_id: int, told: AccountNews, *, now: datetime) -> list[Consequence] | None:
        """What follows; None when it isn't understood, or speaks of what isn't that app's."""
        ...


class HookReader(Protocol):
    """How a provider's webhooks are proved and read. Pure."""

    def verify(self, body: bytes, header: str | None, secret: str) -> bool:
        """Whether the signature in `header` is of these raw bytes."""
        ...

    def challenge(self, params: Mapping[str, str], verify_token: str) -> str | None:
        """What to answer, as it is, to the provider's verification; None = refuse it."""
        ...

    def readable(self, body: bytes) -> bool:
        """Whether `read` would not raise; cheaper."""
        ...

    def read(self, body: bytes) -> list[HookItem]:
        """Every item of a body, in its order; texts hold nothing that PostgreSQL refuses. ValueError: not JSON."""
        ...
