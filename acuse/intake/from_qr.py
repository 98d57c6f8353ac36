"""A voucher from the ARCA QR of its PDF, with what the QR lacks taken from the PDF's text where it stands there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from acuse.directory.services import PartyData
from acuse.kernel import taxid
from acuse.kernel.money import arca_code
from acuse.vouchers import arca
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.pdf import PdfReading
from acuse.vouchers.qr import ArcaQr
from acuse.vouchers.sendability import Authorization
from acuse.vouchers.services import VoucherData

#: "CAE N°: 70417054367476", "C.A.E. 7041…": what the text of real invoices says where a QR was cut short.
_CODE_IN_TEXT = re.compile(r"C\.?\s?A\.?\s?E\.?\s?(?:A\.?)?[^0-9]{0,30}(\d{14})(?!\d)", re.IGNORECASE)
_DATE_IN_TEXT = re.compile(r"Fecha(?:\s+de\s+emisi[oó]n)?[^0-9]{0,20}(\d{2})/(\d{2})/(\d{4})", re.IGNORECASE)
#: A CAE or CAEA has 14 digits, and never begins with 0.
_FIRST_CODE, _LAST_CODE = 10**13, 10**14 - 1
#: Document types that identify nobody (consumidor final).
_NOBODY = 99


@dataclass(frozen=True, slots=True)
class FromQr:
    voucher: VoucherData
    party: PartyData
    #: The issuer's CUIT, blank when the QR doesn't say.
    issuer: str
    #: Spanish; what had to be supposed.
    warnings: tuple[str, ...]


def voucher_from(reading: PdfReading, *, today: date, party_name: str, kind: VoucherKind | None = None) -> FromQr:
    """The reading must have a QR."""
    qr = reading.qr
    if qr is None:
        raise ValueError("the reading has no QR")
    warnings: list[str] = []
    fields = qr.fields
    arca_type = _integer(qr, "tipoCmp")
    code, code_type = _code(qr, reading, warnings)
    data = VoucherData(
        kind=kind or (arca.kind_of(arca_type) if arca_type is not None else VoucherKind.SALES_INVOICE),
        issued_on=_issued_on(qr, reading, today, warnings),
        currency=arca_code(str(fields.get("moneda") or "PES")),
        total=_decimal(qr, "importe") or Decimal(0),
        arca_type=arca_type,
        point_of_sale=_integer(qr, "ptoVta"),
        number=_integer(qr, "nroCmp"),
        exchange_rate=_decimal(qr, "ctz"),
        electronic=True,
        cae=code,
        cae_type=code_type,
        authorization=Authorization.APPROVED if code else Authorization.PENDING,
    )
    cuit = fields.get("cuit")
    return FromQr(data, _party(qr, party_name), f"{cuit:011}" if isinstance(cuit, int) else "", tuple(warnings))


def _code(qr: ArcaQr, reading: PdfReading, warnings: list[str]) -> tuple[str, str]:
    """A 14-digit code counts as authorised."""
    kind = "caea" if str(qr.fields.get("tipoCodAut", "E")).upper() == "A" else "cae"
    code = qr.fields.get("codAut")
    if isinstance(code, int) and _FIRST_CODE <= code <= _LAST_CODE:
        return str(code), kind
    found = _CODE_IN_TEXT.search(reading.text_first_page)
    if found is None:
        return "", ""
    warnings.append("El QR está incompleto: tomamos el CAE del texto del PDF.")
    return found.group(1), kind


def _issued_on(qr: ArcaQr, reading: PdfReading, today: date, warnings: list[str]) -> date:
    text = qr.fields.get("fecha")
    if isinstance(text, str):
        try:
            return date.fromisoformat(text)
        except ValueError:
            warnings.append("La fecha del QR no es una fecha.")
    found = _DATE_IN_TEXT.search(reading.text_first_page)
    if found is not None:
        try:
            day = date(int(found.group(3)), int(found.group(2)), int(found.group(1)))
        except ValueError:
            day = None
        if day is not None:
            warnings.append("El QR no trae la fecha: la tomamos del texto del PDF.")
            return day
    warnings.append("El PDF no dice la fecha de emisión: pusimos la de hoy.")
    return today


def _party(qr: ArcaQr, name: str) -> PartyData:
    document_type, number = _integer(qr, "tipoDocRec"), _integer(qr, "nroDocRec")
    identified = number and document_type is not None and document_type != _NOBODY
    tax_id = _document(document_type or 0, number or 0) if identified else ""
    return PartyData(kind="customer", name=name, tax_id=tax_id)


def _document(document_type: int, number: int) -> str:
    """A CUIT with a wrong check digit identifies nobody."""
    text = f"{number:011}" if document_type in arca.TAX_ID_DOCUMENTS else str(number)
    try:
        taxid.parse(text)
    except taxid.TaxIdError:
        return ""
    return text


def _integer(qr: ArcaQr, name: str) -> int | None:
    value = qr.fields.get(name)
    return value if isinstance(value, int) else None


def _decimal(qr: ArcaQr, name: str) -> Decimal | None:
    value = qr.fields.get(name)
    return Decimal(value) if isinstance(value, int | Decimal) else None
