"""What the Cloud API says of tokens, numbers, accounts and templates, as values. Pure, and tolerant.

Meta's enums stay text, since they are open (Meta, phone numbers; templates; health status).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Raw = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TokenFacts:
    is_valid: bool
    app_id: str
    #: SYSTEM_USER, USER, PAGE…
    type: str
    scopes: frozenset[str]
    #: None: it doesn't expire.
    expires_at: datetime | None
    #: Accounts to which it is limited; None: not limited (Meta says nothing of an absent list).
    targets: frozenset[str] | None
    #: Meta's words of why it isn't valid.
    problem: str = ""


@dataclass(frozen=True, slots=True)
class NumberFacts:
    id: str
    display: str
    verified_name: str
    status: str
    quality: str
    code_status: str
    name_status: str
    #: STANDARD (80 messages a second) or HIGH (1,000).
    throughput_level: str
    limit: str
    #: LIVE or SANDBOX.
    mode: str
    pin_enabled: bool
    on_biz_app: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """One entity of `health_status` that isn't AVAILABLE, in Meta's own words."""

    entity: str
    can_send: str
    texts: tuple[str, ...]
    solutions: tuple[str, ...]
    codes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    #: AVAILABLE, LIMITED or BLOCKED; blank when Meta didn't tell.
    can_send: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class AccountFacts:
    id: str
    name: str
    currency: str
    review: str
    verification: str
    #: A funding source is attached; what its absence means is unconfirmed (Meta, account assets).
    funded: bool
    status: str
    limit: str
    health: Health


@dataclass(frozen=True, slots=True)
class TemplateFacts:
    id: str
    name: str
    language: str
    status: str
    category: str
    quality: str
    rejected_reason: str
    #: POSITIONAL or NAMED.
    parameter_format: str
    components: tuple[Raw, ...] = field(default=(), repr=False)


def token_of(told: Raw) -> TokenFacts:
    data = told.get("data")
    data = data if isinstance(data, Mapping) else {}
    error = data.get("error")
    expires = int_of(data.get("expires_at"))
    return TokenFacts(
        is_valid=data.get("is_valid") is True,
        app_id=text_of(data, "app_id"),
        type=text_of(data, "type"),
        scopes=frozenset(str(scope) for scope in list_of(data.get("scopes"))),
        expires_at=datetime.fromtimestamp(expires, UTC) if expires else None,
        targets=_targets(data.get("granular_scopes")),
        problem=text_of(error, "message") if isinstance(error, Mapping) else "",
    )


def _targets(granular: Any) -> frozenset[str] | None:
    """Every scope limited: their accounts. One that isn't limited isn't."""
    found: set[str] = set()
    for scope in list_of(granular):
        if not isinstance(scope, Mapping) or not isinstance(scope.get("target_ids"), list):
            return None
        found |= {str(target) for target in scope["target_ids"]}
    return frozenset(found) if found else None


def number_of(row: Raw) -> NumberFacts:
    level = row.get("throughput")
    return NumberFacts(
        id=text_of(row, "id"),
        display=text_of(row, "display_phone_number"),
        verified_name=text_of(row, "verified_name"),
        status=text_of(row, "status"),
        quality=text_of(row, "quality_rating"),
        code_status=text_of(row, "code_verification_status"),
        name_status=text_of(row, "name_status"),
        throughput_level=text_of(level, "level") if isinstance(level, Mapping) else "",
        limit=text_of(row, "whatsapp_business_manager_messaging_limit"),
        mode=text_of(row, "account_mode"),
        pin_enabled=row.get("is_pin_enabled") is True,
        on_biz_app=row.get("is_on_biz_app") is True,
    )


def account_of(row: Raw) -> AccountFacts:
    return AccountFacts(
        id=text_of(row, "id"),
        name=text_of(row, "name"),
        currency=text_of(row, "currency"),
        review=text_of(row, "account_review_status"),
        verification=text_of(row, "business_verification_status"),
        funded=bool(row.get("primary_funding_id")),
        status=text_of(row, "status"),
        limit=text_of(row, "whatsapp_business_manager_messaging_limit"),
        health=health_of(row.get("health_status")),
    )


def health_of(told: Any) -> Health:
    if not isinstance(told, Mapping):
        return Health("")
    entities = [entity for entity in list_of(told.get("entities")) if isinstance(entity, Mapping)]
    bad = [entity for entity in entities if text_of(entity, "can_send_message") not in ("AVAILABLE", "")]
    return Health(text_of(told, "can_send_message"), tuple(_problem(entity) for entity in bad))


def _problem(entity: Raw) -> Problem:
    errors = [error for error in list_of(entity.get("errors")) if isinstance(error, Mapping)]
    infos = tuple(str(info) for info in list_of(entity.get("additional_info")))
    codes = (int_of(error.get("error_code")) for error in errors)
    return Problem(
        entity=text_of(entity, "entity_type"),
        can_send=text_of(entity, "can_send_message"),
        texts=(*(text_of(error, "error_description") for error in errors), *infos),
        solutions=tuple(filter(None, (text_of(error, "possible_solution") for error in errors))),
        codes=tuple(code for code in codes if code is not None),
    )


def template_of(row: Raw) -> TemplateFacts:
    quality = row.get("quality_score")
    return TemplateFacts(
        id=text_of(row, "id"),
        name=text_of(row, "name"),
        language=text_of(row, "language"),
        status=text_of(row, "status"),
        category=text_of(row, "category"),
        quality=text_of(quality, "score") if isinstance(quality, Mapping) else "",
        rejected_reason=text_of(row, "rejected_reason"),
        parameter_format=text_of(row, "parameter_format") or "POSITIONAL",
        components=tuple(c for c in list_of(row.get("components")) if isinstance(c, Mapping)),
    )


def first_of(rows: Any) -> Raw:
    return next((row for row in list_of(rows) if isinstance(row, Mapping)), {})


def list_of(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def text_of(row: Any, name: str) -> str:
    """Ids come as text or numbers; a NUL can't be kept."""
    value = row.get(name)
    if isinstance(value, bool) or value is None:
        return ""
    return str(value).replace("\0", "") if isinstance(value, str | int) else ""


def int_of(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
