"""The templates that Meta had when it was last read: those that can be chosen, and what is wrong with the one named."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.channels import selectors
from acuse.channels.contract import Channel
from acuse.channels.models import WhatsAppTemplate
from acuse.channels.templates import APPROVED
from acuse.companies.models import Company
from acuse.deliveries.policies.rules import PolicyValues
from acuse.web.whatsapp.status_words import TEMPLATE_STATUSES


def known(company: Company) -> list[WhatsAppTemplate]:
    """None of an account that was never read."""
    account = selectors.whatsapp_account(company)
    if account is None:
        return []
    rows = WhatsAppTemplate.objects.filter(account=account, gone_at=None).exclude(synced_at=None)
    return list(rows.order_by("name", "language"))


def told(row: WhatsAppTemplate) -> str:
    """`es_AR, aprobada`, beside its name."""
    standing = TEMPLATE_STATUSES.get(row.status)
    return f"{row.language}, {standing.text.lower()}" if standing else row.language


def trouble(rows: Sequence[WhatsAppTemplate], values: PolicyValues) -> str:
    """Why nothing would go by WhatsApp, and what to do; blank when it would, or when nothing was read."""
    if not rows or Channel.WHATSAPP.value not in values.channels:
        return ""
    named = [row for row in rows if row.name == values.template_name]
    if not named:
        return (
            f"Meta no tiene la plantilla «{values.template_name}» en tu cuenta: por WhatsApp no sale nada. "
            "Elegí una de la lista, o creala en el asistente de WhatsApp."
        )
    row = next((row for row in named if row.language == values.template_language), None)
    if row is None:
        languages = " y en ".join(one.language for one in named)
        return (
            f"Meta no tiene «{values.template_name}» en {values.template_language}, sí en {languages}: "
            "por WhatsApp no sale nada. Corregí el idioma."
        )
    if row.status in ("", APPROVED):
        return ""
    standing = TEMPLATE_STATUSES.get(row.status)
    word = standing.text.lower() if standing else row.status
    return f"En Meta la plantilla está así: {word}. Mientras tanto, por WhatsApp no sale nada."
