"""News of phone numbers. Pure. Shapes: Meta, webhook reference."""

from __future__ import annotations

from datetime import datetime

from acuse.channels.contract import Cause, Grade
from acuse.channels.portfolio import tier_of
from acuse.channels.whatsapp.news.values import News, Raw, number_of, shown, text_of

#: Messages a second (Meta, throughput): of a number that was upgraded, of any other, and of one in coexistence.
HIGH_THROUGHPUT, USUAL_THROUGHPUT, BIZ_APP_THROUGHPUT = 1000, 80, 20
#: Ours, of one that Meta slowed down or restricted without saying to what.
SLOW_THROUGHPUT = 20
#: Ours, in the place of Meta's level, until it tells one again.
SLOW_LEVEL = "SLOW"


def pace_of(level: str, *, on_biz_app: bool) -> int | None:
    """Messages a second; None where Meta doesn't say."""
    if on_biz_app:
        return BIZ_APP_THROUGHPUT
    return {"HIGH": HIGH_THROUGHPUT, "STANDARD": USUAL_THROUGHPUT, SLOW_LEVEL: SLOW_THROUGHPUT}.get(level)


def next_pace(meta: int, *, now: int, before: int | None) -> int:
    """Meta's, but for a lower one that a person chose. `before`: what was Meta's; None: it never said."""
    return meta if now > meta or now == (before or USUAL_THROUGHPUT) else now


def quality(value: Raw, now: datetime) -> News | None:
    about, event = number_of(value), text_of(value, "event").upper()
    if about is None:
        return None
    name = f"El número {shown(about)}"
    limit = tier_of(value.get("max_daily_conversations_per_business") or value.get("current_limit"))
    match event:
        case "FLAGGED":
            text, step = (
                f"{name} recibe quejas: Meta lo marcó.",
                "Si sigue siete días así, Meta baja cuántos mensajes podés mandar.",
            )
            cause = Cause("number.flagged", text, step)
            return News("quality", Grade.WARNING, cause, about, changes={"quality": "RED", "status": "FLAGGED"})
        case "UNFLAGGED":
            cause = Cause("number.unflagged", f"{name} ya no está marcado.")
            return News("quality", Grade.OK, cause, about, changes={"quality": "GREEN", "status": "CONNECTED"})
        case "THROUGHPUT_UPGRADE":
            cause = Cause("number.throughput", f"{name} puede mandar {HIGH_THROUGHPUT} mensajes por segundo.")
            changes = {"throughput_level": "HIGH"}
            return News("throughput", Grade.OK, cause, about, throughput=HIGH_THROUGHPUT, changes=changes, limit=limit)
        case "DOWNGRADE":
            text, step = (
                f"{name} puede mandar menos que antes.",
                "Acuse va más despacio. Mirá la calidad en Estado de WhatsApp.",
            )
            cause = Cause("number.downgrade", text, step)
            changes = {"throughput_level": SLOW_LEVEL}
            return News(
                "throughput", Grade.WARNING, cause, about, throughput=SLOW_THROUGHPUT, changes=changes, limit=limit
            )
        case "UPGRADE" | "ONBOARDING":
            cause = Cause("number.upgrade", f"{name} puede mandar más que antes.")
            return News("throughput", Grade.OK, cause, about, limit=limit)
    return None


def name(value: Raw, now: datetime) -> News | None:
    about, decision = number_of(value), text_of(value, "decision").upper()
    if about is None or not decision:
        return None
    name = text_of(value, "requested_verified_name")
    if decision == "APPROVED":
        cause = Cause("number.name_approved", f"Meta aprobó el nombre «{name}».")
        return News("name", Grade.OK, cause, about, changes={"name_status": decision, "verified_name": name})
    why = text_of(value, "rejection_reason")
    verb = "rechazó" if decision == "REJECTED" else "todavía revisa"
    text = f"Meta {verb} el nombre «{name}» del número {shown(about)}."
    step = f"{f'Motivo: {why}. ' if why else ''}Cambialo en WhatsApp Manager → Números."
    cause = Cause("number.name", text, step)
    return News("name", Grade.WARNING, cause, about, changes={"name_status": decision})


def security(value: Raw, now: datetime) -> News | None:
    about, event = number_of(value), text_of(value, "event").upper()
    if about is None:
        return None
    words = {
        "PIN_CHANGED": "Alguien cambió el PIN del número {number}.",
        "PIN_RESET_REQUEST": "Alguien pidió borrar el PIN del número {number}.",
        "PIN_REQUEST_SUCCESS": "Se borró el PIN del número {number}.",
    }
    text = words.get(event)
    if text is None:
        return None
    cause = Cause(
        "number.security",
        text.format(number=shown(about)),
        "Si no fuiste vos, cambiá la clave de Meta y poné otro PIN.",
    )
    return News("security", Grade.WARNING, cause, about)
