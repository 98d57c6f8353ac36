"""What an uploaded PDF says of its voucher: from its ARCA QR, else from the name that ARCA gives its files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.urls import reverse

from acuse.companies.models import Company
from acuse.directory.models import Party
from acuse.intake import drafts
from acuse.intake.from_qr import FromQr, voucher_from
from acuse.kernel.taxid import format_cuit
from acuse.vouchers import arca
from acuse.vouchers.kinds import FISCAL, VoucherKind
from acuse.vouchers.models import VoucherDraft

#: `30000000007_001_00003_00000042.pdf`.
_ARCA_NAME = re.compile(r"(\d{11})_(\d{3})_(\d{5})_(\d{8})\.pdf", re.IGNORECASE)
_UNREAD = {
    "qr_timeout": "Leer el QR llevó demasiado: completá los datos a mano.",
    "qr_memory": "El PDF es muy pesado para leer su QR: completá los datos a mano.",
    "qr_crash": "No pudimos leer el QR de este PDF: completá los datos a mano.",
    "qr_ambiguous": "El PDF tiene QR de comprobantes distintos: completá los datos a mano.",
}
_WITHOUT = "Este PDF no tiene el QR de ARCA: completá los datos a mano."


@dataclass(frozen=True, slots=True)
class Prefill:
    #: Values of the form.
    initial: dict[str, Any] = field(default_factory=dict)
    #: Spanish sentences: what was supposed, what to look at.
    warnings: list[str] = field(default_factory=list)
    #: The data came from the QR.
    from_qr: bool = False
    #: Where it belongs, when it is another kind's: (name, address).
    belongs: tuple[str, str] | None = None


def prefill(draft: VoucherDraft, company: Company, kind: VoucherKind, *, today: date) -> Prefill:
    reading = drafts.reading_of(draft)
    warnings = [_UNREAD[reading.problem]] if reading.problem in _UNREAD else []
    if reading.qr is None:
        if kind in FISCAL and not warnings:
            warnings.append(_WITHOUT)
        return Prefill(_from_name(draft.file_name, kind), warnings)
    read = voucher_from(reading, today=today, party_name="")
    if kind not in FISCAL or read.voucher.kind is not kind:
        real = read.voucher.kind
        warnings.append(f"El QR de este PDF es de {read_title(read)}: eso va en {real.plural}.")
        return Prefill({}, warnings, belongs=(real.plural, reverse("web:voucher_create", args=[real])))
    warnings += read.warnings
    if read.issuer and read.issuer != company.cuit:
        warnings.append(
            f"Lo emitió el CUIT {format_cuit(read.issuer)} y tu empresa es {format_cuit(company.cuit)}: así no se va a "
            "poder enviar."
        )
    return Prefill({**_values(read), **_party(read, company, warnings)}, warnings, from_qr=True)


def read_title(read: FromQr) -> str:
    data = read.voucher
    letter = arca.voucher_type(data.arca_type, data.issued_on).letter if data.arca_type is not None else ""
    return arca.title(data.kind, data.arca_type, letter, data.point_of_sale, data.number, data.issued_on)


def _values(read: FromQr) -> dict[str, Any]:
    data = read.voucher
    values = {
        "arca_type": data.arca_type,
        "point_of_sale": data.point_of_sale,
        "number": data.number,
        "issued_on": data.issued_on,
        "currency": data.currency,
        "exchange_rate": data.exchange_rate if data.currency != "PES" else None,
        "total": data.total or None,
        "electronic": True,
        "cae": data.cae,
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def _party(read: FromQr, company: Company, warnings: list[str]) -> dict[str, Any]:
    tax_id = read.party.tax_id
    if not tax_id:
        return {}
    ours = Party.objects.filter(company=company, tax_id=tax_id, kind__in=("customer", "bank"), merged_into=None)
    found = ours.order_by("kind").last()
    if found is not None:
        return {"party": found.pk}
    shown = format_cuit(tax_id) if len(tax_id) == 11 else tax_id
    warnings.append(f"El cliente {shown} no está en tu tabla de clientes: completá su nombre y se crea al guardar.")
    return {"new_tax_id": shown}


def _from_name(name: str, kind: VoucherKind) -> dict[str, Any]:
    match = _ARCA_NAME.fullmatch(name)
    if match is None or kind not in FISCAL or arca.kind_of(int(match[2])) is not kind:
        return {}
    return {"arca_type": int(match[2]), "point_of_sale": int(match[3]), "number": int(match[4])}
