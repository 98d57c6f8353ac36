"""Why vouchers don't go, by groups, and where each reason is mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries.apart import FAULT
from acuse.deliveries.batches.preview import CHANGED, FEWER, MORE
from acuse.vouchers.models import Voucher
from acuse.web.directory.sections import section_of

#: The codes of `vouchers.sendability` and `deliveries.planning`, said of many.
REASONS: Mapping[str, str] = {
    "voided": "Están anulados",
    "authorization_rejected": "ARCA los rechazó",
    "authorization_pending": "ARCA todavía no los autorizó",
    "cae_missing": "Falta el CAE",
    "cae_invalid": "El CAE no tiene 14 dígitos",
    "pdf_missing": "Falta el PDF",
    "qr_contradicts": "El QR del PDF no coincide con los datos",
    "kind_disabled": "El envío de este tipo de comprobante está deshabilitado",
    "no_contact": "No tienen contactos",
    "party_without_contact_for_kind": "Ningún contacto recibe este tipo de comprobante",
    "contact_without_address": "Sus contactos no tienen celular ni correo para los canales elegidos",
    "contact_suppressed": "Su contacto pidió no recibir más",
    "marketing_refused": "Su contacto no quiere mensajes de marketing por WhatsApp",
    "no_lane": "No hay por dónde enviarlos",
    "template_misfit": "La plantilla de WhatsApp y la configuración no coinciden",
    FAULT.code: "Acuse no los pudo preparar por un error propio",
    CHANGED: "Cambiaron desde la vista previa: lo que se había mostrado ya no es lo que saldría",
}
WARNINGS: Mapping[str, str] = {
    "cae_expired": "El CAE venció",
    "qr_missing": "El PDF no tiene un QR de ARCA legible",
    "class_outside_segment": "La clase del cliente no está en el envío automático",
}
#: Of those that went, and not just as they had been shown.
CHANGES: Mapping[str, str] = {
    MORE: "Cambiaron desde la vista previa: lo que no se mostró no se envió",
    FEWER: "Cambiaron desde la vista previa: algo de lo que se mostró ya no se podía enviar",
}

_OF_CONTACTS = frozenset(
    {
        "no_contact",
        "party_without_contact_for_kind",
        "contact_without_address",
        "contact_suppressed",
        "marketing_refused",
    }
)
#: Mended once for all of them: the page, and the button's words.
_OF_COMPANY = {
    "kind_disabled": (Page.POLICIES, "web:policies", "Abrir la configuración de envío"),
    "template_misfit": (Page.POLICIES, "web:policies", "Abrir la configuración de envío"),
    "no_lane": (Page.PARAMETERS, "web:parameters", "Abrir Parámetros"),
}


@dataclass(frozen=True, slots=True)
class Mend:
    """The page that mends it, and the words of its link."""

    url: str
    words: str
    #: It opens in the side panel.
    panel: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    words: str
    count: int
    #: Where all of them are mended at once; None: one by one.
    mend: Mend | None = None


def groups_of(counts: Mapping[str, int], words: Mapping[str, str], actor: Actor) -> list[Group]:
    """The commonest first."""
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [Group(code, words.get(code, code), count, _mend_for_all(code, actor)) for code, count in ordered]


def _mend_for_all(code: str, actor: Actor) -> Mend | None:
    if code not in _OF_COMPANY:
        return None
    page, name, words = _OF_COMPANY[code]
    return Mend(reverse(name), words) if actor.may(page, Action.VIEW) else None


def mend_of(code: str, voucher: Voucher, actor: Actor) -> Mend | None:
    """Where the reason of one voucher is mended, if the actor may look there."""
    if code in _OF_COMPANY:
        return _mend_for_all(code, actor)
    if code in _OF_CONTACTS:
        section = section_of(voucher.party)
        if not actor.may(section.page, Action.VIEW):
            return None
        return Mend(reverse("web:contacts", args=[section, voucher.party_id]), "Editar contactos", panel=True)
    if not actor.may(voucher.kind, Action.VIEW):
        return None
    return Mend(reverse("web:voucher", args=[voucher.kind, voucher.pk]), "Ver el comprobante")
