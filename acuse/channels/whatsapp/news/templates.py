"""News of message templates. Pure. Shapes: Meta, webhook reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from acuse.channels.contract import Cause, Grade
from acuse.channels.whatsapp.news.values import MANAGER, News, Raw, map_of, moment_of, template_of, text_of

#: How long Meta pauses a template for its quality: first time, second time (Meta, template pausing).
PAUSES = {"FIRST_PAUSE": timedelta(hours=3), "SECOND_PAUSE": timedelta(hours=6)}


def status(value: Raw, now: datetime) -> News | None:
    about, event = template_of(value), text_of(value, "event").upper()
    if about is None or event not in _TEMPLATE_EVENTS:
        return None
    row = _TEMPLATE_EVENTS[event]
    reason = text_of(value, "reason")
    reason = "" if reason in ("", "NONE") else reason
    title = text_of(map_of(value.get("other_info")), "title")
    pause = PAUSES.get(title) if event == "PAUSED" else None
    changes: dict[str, Any] = {"status": row.status, "rejected_reason": reason, "gone_at": None}
    if event == "FLAGGED":
        changes = {"quality": "RED"}
    if category := text_of(value, "message_template_category"):
        changes["category"] = category
    cause = Cause(f"template.{event.lower()}", row.text.format(name=about.name), _step(row, value, reason))
    until = now + pause if pause else None
    return News("status", row.grade, cause, about, usable=row.usable, until=until, changes=changes)


@dataclass(frozen=True, slots=True)
class _Status:
    grade: Grade
    status: str
    usable: bool | None
    text: str
    next_step: str = ""


_TEMPLATE_EVENTS: Mapping[str, _Status] = {
    "APPROVED": _Status(Grade.OK, "APPROVED", True, "Meta aprobó la plantilla «{name}»."),
    "REINSTATED": _Status(Grade.OK, "APPROVED", True, "La plantilla «{name}» se puede usar de nuevo."),
    "PENDING": _Status(
        Grade.WARNING,
        "PENDING",
        False,
        "Meta está revisando la plantilla «{name}».",
        "Los envíos salen solos cuando la apruebe.",
    ),
    "IN_APPEAL": _Status(Grade.WARNING, "IN_APPEAL", False, "La plantilla «{name}» está en apelación.", MANAGER),
    "FLAGGED": _Status(
        Grade.WARNING,
        "APPROVED",
        None,
        "Meta avisa que la plantilla «{name}» recibe quejas.",
        "Si sigue así la pausa: revisá a quiénes les mandás y qué dice el texto.",
    ),
    "PAUSED": _Status(
        Grade.ERROR,
        "PAUSED",
        False,
        "Meta pausó la plantilla «{name}» por quejas.",
        "Se reanuda sola. Si pasa de nuevo la pausa más tiempo, y a la tercera la deshabilita.",
    ),
    "REJECTED": _Status(
        Grade.ERROR,
        "REJECTED",
        False,
        "Meta rechazó la plantilla «{name}».",
        "Corregí el texto en el asistente y mandala de nuevo.",
    ),
    "DISABLED": _Status(
        Grade.ERROR,
        "DISABLED",
        False,
        "Meta deshabilitó la plantilla «{name}».",
        "Hacé otra en el asistente y elegila en Configuraciones.",
    ),
    "LOCKED": _Status(Grade.ERROR, "LOCKED", False, "Meta bloqueó la plantilla «{name}».", MANAGER),
    "LIMIT_EXCEEDED": _Status(
        Grade.ERROR, "LIMIT_EXCEEDED", False, "La plantilla «{name}» pasó un límite de Meta.", MANAGER
    ),
    "ARCHIVED": _Status(Grade.ERROR, "ARCHIVED", False, "La plantilla «{name}» quedó archivada en Meta.", MANAGER),
    "PENDING_DELETION": _Status(
        Grade.ERROR,
        "PENDING_DELETION",
        False,
        "La plantilla «{name}» se está borrando en Meta.",
        "Elegí otra en Configuraciones.",
    ),
    "DELETED": _Status(
        Grade.ERROR, "DELETED", False, "La plantilla «{name}» se borró en Meta.", "Elegí otra en Configuraciones."
    ),
}

#: Meta's reasons of a rejection, in words.
_REASONS = {
    "ABUSIVE_CONTENT": "dice que el contenido es abusivo",
    "CATEGORY_NOT_AVAILABLE": "la categoría no está disponible",
    "INCORRECT_CATEGORY": "dice que no es de la categoría elegida",
    "INVALID_FORMAT": "el formato o las variables no están bien",
    "PROMOTIONAL": "dice que es una promoción",
    "SCAM": "la tomó por un engaño",
    "TAG_CONTENT_MISMATCH": "el idioma o la categoría no coinciden con el texto",
}


def reason_in_words(reason: str) -> str:
    """Of a rejection; one that isn't known stays as Meta writes it."""
    return _REASONS.get(reason, reason)


