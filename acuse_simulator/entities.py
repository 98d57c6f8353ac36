"""What lives on the platform."""

from dataclasses import dataclass, field
from typing import Any

MEDIA_LIFE = 30 * 24 * 3600.0  #: seconds that an uploaded file stays (Meta, media)
#: People that a portfolio may write to first in 24 hours; a tier that isn't here is no limit.
TIERS = {"TIER_50": 50, "TIER_250": 250, "TIER_1K": 1000, "TIER_2K": 2000, "TIER_10K": 10_000, "TIER_100K": 100_000}
SCOPES = ("whatsapp_business_management", "whatsapp_business_messaging")
WINDOW = 24 * 3600.0  #: seconds that a customer's message opens for free-form answers


@dataclass
class Token:
    """Of a system user. `targets` None: not limited to some accounts; `expires_at` 0: never (Meta, debug_token)."""

    value: str
    app_id: str
    valid: bool = True
    type: str = "SYSTEM_USER"
    scopes: list[str] = field(default_factory=lambda: list(SCOPES))
    expires_at: int = 0
    targets: list[str] | None = None


@dataclass
class Account:
    """A WhatsApp Business Account. `health` as Meta's entity of `health_status`."""

    id: str
    name: str = "Empresa de Ejemplo SA"
    status: str = "ACTIVE"
    review: str = "APPROVED"
    verification: str = "verified"
    funding: str | None = "1234567890"
    tier: str = "TIER_2K"
    restricted: bool = False
    health: dict[str, Any] = field(default_factory=lambda: {"can_send_message": "AVAILABLE"})
    blocked_names: dict[str, float] = field(default_factory=dict)  #: deleted template's name → free again at
    creations: list[float] = field(default_factory=list)  #: when templates were made, for the hourly quota


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
    name_status: str = "APPROVED"
    new_name: str | None = None
    account_mode: str = "LIVE"
    on_biz_app: bool = False
    code_status: str = "VERIFIED"
    code: str | None = None  #: sent by SMS or voice and not used yet
    code_sent_at: float = 0.0
    code_failures: int = 0
    pin: str | None = None  #: None: two-step verification is off, and the next registration sets it
    pin_failures: int = 0
    pin_tried_at: float = 0.0
    registrations: list[float] = field(default_factory=list)
    deleted_at: float = 0.0  #: from another account, a moment ago
    profile: dict[str, Any] = field(default_factory=dict)
    override: dict[str, str] | None = None
    allowed: list[str] | None = None  #: a test number's recipients, as digits; None: anybody
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
    quality: str = "UNKNOWN"
    rejected_reason: str = "NONE"
    edits: list[float] = field(default_factory=list)

    def component(self, kind: str) -> dict[str, Any] | None:
        return next((c for c in self.components if str(c.get("type", "")).upper() == kind), None)


@dataclass
class Upload:
    """A resumable upload (Graph API, upload). `handle` once all of it came."""

    id: str
    name: str
    size: int
    mime_type: str
    content: bytes = b""
    handle: str | None = None


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
