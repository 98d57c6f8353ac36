"""What keeps a voucher from being sent, and what only deserves a word. Pure and cheap: asked again at every claim.

The rule (design, "Sendable"): not voided; if electronic, authorised by ARCA and holding its CAE or CAEA; with its PDF,
or the data to render one; its QR doesn't contradict the data; its kind enabled; the party has a contact for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from acuse.vouchers.kinds import FISCAL, VoucherKind
from acuse.vouchers.qr import Contradiction


class Authorization(StrEnum):
    #: Asked for, or its answer never came.
    PENDING = "pending"
    #: ARCA authorised it.
    APPROVED = "approved"
    #: ARCA authorised it, with observations: as good as approved.
    OBSERVED = "observed"
    #: ARCA refused it: there is no CAE and there won't be one.
    REJECTED = "rejected"


AUTHORIZED = frozenset({Authorization.APPROVED, Authorization.OBSERVED})


@dataclass(frozen=True, slots=True)
class Reason:
    #: Stable: the API and the tests know it.
    code: str
    #: The voucher's field that mends it, where there is one.
    field: str | None
    #: Spanish, short, with the way out.
    text: str


@dataclass(frozen=True, slots=True)
class Sendability:
    #: All that keep it from being sent.
    reasons: tuple[Reason, ...] = ()
    #: What doesn't.
    warnings: tuple[Reason, ...] = ()

    @property
    def sendable(self) -> bool:
        return not self.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    kind: VoucherKind
    today: date
    voided: bool = False
    electronic: bool = False
    #: None: nobody said. A CAE is then proof enough, since ARCA gives one only to what it approves.
    authorization: Authorization | None = None
    #: CAE or CAEA.
    code: str = ""
    cae_due_on: date | None = None
    has_file: bool = False
    #: There is no file, but the data to render one.
    renderable: bool = False
    #: An ARCA QR was read from the file.
    has_qr: bool = False
    qr_contradictions: tuple[Contradiction, ...] = ()
    kind_enabled: bool = True
    #: Whether it will go by itself once nothing is missing: only changes the words.
    automatic: bool = False
    #: The customer's class isn't in the segment of the kind. Automatic sending is decided elsewhere.
    class_outside_segment: bool = False
    #: Contacts of the party; of those, the ones that receive this kind; of those, with an address in a channel of the
    #: configuration; of those, not suppressed. At the claim all are 0 or 1: the delivery's own contact.
    contacts_count: int = 0
    contacts_for_kind: int = 0
    contacts_with_address: int = 0
    contacts_allowed: int = 0


VOIDED = Reason("voided", "voided", "Está anulado, y lo anulado no se envía.")
AUTHORIZATION_REJECTED = Reason(
    "authorization_rejected", "authorization", "ARCA lo rechazó. Corregilo en tu sistema y volvé a pedir el CAE."
)
AUTHORIZATION_PENDING = Reason(
    "authorization_pending",
    "authorization",
    "ARCA todavía no lo autorizó. Vas a poder enviarlo cuando llegue el CAE.",
)
AUTHORIZATION_PENDING_AUTOMATIC = Reason(
    "authorization_pending", "authorization", "ARCA todavía no lo autorizó. Se envía solo cuando llegue el CAE."
)
CAE_MISSING = Reason(
    "cae_missing", "cae", "Falta el CAE. Cargalo, o esperá a que ARCA lo autorice, para poder enviarlo."
)
CAE_MISSING_AUTOMATIC = Reason("cae_missing", "cae", "Falta el CAE. Se envía solo cuando ARCA lo autorice.")
CAE_INVALID = Reason("cae_invalid", "cae", "El CAE no tiene 14 dígitos. Revisalo.")
PDF_MISSING = Reason("pdf_missing", "pdf", "Falta el PDF. Adjuntalo para poder enviarlo.")
PDF_MISSING_AUTOMATIC = Reason("pdf_missing", "pdf", "Falta el PDF. Se envía solo cuando lo adjuntes.")
NO_CONTACT = Reason("no_contact", "party.contacts", "No tiene contactos. Agregá uno con celular o correo.")
CONTACT_WITHOUT_ADDRESS = Reason(
    "contact_without_address",
    "party.contacts",
    "Sus contactos no tienen celular ni correo para los canales elegidos. Completalos.",
)
CONTACT_SUPPRESSED = Reason(
    "contact_suppressed",
    "party.contacts",
    "Su contacto pidió no recibir más. Elegí otro contacto, o mandalo por otra vía.",
)
QR_MISSING = Reason("qr_missing", "pdf", "El PDF no tiene un QR de ARCA legible. Se puede enviar igual.")
CLASS_OUTSIDE_SEGMENT = Reason(
    "class_outside_segment",
    "party.class",
    "La clase del cliente no está en el envío automático. A mano se puede enviar.",
)

_KIND_DISABLED: dict[VoucherKind, Reason] = {
    kind: Reason(
        "kind_disabled",
        None,
        f"El envío de {kind.plural.lower()} está deshabilitado. Habilitalo en Configuración de envío.",
    )
    for kind in VoucherKind
}
_NO_CONTACT_FOR_KIND: dict[VoucherKind, Reason] = {
    kind: Reason(
        "party_without_contact_for_kind",
        "party.contacts",
        f"Ningún contacto recibe {kind.plural.lower()}. Sumale ese tipo a uno de sus contactos.",
    )
    for kind in VoucherKind
}

_FIELD_NAMES: dict[str, str] = {
    "cuit": "el CUIT",
    "tipoCmp": "el tipo",
    "ptoVta": "el punto de venta",
    "nroCmp": "el número",
    "importe": "el total",
    "moneda": "la moneda",
    "codAut": "el CAE",
}

_CODE = re.compile(r"[0-9]{14}")


def assess(facts: Facts) -> Sendability:
    return Sendability(voucher_reasons(facts) + contact_reasons(facts), warnings(facts))


def voucher_reasons(facts: Facts) -> tuple[Reason, ...]:
    """Without the contacts: what the voucher, its file and the configuration of its kind say."""
    reasons: list[Reason] = []
    if facts.voided:
        reasons.append(VOIDED)
    if is_electronic(facts):
        missing = authorization_reason(facts)
        if missing is not None:
            reasons.append(missing)
    if not facts.has_file and not facts.renderable:
        reasons.append(PDF_MISSING_AUTOMATIC if facts.automatic else PDF_MISSING)
    if facts.qr_contradictions:
        reasons.append(_contradicts(facts.qr_contradictions))
    if not facts.kind_enabled:
        reasons.append(_KIND_DISABLED[facts.kind])
    return tuple(reasons)


def contact_reasons(facts: Facts) -> tuple[Reason, ...]:
    """The first gap between the party and somebody who may receive it: the rest would follow from it."""
    if facts.contacts_allowed > 0:
        return ()
    if facts.contacts_count <= 0:
        return (NO_CONTACT,)
    if facts.contacts_for_kind <= 0:
        return (_NO_CONTACT_FOR_KIND[facts.kind],)
    if facts.contacts_with_address <= 0:
        return (CONTACT_WITHOUT_ADDRESS,)
    return (CONTACT_SUPPRESSED,)


def warnings(facts: Facts) -> tuple[Reason, ...]:
    found: list[Reason] = []
    if is_electronic(facts):
        if facts.cae_due_on is not None and facts.cae_due_on < facts.today:
            found.append(_expired(facts.cae_due_on))
        # before ARCA authorises it there is nothing for a QR to say
        if facts.has_file and not facts.has_qr and authorization_reason(facts) is None:
            found.append(QR_MISSING)
    if facts.class_outside_segment:
        found.append(CLASS_OUTSIDE_SEGMENT)
    return tuple(found)


def is_electronic(facts: Facts) -> bool:
    return facts.electronic and facts.kind in FISCAL


def authorization_reason(facts: Facts) -> Reason | None:
    """One reason at most: without an authorisation, the missing CAE is its consequence."""
    if facts.authorization is Authorization.REJECTED:
        return AUTHORIZATION_REJECTED
    if facts.authorization is Authorization.PENDING:
        return AUTHORIZATION_PENDING_AUTOMATIC if facts.automatic else AUTHORIZATION_PENDING
    if not facts.code:
        return CAE_MISSING_AUTOMATIC if facts.automatic else CAE_MISSING
    return None if _CODE.fullmatch(facts.code) else CAE_INVALID


def _contradicts(found: tuple[Contradiction, ...]) -> Reason:
    first = found[0]
    name = _FIELD_NAMES.get(first.field, first.field)
    more = f" (y {len(found) - 1} más)" if len(found) > 1 else ""
    return Reason(
        "qr_contradicts",
        "pdf",
        f"En el QR del PDF {name} es {first.found} y acá {first.expected}{more}. Revisá el PDF o los datos.",
    )


def _expired(due_on: date) -> Reason:
    return Reason("cae_expired", "cae_due_on", f"El CAE venció el {due_on:%d/%m/%Y}. Se puede enviar igual.")
