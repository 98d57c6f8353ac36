"""How parties and contacts are shown."""

from __future__ import annotations

from django import template

from acuse.directory import marketing
from acuse.directory.models import ConsentOrigin, Contact, MarketingChoice, Party
from acuse.vouchers.kinds import VoucherKind
from acuse.web import formats
from acuse.web.directory import sections, showing

register = template.Library()


@register.filter
def document(text: str) -> str:
    return showing.document(text)


@register.filter
def document_name(party: Party) -> str:
    """What its document is."""
    return {80: "CUIT", 96: "DNI"}.get(party.tax_id_type or 0, "Documento")


@register.filter
def section(party: Party) -> sections.Section:
    return sections.section_of(party)


@register.filter
def receives(contact: Contact) -> str:
    if contact.kinds is None:
        return "Recibe todos los comprobantes"
    names = [kind.plural.lower() for kind in VoucherKind if kind.value in contact.kinds]
    return f"Recibe {', '.join(names)}" if names else "No recibe nada por sí solo"


@register.simple_tag
def no_marketing(contact: Contact) -> MarketingChoice | None:
    """That the person wants no marketing by WhatsApp: since when, and how it is known."""
    return marketing.stopped_by(contact)


@register.filter
def consent(contact: Contact) -> str:
    """Blank = not told."""
    if not contact.consent_origin:
        return ""
    origin = dict(ConsentOrigin.choices).get(contact.consent_origin, contact.consent_origin)
    when = f" el {formats.day(contact.consent_on)}" if contact.consent_on else ""
    note = f" ({contact.consent_note})" if contact.consent_note else ""
    return f"{origin}{when}{note}"
