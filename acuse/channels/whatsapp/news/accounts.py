"""News of accounts, and what people prefer. Pure. Shapes: Meta, webhook reference."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from acuse.channels.contract import Cause, Grade
from acuse.channels.portfolio import TIERS, people_of, tier_of
from acuse.channels.whatsapp.news.values import MANAGER, SUPPORT, News, Raw, map_of, moment_of, seconds_of, text_of


def capability(value: Raw, now: datetime) -> News | None:
    limit = tier_of(value.get("max_daily_conversations_per_business"))
    if not limit:
        return None
    people = people_of(limit)
    text = f"Podés escribirle primero a {people} personas por día." if people else "No hay límite de personas por día."
    step = "" if people is None or people > TIERS["TIER_250"] else "Con el negocio verificado en Meta son 2.000."
    low = people is not None and people <= TIERS["TIER_250"]
    grade = Grade.WARNING if low else Grade.OK
    return News("limit", grade, Cause("account.limit", text, step), changes={"limit": limit})


def account(value: Raw, now: datetime) -> News | None:
    event = text_of(value, "event").upper()
    match event:
        case "DISABLED_UPDATE":
            return _ban(text_of(map_of(value.get("ban_info")), "waba_ban_state").upper())
        case "ACCOUNT_DELETED":
            cause = Cause(
                "account.deleted", "La cuenta de WhatsApp se borró en Meta.", "Conectá otra con el asistente."
            )
            return News("status", Grade.ERROR, cause, usable=False, changes={"status": "DELETED"})
        case "ACCOUNT_VIOLATION":
            kind = text_of(map_of(value.get("violation_info")), "violation_type")
            text = f"Meta dice que la cuenta no cumplió una política{f' ({kind})' if kind else ''}."
            return News("violation", Grade.WARNING, Cause("account.violation", text, SUPPORT))
        case "ACCOUNT_RESTRICTION":
            return _restriction(value.get("restriction_info"))
    return None


def _ban(state: str) -> News | None:
    match state:
        case "DISABLE":
            cause = Cause("account.disabled", "Meta inhabilitó la cuenta de WhatsApp.", SUPPORT)
            return News("status", Grade.ERROR, cause, usable=False, changes={"status": "DISABLED"})
        case "REINSTATE":
            cause = Cause("account.reinstated", "Meta rehabilitó la cuenta de WhatsApp.")
            return News("status", Grade.OK, cause, usable=True, changes={"status": "ACTIVE", "restrictions": []})
        case "SCHEDULE_FOR_DISABLE":
            cause = Cause("account.scheduled", "Meta va a inhabilitar la cuenta de WhatsApp.", SUPPORT)
            return News("status", Grade.WARNING, cause)
    return None


_STOPS = "RESTRICTED_BIZ_INITIATED_MESSAGING"
_RESTRICTIONS = {
    _STOPS: "no deja escribirles primero a los clientes",
    "RESTRICTED_CUSTOMER_INITIATED_MESSAGING": "no deja contestar a los clientes",
    "RESTRICTED_ADD_PHONE_NUMBER_ACTION": "no deja agregar números",
    "RESTRICTED_UTILITY_TEMPLATES": "no deja usar plantillas de servicio",
}


def _restriction(info: Any) -> News | None:
    rows = [row for row in info if isinstance(row, Mapping)] if isinstance(info, list) else []
    kept = [
        {"type": text_of(row, "restriction_type"), "until": seconds_of(row.get("expiration"))}
        for row in rows if text_of(row, "restriction_type")
    ]  # fmt: skip
    if not kept:
        return None
    words = [_RESTRICTIONS.get(str(row["type"]), f"aplicó {row['type']}") for row in kept]
    stopped = [row for row in kept if row["type"] in (_STOPS, "RESTRICTED_UTILITY_TEMPLATES")]
    until = max((row["until"] for row in stopped if isinstance(row["until"], int)), default=None)
    cause = Cause("account.restricted", f"Meta restringió la cuenta: {' y '.join(words)}."[:500], SUPPORT)
    return News(
        "restriction", Grade.ERROR if stopped else Grade.WARNING, cause, usable=False if stopped else None,
        until=datetime.fromtimestamp(until, UTC) if until else None, changes={"restrictions": kept},
    )  # fmt: skip


def alert(value: Raw, now: datetime) -> News | None:
    info = map_of(value.get("alert_info"))
    kind, said = text_of(info, "alert_type"), text_of(info, "alert_description")
    if not kind:
        return None
    active = text_of(info, "alert_status").upper() in ("", "ACTIVE")
    grades = {"CRITICAL": Grade.ERROR, "WARNING": Grade.WARNING}
    grade = grades.get(text_of(info, "alert_severity").upper(), Grade.WARNING) if active else Grade.OK
    text = f"Meta avisa: {said or kind}"[:500]
    return News(f"alert:{kind}"[:60], grade, Cause("account.alert", text, MANAGER if active else ""))


def review(value: Raw, now: datetime) -> News | None:
    decision = text_of(value, "decision").upper()
    if not decision:
        return None
    if decision == "APPROVED":
        cause = Cause("account.reviewed", "Meta aprobó la cuenta de WhatsApp.")
        return News("review", Grade.OK, cause, changes={"review": decision})
    cause = Cause("account.review", f"Meta revisó la cuenta y no la aprobó ({decision}).", SUPPORT)
    return News("review", Grade.ERROR, cause, changes={"review": decision})


def preference(value: Raw, now: datetime) -> None:
    """Of people, not of the account: see `preferences`."""
    return


def preferences(value: Raw, now: datetime) -> list[tuple[str, bool, datetime]]:
    """(digits, wants no marketing, since when) of each person in a `user_preferences` value."""
    rows = value.get("user_preferences")
    found = []
    for row in rows if isinstance(rows, list) else []:
        digits = text_of(row, "wa_id") if isinstance(row, Mapping) else ""
        choice = text_of(row, "value").lower() if digits else ""
        if digits.isdecimal() and len(digits) <= 15 and choice in ("stop", "resume", "signup"):
            found.append((digits, choice == "stop", min(moment_of(row.get("timestamp")) or now, now)))
    return found
