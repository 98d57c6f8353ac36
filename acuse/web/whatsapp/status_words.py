"""Meta's words, in Spanish, and how grave each is. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.channels.contract import Grade

WORDS = {Grade.OK: "Bien", Grade.WARNING: "Para mirar", Grade.ERROR: "Falla"}


@dataclass(frozen=True, slots=True)
class Said:
    text: str
    #: `ok`, `warning`, `error`, or `none` where nothing is known.
    grade: str


NUMBER_STATUSES = {
    "CONNECTED": Said("Conectado", "ok"),
    "FLAGGED": Said("Marcado por quejas", "warning"),
    "RATE_LIMITED": Said("Limitado por Meta", "error"),
    "RESTRICTED": Said("Restringido", "error"),
    "PENDING": Said("Sin registrar", "error"),
    "DISCONNECTED": Said("Desconectado", "error"),
    "MIGRATED": Said("Pasó a otra cuenta", "error"),
    "DELETED": Said("Borrado", "error"),
    "BANNED": Said("Bloqueado", "error"),
}
QUALITIES = {"GREEN": Said("Alta", "ok"), "YELLOW": Said("Media", "warning"), "RED": Said("Baja", "error")}
TEMPLATE_STATUSES = {
    "APPROVED": Said("Aprobada", "ok"),
    "PENDING": Said("En revisión", "warning"),
    "IN_APPEAL": Said("En apelación", "warning"),
    "REJECTED": Said("Rechazada", "error"),
    "PAUSED": Said("En pausa", "error"),
    "DISABLED": Said("Deshabilitada", "error"),
    "LOCKED": Said("Bloqueada", "error"),
    "ARCHIVED": Said("Archivada", "error"),
    "LIMIT_EXCEEDED": Said("Pasó un límite", "error"),
    "PENDING_DELETION": Said("Se está borrando", "error"),
}
CATEGORIES = {"UTILITY": "Servicio", "MARKETING": "Marketing", "AUTHENTICATION": "Autenticación"}
