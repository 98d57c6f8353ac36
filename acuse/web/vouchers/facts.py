"""What a voucher's page says of its authorisation, its QR and its versions, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count

from acuse.deliveries.models import Delivery
from acuse.deliveries.states import LEFT, State
from acuse.kernel import money
from acuse.kernel.taxid import format_cuit
from acuse.vouchers import arca
from acuse.vouchers.models import Voucher, VoucherVersion
from acuse.vouchers.sendability import Authorization

_AUTHORIZATIONS = {
    Authorization.PENDING: "ARCA todavía no lo autorizó",
    Authorization.APPROVED: "Autorizado por ARCA",
    Authorization.OBSERVED: "Autorizado por ARCA, con observaciones",
    Authorization.REJECTED: "Rechazado por ARCA",
}
#: ARCA's name of each field of the QR → ours.
_QR_NAMES = {
    "fecha": "Fecha",
    "cuit": "Emisor",
    "tipoCmp": "Tipo",
    "ptoVta": "Punto de venta",
    "nroCmp": "Número",
    "importe": "Total",
    "moneda": "Moneda",
    "ctz": "Cotización",
    "nroDocRec": "Receptor",
    "codAut": "CAE",
}
_SNAPSHOT_NAMES = {
    "title": "el título",
    "arca_type": "el tipo",
    "point_of_sale": "el punto de venta",
    "number": "el número",
    "issued_on": "la fecha",
    "due_on": "el vencimiento",
    "currency": "la moneda",
    "exchange_rate": "la cotización",
    "total": "el total",
    "electronic": "si es electrónico",
    "cae": "el CAE",
    "cae_due_on": "el vencimiento del CAE",
    "party": "el destinatario",
    "file": "el PDF",
}
_GONE = frozenset({State.SENDING, State.UNCERTAIN, *LEFT})


def authorization_words(voucher: Voucher) -> str:
    return _AUTHORIZATIONS[Authorization(voucher.authorization)] if voucher.authorization else ""


@dataclass(frozen=True, slots=True)
class QrRow:
    name: str
    found: str
    #: What the voucher says instead; blank = they agree.
    expected: str


def qr_rows(voucher: Voucher) -> list[QrRow]:
    """What the QR of the PDF says, field by field."""
    if voucher.qr is None:
        return []
    fields = voucher.qr["fields"]
    wrong = {row["field"]: row["expected"] for row in voucher.qr_contradictions}
    return [
        QrRow(name, _shown(field, fields), _shown(field, {**fields, field: wrong[field]}) if field in wrong else "")
        for field, name in _QR_NAMES.items()
        if field in fields and not (field == "ctz" and Decimal(str(fields[field])) == 1)
    ]


def _shown(field: str, fields: Mapping[str, Any]) -> str:
    value = fields[field]
    text = str(value)
    match field:
        case "cuit" | "nroDocRec" if len(text) == 11 and text.isdecimal():
            return format_cuit(text)
        case "nroDocRec" if isinstance(fields.get("tipoDocRec"), int):
            return f"{arca.document_type_name(fields['tipoDocRec'])} {text}"
        case "tipoCmp" if text.isdecimal():
            row = arca.voucher_type(int(text))
            return f"{row.name} {row.letter}".strip()
        case "fecha" if len(text) == 10:
            return f"{text[8:]}/{text[5:7]}/{text[:4]}"
        case "importe" | "ctz":
            return f"{Decimal(text):,.2f}".translate(str.maketrans(",.", ".,"))
        case "moneda":
            return _currency(text)
        case _:
            return text


def _currency(code: str) -> str:
    """`Peso ($)`, or the code as it is where nobody knows it."""
    try:
        found = money.currency(code)
    except ValueError:
        return code
    return f"{found.name.capitalize()} ({found.symbol})"


@dataclass(frozen=True, slots=True)
class Version:
    row: VoucherVersion
    #: `cambió el total y el PDF`; blank for the first.
    changed: str
    #: Messages that left with it.
    sent: int


def versions_of(voucher: Voucher) -> list[Version]:
    """The newest first; none while there is only one."""
    if voucher.version == 1:
        return []
    rows = list(voucher.versions.order_by("version"))
    left = Delivery.objects.filter(voucher=voucher, state__in=[state.value for state in _GONE])
    sent = dict(left.order_by().values_list("version").annotate(count=Count("pk")))
    found = [
        Version(row, _changes(before, row), sent.get(row.version, 0))
        for before, row in zip([None, *rows[:-1]], rows, strict=True)
    ]
    return found[::-1]


def _changes(before: VoucherVersion | None, row: VoucherVersion) -> str:
    if before is None:
        return ""
    names = [words for name, words in _SNAPSHOT_NAMES.items() if before.content.get(name) != row.content.get(name)]
    if len(names) > 1 and "el título" in names:
        # it follows from the others
        names.remove("el título")
    return f"cambió {_joined(names)}" if names else ""


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} y {words[-1]}"
