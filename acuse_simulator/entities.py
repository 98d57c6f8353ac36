"""What lives on the platform."""

from dataclasses import dataclass, field
from typing import Any

MEDIA_LIFE = 30 * 24 * 3600.0  #: seconds that an uploaded file stays (Meta, media)
WINDOW = 24 * 3600.0  #: seconds that a customer's message opens for free-form answers


@dataclass
class Number:
    """A business phone number. `throughput` messages a second; 0 switches the limit off."""

    id: str
    display: str
    waba: str
    throughput: int = 80
    name: str = "Empresa de Ejemplo SA"
    status: str = "CONNECTED"
    quality: str = "GREEN"
    health: dict[str, Any] = field(default_factory=lambda: {"can_send_message": "AVAILABLE"})

    @property
    def digits(self) -> str:
        return "".join(c for c in self.display if c.isdigit())


@dataclass
class Template:
    id: str
    waba: str
    name: str
    language: str
    category: str = "UTILITY"
    status: str = "APPROVED"
    parameter_format: str = "POSITIONAL"
    components: list[dict[str, Any]] = field(default_factory=list)

    def component(self, kind: str) -> dict[str, Any] | None:
        return next((c for c in self.components if str(c.get("type", "")).upper() == kind), None)


@dataclass
class Media:
    id: str
    number: str
    mime_type: str
    filename: str
    content: bytes
    sha256: str
    uploaded_at: float
    broken: bool  #: the bytes aren't what `mime_type` says: whoever gets it fails with 131053
    deleted: bool = False

    def alive(self, now: float) -> bool:
        return not self.deleted and now - self.uploaded_at < MEDIA_LIFE


@dataclass
class Message:
    """One message that the platform accepted or the customer wrote. `state` is what the customer's side knows."""

    wamid: str
    number: str
    customer: str
    at: float
    inbound: bool
    text: str = ""
    footer: str = ""
    media: str | None = None
    filename: str = ""
    opaque: str | None = None
    category: str = "utility"
    context: str | None = None
    state: str = "accepted"
    history: list[str] = field(default_factory=list)


@dataclass
class Chat:
    customer: str
    user_id: str
    name: str
    messages: list[Message] = field(default_factory=list)
    inbound_at: dict[str, float] = field(default_factory=dict)  #: number id → the customer's last message
    revision: int = 0

    def window_open(self, number: str, now: float) -> bool:
        return now - self.inbound_at.get(number, float("-inf")) < WINDOW


@dataclass
class Subscription:
    """The app's subscription to an account's webhooks."""

    override_url: str | None = None
    verify_token: str | None = None