def _step(row: _Status, value: Raw, reason: str) -> str:
    why = reason_in_words(reason)
    said = text_of(map_of(value.get("rejection_info")), "recommendation")
    parts = [f"Motivo: {why}." if why else "", row.next_step, f"Meta dice: {said}" if said else ""]
    return " ".join(filter(None, parts))[:500]


def quality(value: Raw, now: datetime) -> News | None:
    about, score = template_of(value), text_of(value, "new_quality_score").upper()
    if about is None or not score:
        return None
    changes = {"quality": score}
    if score in ("YELLOW", "RED"):
        word = "media" if score == "YELLOW" else "baja"
        text = f"La calidad de la plantilla «{about.name}» es {word}: hubo quejas o gente que la bloqueó."
        step = "Revisá a quiénes les mandás. Si baja más, Meta la pausa."
        return News("quality", Grade.WARNING, Cause("template.quality", text, step), about, changes=changes)
    return News(
        "quality",
        Grade.OK,
        Cause("template.quality", f"La calidad de «{about.name}» está bien."),
        about,
        changes=changes,
    )


def category(value: Raw, now: datetime) -> News | None:
    about = template_of(value)
    if about is None:
        return None
    due, correct = moment_of(value.get("category_update_timestamp")), text_of(value, "correct_category").upper()
    if correct:
        # the notice, a day ahead: `new_category` is the current one here
        when = f" el {due.astimezone():%d/%m}" if due is not None else ""
        text = f"Meta va a pasar la plantilla «{about.name}» a {_category_word(correct)}{when}."
        step = "Sacá del texto lo que suene a promoción y mandala a revisar, o apelá en WhatsApp Manager."
        changes: dict[str, Any] = {"category_due": correct, "category_due_at": due or now + timedelta(days=1)}
        return News("category_due", Grade.WARNING, Cause("template.category_due", text, step), about, changes=changes)
    new = text_of(value, "new_category").upper()
    if not new:
        return None
    changes = {"category": new, "category_due": "", "category_due_at": None, "category_accepted_at": None}
    if new == "MARKETING":
        text = f"La plantilla «{about.name}» ahora es de marketing: cuesta más y hay gente que no la recibe."
        step = "Los envíos automáticos con ella esperan hasta que elijas otra o aceptes el costo en Estado de WhatsApp."
        return News("category", Grade.ERROR, Cause("template.marketing", text, step), about, changes=changes)
    text = f"La plantilla «{about.name}» es de {_category_word(new)}."
    return News("category", Grade.OK, Cause("template.category", text), about, changes=changes)


def _category_word(category: str) -> str:
    return {"MARKETING": "marketing", "UTILITY": "servicio", "AUTHENTICATION": "autenticación"}.get(category, category)


def components(value: Raw, now: datetime) -> News | None:
    about = template_of(value)
    body = text_of(value, "message_template_element")
    if about is None or not body:
        return None
    changes = {"components": {"BODY": body, "FOOTER": text_of(value, "message_template_footer")}}
    cause = Cause("template.components", f"Cambió el texto de la plantilla «{about.name}» en Meta.")
    return News("components", Grade.OK, cause, about, changes=changes)
