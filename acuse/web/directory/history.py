"""What was done to a party and its contacts, from the audit, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models.functions import Upper

from acuse.companies.models import AuditEntry
from acuse.directory.models import ConsentOrigin, Contact, Party
from acuse.web.actors import by_whom
from acuse.web.charts.words import many
from acuse.web.security.audit_words import words_of

#: The newest.
_SHOWN = 50
_FIELDS = {
    "name": "el nombre",
    "tax_id": "el CUIT o documento",
    "external_id": "el código",
    "customer_class": "la clase",
    "mobile": "el celular",
    "mobile_typed": "",
    "email": "el correo",
    "kinds": "lo que recibe",
    "consent_origin": "el consentimiento",
    "consent_on": "la fecha del consentimiento",
    "consent_note": "la nota del consentimiento",
}


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    text: str
    who: str


def history_of(party: Party, contacts: Sequence[Contact]) -> list[Moment]:
    """Newest first, with what was done to its merged duplicates and to contacts that are no more."""
    # as the index has them
    ours = AuditEntry.objects.filter(company=party.company).alias(upper_target=Upper("target"))
    parties = [str(party.pk), *(str(pk) for pk in party.merged.values_list("pk", flat=True))]
    gone: set[str] = set()
    for detail in ours.filter(
        upper_target__in=_upper(parties), event__in=("contact.deleted", "party.merged")
    ).values_list("detail", flat=True):
        gone |= {detail["contact"]} if "contact" in detail else set(detail.get("joined", ()))
    names = {str(contact.pk): str(contact) for contact in contacts}
    targets = [*parties, *names, *gone]
    entries = ours.filter(upper_target__in=_upper(targets)).order_by("-at", "-id")[:_SHOWN]
    return [Moment(entry.at, text_of(entry.event, _told(entry, names)), by_whom(entry.actor)) for entry in entries]


def _told(entry: AuditEntry, names: Mapping[str, str]) -> dict[str, Any]:
    return {"contact_name": names.get(entry.target, ""), **entry.detail}


def _upper(targets: Iterable[str]) -> list[str]:
    return [target.upper() for target in targets]


def text_of(event: str, detail: Mapping[str, Any]) -> str:
    """Of what isn't told here with more, what *Auditoría* says."""
    write = _EVENTS.get(event)
    if write is not None:
        return write(detail)
    said = words_of(event, _person(detail), detail)
    return said[:1].upper() + said[1:]


def _changed(detail: Mapping[str, Any]) -> str:
    given = detail.get("changed", {})
    if isinstance(given, dict):
        parts = [
            f"{_FIELDS.get(name, name)}: {_or_blank(old)} → {_or_blank(new)}" for name, (old, new) in given.items()
        ]
        return "Cambió " + "; ".join(parts)
    parts = [word for name in given if (word := _FIELDS.get(name, name))]
    return f"Cambió del contacto {_person(detail)}: {', '.join(parts) or 'cómo está escrito el celular'}"


def _or_blank(text: str) -> str:
    return f"«{text}»" if text else "vacío"


def _person(detail: Mapping[str, Any]) -> str:
    addresses = [detail.get(name, "") for name in ("name", "mobile", "email")]
    return " · ".join(text for text in addresses if text) or str(detail.get("contact_name", "")) or "sin nombre"


def _merged(detail: Mapping[str, Any]) -> str:
    vouchers = many(detail.get("vouchers", 0), "comprobante", "comprobantes")
    contacts = many(detail.get("contacts", 0), "contacto", "contactos")
    return f"Se le unió el duplicado «{detail.get('name', '')}», con {vouchers} y {contacts}"


def _restored(detail: Mapping[str, Any]) -> str:
    origins = dict(ConsentOrigin.choices)
    origin = str(origins.get(detail.get("origin", ""), "")).lower()
    return f"Se le vuelve a escribir a {_person(detail)}, que lo pidió el {_day(detail.get('asked_on', ''))} ({origin})"


def _day(text: str) -> str:
    return "/".join(reversed(text.split("-")))


_EVENTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "party.created": lambda detail: "Se creó",
    "party.changed": _changed,
    "party.classed": lambda detail: f"Cambió la clase: {_or_blank(detail.get('customer_class', ''))}",
    "party.merged": _merged,
    "contact.created": lambda detail: f"Se creó el contacto {_person(detail)}",
    "contact.changed": _changed,
    "contact.deleted": lambda detail: f"Se borró el contacto {_person(detail)}",
    "contact.suppressed": lambda detail: f"BAJA de {_person(detail)}: {detail.get('reason', '')}",
    "contact.restored": _restored,
    "contact.marketing_stopped": lambda detail: f"{_person(detail)} no quiere mensajes de marketing por WhatsApp",
    "contact.marketing_resumed": lambda detail: f"{_person(detail)} acepta de nuevo mensajes de marketing",
}
