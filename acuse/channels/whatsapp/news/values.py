"""What a piece of news is, and how Meta's loose values are read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from acuse.channels.contract import Cause, Grade

Raw = Mapping[str, Any]

MANAGER = "Miralo en WhatsApp Manager."
SUPPORT = "Pedí una revisión en Meta: Ayuda para empresas → Inicio de ayuda."


@dataclass(frozen=True, slots=True)
class TemplateRef:
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class NumberRef:
    #: Digits, as webhooks name numbers.
    digits: str


@dataclass(frozen=True, slots=True)
class News:
    """One change. `about` None: the account. `changes`: columns of its row."""

    topic: str
    grade: Grade
    cause: Cause
    about: TemplateRef | NumberRef | None = None
    usable: bool | None = None
    until: datetime | None = None
    throughput: int | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)
    #: Of the account's people a day, where news of a number carry it.
    limit: str = ""


def template_of(value: Raw) -> TemplateRef | None:
    name, language = text_of(value, "message_template_name"), text_of(value, "message_template_language")
    if not name or not language or len(name) > 512 or len(language) > 15:
        return None
    return TemplateRef(name, language.replace("-", "_"))


def number_of(value: Raw) -> NumberRef | None:
    digits = re.sub(r"\D", "", text_of(value, "display_phone_number"))
    return NumberRef(digits) if digits else None


def shown(number: NumberRef) -> str:
    return f"+{number.digits}"


def map_of(value: Any) -> Raw:
    return value if isinstance(value, Mapping) else {}


def text_of(row: Raw, name: str) -> str:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()[:1024]


def seconds_of(value: Any) -> int | None:
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if re.fullmatch(r"[0-9]{1,11}", text) else None


def moment_of(value: Any) -> datetime | None:
    seconds = seconds_of(value)
    return datetime.fromtimestamp(seconds, UTC) if seconds else None
