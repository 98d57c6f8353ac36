"""What a simulated platform is made of at the start; everything can be changed later by the control API."""

import ipaddress
import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

DEFAULT_WABA = "102290129340398"
DEFAULT_NUMBER = "106540352242922"

DEFAULT_TEMPLATE: dict[str, Any] = {
    "name": "comprobantes",
    "language": "es_AR",
    "category": "UTILITY",
    "status": "APPROVED",
    "parameter_format": "POSITIONAL",
    "components": [
        {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": ["4::ZWplbXBsbw"]}},
        {
            "type": "BODY",
            "text": "Hola, te enviamos el comprobante {{1}}. Ante cualquier duda respondé este mensaje.",
            "example": {"body_text": [["Factura A 00003-00000042"]]},
        },
        {"type": "FOOTER", "text": "Mensaje automático"},
    ],
}

DEFAULT_PHONE_NUMBER: dict[str, Any] = {
    "id": DEFAULT_NUMBER,
    "display": "+54 9 11 5550-9000",
    "waba": DEFAULT_WABA,
    "name": "Empresa de Ejemplo SA",
    "throughput": 80,
}


class NotLoopbackError(ValueError):
    """The simulator checks nobody's identity for its control API, so it answers on this machine only."""


@dataclass
class Delays:
    """Seconds from the acceptance of a message to each receipt; `read` None: only when somebody marks it."""

    sent: float = 0.1
    delivered: float = 0.4
    read: float | None = 1.5
    failed: float = 0.3


@dataclass
class Hooks:
    """How webhooks are sent."""

    url: str | None = None
    batch: int = 1  #: most items in a POST
    window: float = 0.05  #: seconds that a POST waits for more items when `batch` > 1
    layout: str = "statuses"  #: statuses | changes | entries | mixed: where the items of a batch are put
    duplicates: int = 0  #: extra copies of every POST
    disorder: bool = False  #: receipts of a message leave in another order, and batches are shuffled
    attempts: int = 6  #: POSTs tried before an undeliverable one is dropped
    first_wait: float = 0.5  #: seconds before the second try; doubles with each


@dataclass
class Config:
    host: str = "127.0.0.1"
    port: int = 0
    app_id: str = "634974688087057"
    app_name: str = "Acuse de ejemplo"
    app_secret: str = "simulator-app-secret"  # noqa: S105 -- made up, and printed by the demo
    verify_token: str = "simulator-verify-token"  # noqa: S105 -- made up
    tokens: list[str | dict[str, Any]] = field(
        default_factory=lambda: ["simulator-token"]
    )  #: or `entities.Token`'s values
    waba_id: str = DEFAULT_WABA
    accounts: list[dict[str, Any]] = field(default_factory=list)  #: values of `entities.Account`, for those that differ
    numbers: list[dict[str, Any]] = field(default_factory=lambda: [dict(DEFAULT_PHONE_NUMBER)])
    templates: list[dict[str, Any]] = field(default_factory=lambda: [json.loads(json.dumps(DEFAULT_TEMPLATE))])
    delays: Delays = field(default_factory=Delays)
    hooks: Hooks = field(default_factory=Hooks)
    slow_seconds: float = 3.0
    very_slow_seconds: float = 90.0
    review_seconds: float | None = None  #: from a template's creation to its approval; None: when the control API says
    reject: str | None = None  #: the reason for which new templates are rejected; None: they are approved
    enforce_tier: bool = False  #: refuse new recipients above the portfolio's messaging limit
    max_numbers: int = 20
    pair_burst: int = 45  #: messages to one recipient at once; 0 switches the pair limit off
    pair_interval: float = 6.0  #: seconds a message to one recipient costs


def _filled(kind: Any, values: dict[str, Any]) -> Any:
    known = {f.name for f in fields(kind)}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"unknown settings: {', '.join(unknown)}")
    return kind(**values)


def from_mapping(values: dict[str, Any]) -> Config:
    """Raise ValueError for an unknown setting. `webhook_url` is short for `hooks.url`."""
    values = dict(values)
    hooks = dict(values.pop("hooks", {}))
    if "webhook_url" in values:
        hooks["url"] = values.pop("webhook_url")
    values["hooks"] = _filled(Hooks, hooks)
    values["delays"] = _filled(Delays, dict(values.pop("delays", {})))
    config: Config = _filled(Config, values)
    require_loopback(config.host)
    return config


def from_file(path: Path) -> Config:
    return from_mapping(json.loads(path.read_text(encoding="utf-8")))


def require_loopback(host: str) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopbackError(f"the simulator only listens on this machine (127.0.0.1), not on {host!r}")
