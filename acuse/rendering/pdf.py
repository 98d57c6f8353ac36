"""Voucher data → PDF, by Typst: one plain page for now. A voucher that was sent is never rendered again."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib.resources import as_file, files

import typst
import zxingcpp

_LOCAL = threading.local()


@dataclass(frozen=True, slots=True)
class Item:
    text: str
    quantity: str
    #: Formatted.
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What the page says; amounts formatted, dates as dates."""

    title: str
    issuer_name: str
    issuer_cuit: str
    party_label: str
    party_name: str
    party_tax_id: str
    issued_on: date
    due_on: date | None
    items: Sequence[Item]
    total: str
    cae: str = ""
    cae_due_on: date | None = None
    #: The QR's text, blank for none.
    qr_text: str = ""
    legend: str = ""


def render(paper: Paper) -> bytes:
    """The same paper gives the same bytes."""
    issued = datetime(paper.issued_on.year, paper.issued_on.month, paper.issued_on.day, tzinfo=UTC)
    pdf = _compiler().compile(
        format="pdf",
        sys_inputs={"data": json.dumps(_data(paper), ensure_ascii=False)},
        pdf_standards=["a-2u"],
        timestamp=int(issued.timestamp()),
    )
    if not isinstance(pdf, bytes):
        raise TypeError("typst answers one PDF as bytes")
    return pdf


def _compiler() -> typst.Compiler:
    """One a thread: a shared one can't compile twice at once."""
    compiler = getattr(_LOCAL, "compiler", None)
    if compiler is None:
        with as_file(files("acuse.rendering").joinpath("typst", "plain.typ")) as path:
            compiler = _LOCAL.compiler = typst.Compiler(str(path), ignore_system_fonts=True)
    return compiler


def _data(paper: Paper) -> dict[str, object]:
    return {
        "title": paper.title,
        "issuer": {"name": paper.issuer_name, "cuit": paper.issuer_cuit},
        "party": {"label": paper.party_label, "name": paper.party_name, "tax_id": paper.party_tax_id},
        "issued_on": _day(paper.issued_on),
        "due_on": _day(paper.due_on),
        "items": [asdict(item) for item in paper.items],
        "total": paper.total,
        "cae": paper.cae,
        "cae_due_on": _day(paper.cae_due_on),
        "qr": qr_svg(paper.qr_text) if paper.qr_text else "",
        "legend": paper.legend,
    }


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def qr_svg(text: str) -> str:
    svg: str = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M").to_svg()
    return svg
