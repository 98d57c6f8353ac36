"""ARCA's code tables (voucher types, documents; currencies are in kernel.money) and how a voucher is titled. Pure.

Source: WSFEv1 manual v4.0 and the tables of FEParamGet*. Codes that aren't here are kept as data, never refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from acuse.vouchers.kinds import VoucherKind


class VoucherClass(StrEnum):
    #: Factura.
    INVOICE = "invoice"
    #: Nota de débito.
    DEBIT_NOTE = "debit_note"
    #: Nota de crédito: subtracts.
    CREDIT_NOTE = "credit_note"
    #: Recibo that carries VAT, and so a CAE.
    RECEIPT = "receipt"
    #: Liquidaciones, remitos, tickets' daily closings and whatever isn't known.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class VoucherType:
    code: int
    #: As a title prints it, without the letter.
    name: str
    #: "" where the type has none.
    letter: str
    voucher_class: VoucherClass
    #: False for a code that isn't in the table.
    known: bool = True

    @property
    def sign(self) -> int:
        return -1 if self.voucher_class is VoucherClass.CREDIT_NOTE else 1


_INVOICE, _DEBIT, _CREDIT = VoucherClass.INVOICE, VoucherClass.DEBIT_NOTE, VoucherClass.CREDIT_NOTE
_RECEIPT, _OTHER = VoucherClass.RECEIPT, VoucherClass.OTHER

_LUCI = "Liquidación Única Comercial Impositiva"
_FCE = "Electrónica MiPyMEs (FCE)"

#: (name, class, {code: letter}).
_TABLE: tuple[tuple[str, VoucherClass, dict[int, str]], ...] = (
    ("Factura", _INVOICE, {1: "A", 6: "B", 11: "C", 51: "M"}),
    ("Nota de débito", _DEBIT, {2: "A", 7: "B", 12: "C", 52: "M"}),
    ("Nota de crédito", _CREDIT, {3: "A", 8: "B", 13: "C", 53: "M"}),
    ("Recibo", _RECEIPT, {4: "A", 9: "B", 15: "C", 54: "M"}),
    ("Nota de venta al contado", _INVOICE, {5: "A", 10: "B", 16: "C"}),
    ("Liquidación de servicios públicos", _OTHER, {17: "A", 18: "B"}),
    ("Factura de exportación", _INVOICE, {19: "E"}),
    ("Nota de débito por operaciones con el exterior", _DEBIT, {20: "E"}),
    ("Nota de crédito por operaciones con el exterior", _CREDIT, {21: "E"}),
    (_LUCI, _OTHER, {27: "A", 28: "B", 29: "C"}),
    (f"Nota de crédito {_LUCI}", _CREDIT, {48: "A", 43: "B", 44: "C"}),
    (f"Nota de débito {_LUCI}", _DEBIT, {45: "A", 46: "B", 47: "C"}),
    ("Comprobante de compra de bienes usados", _OTHER, {30: "", 49: ""}),
    ("Comprobante RG 1415", _OTHER, {34: "A", 35: "B", 36: "C"}),
    ("Otro comprobante RG 1415", _OTHER, {39: "A", 40: "B", 41: "C"}),
    ("Cuenta de venta y líquido producto", _OTHER, {60: "A", 61: "B", 58: "M"}),
    ("Liquidación", _OTHER, {63: "A", 64: "B", 68: "C", 59: "M"}),
    ("Despacho de importación", _OTHER, {66: ""}),
    ("Importación de servicios", _OTHER, {67: ""}),
    ("Informe diario de cierre Z", _OTHER, {80: ""}),
    ("Tique factura", _INVOICE, {81: "A", 82: "B", 111: "C", 118: "M"}),
    ("Tique", _INVOICE, {83: ""}),
    ("Tique nota de crédito", _CREDIT, {110: "", 112: "A", 113: "B", 114: "C", 119: "M"}),
    ("Tique nota de débito", _DEBIT, {115: "A", 116: "B", 117: "C", 120: "M"}),
    ("Remito electrónico", _OTHER, {88: ""}),
    ("Remito", _OTHER, {91: "R", 994: "X"}),
    ("Remito electrónico cárnico", _OTHER, {995: ""}),
    ("Otro comprobante exceptuado de la RG 1415", _OTHER, {99: ""}),
    (f"Factura de Crédito {_FCE}", _INVOICE, {201: "A", 206: "B", 211: "C"}),
    (f"Nota de Débito {_FCE}", _DEBIT, {202: "A", 207: "B", 212: "C"}),
    (f"Nota de Crédito {_FCE}", _CREDIT, {203: "A", 208: "B", 213: "C"}),
    ("Liquidación secundaria de granos", _OTHER, {331: ""}),
    ("Certificación electrónica de granos", _OTHER, {332: ""}),
)


def _rows() -> Iterator[VoucherType]:
    for name, voucher_class, letters in _TABLE:
        for code, letter in letters.items():
            yield VoucherType(code, name, letter, voucher_class)


VOUCHER_TYPES: dict[int, VoucherType] = {row.code: row for row in sorted(_rows(), key=lambda row: row.code)}

#: Letter M became "A, operación sujeta a retención" with the same codes (RG 5762/2025).
M_TYPES: frozenset[int] = frozenset({51, 52, 53, 54})
M_ENDS_ON = date(2025, 12, 1)

RECEIPT_TYPES: frozenset[int] = frozenset(code for code, row in VOUCHER_TYPES.items() if row.voucher_class is _RECEIPT)


def voucher_type(code: int, issued_on: date | None = None) -> VoucherType:
    """Never fails: a code that isn't known is "Comprobante cód. NNN". Without a date, types 51–54 print today's A."""
    row = VOUCHER_TYPES.get(code)
    if row is None:
        return VoucherType(code, f"Comprobante cód. {code:03}", "", _OTHER, known=False)
    if code in M_TYPES and (issued_on is None or issued_on >= M_ENDS_ON):
        return replace(row, letter="A")
    return row


def kind_of(arca_type: int) -> VoucherKind:
    return VoucherKind.RECEIPT if arca_type in RECEIPT_TYPES else VoucherKind.SALES_INVOICE


def number_text(point_of_sale: int | None, number: int | None) -> str:
    """`00003-00000042`, `00000042`, or "" without a number: a point of sale alone names no voucher."""
    if number is None:
        return ""
    return f"{number:08}" if point_of_sale is None else f"{point_of_sale:05}-{number:08}"


def title(
    kind: VoucherKind,
    arca_type: int | None,
    letter: str,
    point_of_sale: int | None,
    number: int | None,
    issued_on: date | None = None,
) -> str:
    """`Factura A 00003-00000042`, `Orden de pago 00000123`. The letter of a known ARCA type wins over the given one."""
    name = kind.heading
    if arca_type is not None:
        row = voucher_type(arca_type, issued_on)
        name, letter = row.name, row.letter if row.known else letter
    return " ".join(part for part in (name, letter.strip(), number_text(point_of_sale, number)) if part)


_PROVINCES: dict[int, str] = {
    1: "Buenos Aires", 2: "Catamarca", 3: "Córdoba", 4: "Corrientes", 5: "Entre Ríos", 6: "Jujuy", 7: "Mendoza",
    8: "La Rioja", 9: "Salta", 10: "San Juan", 11: "San Luis", 12: "Santa Fe", 13: "Santiago del Estero",
    14: "Tucumán", 16: "Chaco", 17: "Chubut", 18: "Formosa", 19: "Misiones", 20: "Neuquén", 21: "La Pampa",
    22: "Río Negro", 23: "Santa Cruz", 24: "Tierra del Fuego",
}  # fmt: skip

#: DocTipo → what people call it.
DOCUMENT_TYPES: dict[int, str] = {
    0: "CI Policía Federal",
    **{code: f"CI {province}" for code, province in _PROVINCES.items()},
    80: "CUIT",
    86: "CUIL",
    87: "CDI",
    89: "LE",
    90: "LC",
    91: "CI extranjera",
    92: "En trámite",
    93: "Acta de nacimiento",
    94: "Pasaporte",
    95: "CI Bs. As. RNP",
    96: "DNI",
    99: "Sin identificar",
}

#: Document types whose number is an 11-digit tax id.
TAX_ID_DOCUMENTS: frozenset[int] = frozenset({80, 86, 87})


def document_type_name(code: int) -> str:
    return DOCUMENT_TYPES.get(code, f"Documento cód. {code}")
