"""Synthetic voucher PDFs, as real billing systems make them. Every CUIT, name and amount is made up."""

from __future__ import annotations

import io
import json
import random
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pypdfium2
import typst
import zxingcpp
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from acuse.vouchers import qr
from tests.data import rawpdf

ISSUER = 30000000007
DATA_FISCAL = "http://qr.afip.gob.ar/?qr=wXyZ-inventado-0000,,"

#: `vector`: drawn modules · `image`: ARCA's own, 360 px without quiet zone · `scan`: a page that is one image at 150
#: dpi · `photo`: the same, crooked, shaded, JPEG · `rotated`: the page turned · `logo_over_qr`: a logo printed over one
#: finder pattern · `small`: 10 mm, an image · `fine`: 10 mm, drawn: only 300 dpi tells its modules apart · `two_qrs`:
#: Data Fiscal before ARCA's · `last_page`: only on the last one · `copies`: ORIGINAL, DUPLICADO, TRIPLICADO.
Kind = Literal[
    "vector", "image", "scan", "photo", "rotated", "logo_over_qr", "small", "fine", "two_qrs", "last_page", "copies"
]  # fmt: skip


def valid_qr_text(**overrides: Any) -> str:
    """The text of an ARCA QR, by `qr.write`'s arguments."""
    values: dict[str, Any] = {
        "issued_on": date(2026, 9, 10),
        "cuit": ISSUER,
        "point_of_sale": 3,
        "arca_type": 1,
        "number": 42,
        "total": Decimal("1234567.10"),
        "code": 76123456789012,
        "document_type": 80,
        "document_number": 30111111118,
    }
    return qr.write(**values | overrides)


def qr_image(text: str, *, quiet_zone: bool = False, scale: int = 6) -> Image.Image:
    barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    picture = Image.fromarray(barcode.to_image(scale=scale, add_quiet_zones=quiet_zone))
    return picture.convert("L")


def invoice_pdf(
    *,
    qr_text: str | None,
    kind: Kind = "vector",
    pages: int = 1,
    title: str = "FACTURA A 00003-00000042",
    cae: str = "76123456789012",
) -> bytes:
    """One voucher. `scan`, `photo` and `rotated` have one page; `copies` has three."""
    if kind in {"scan", "photo"}:
        return _scanned(invoice_pdf(qr_text=qr_text, kind="image", title=title, cae=cae), photo=kind == "photo")
    if kind == "rotated":
        return _turned(invoice_pdf(qr_text=qr_text, kind="image", title=title, cae=cae))
    bands = ["ORIGINAL", "DUPLICADO", "TRIPLICADO"] if kind == "copies" else ["ORIGINAL"] * pages
    data = {
        "bands": bands,
        "title": title,
        "cae": cae,
        "qr_pages": _qr_pages(kind, len(bands)) if qr_text is not None else [],
        "vector": kind in {"vector", "fine", "two_qrs", "last_page"},
        "millimetres": 10 if kind in {"small", "fine"} else 28,
        "logo": kind == "logo_over_qr",
        "data_fiscal": kind == "two_qrs",
    }
    images = {"qr": _picture(qr_text or "-", bool(data["vector"])), "fiscal": _picture(DATA_FISCAL, True)}
    return _typeset(data, images)


def _qr_pages(kind: Kind, pages: int) -> list[int]:
    if kind == "copies":
        return list(range(pages))
    return [pages - 1] if kind == "last_page" else [0]


def _picture(text: str, vector: bool) -> bytes:
    if vector:
        barcode = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
        return str(barcode.to_svg(add_quiet_zones=False)).encode()
    out = io.BytesIO()
    qr_image(text).resize((360, 360), Image.Resampling.NEAREST).save(out, "png")
    return out.getvalue()


_TEMPLATE = """
#let d = json(bytes(sys.inputs.data))
#set page(width: 595pt, height: 842pt, margin: 20pt)
#set text(size: 9pt)
#let qr = image(bytes(sys.inputs.qr.split(" ").map(n => int(n))), format: if d.vector { "svg" } else { "png" },
  width: d.millimetres * 1mm)
#let fiscal = image(bytes(sys.inputs.fiscal.split(" ").map(n => int(n))), format: "svg", width: 20mm)
#for (i, band) in d.bands.enumerate() {
  if i > 0 { pagebreak() }
  align(center, text(14pt, weight: "bold", band))
  [*#d.title* \\ Fecha de Emisión: 10/09/2026 \\ CUIT: 30000000007 \\ Razón Social: Distribuidora Ejemplo S.A.]
  table(columns: (1fr, 4fr, 1fr, 1fr), [Código], [Producto / Servicio], [Cantidad], [Subtotal],
    ..range(25).map(n => ([#(n + 1)], [Artículo de ejemplo #(n + 1)], [1,00], [1000,00])).flatten())
  [Importe Total: \\$ 1234567,10 \\ CAE N°: #d.cae \\ Fecha de Vto. de CAE: 20/09/2026]
  if i in d.qr_pages {
    place(bottom + left, qr)
    if d.logo { place(bottom + left, dx: -1mm, dy: -19mm, rect(width: 11mm, height: 11mm, fill: rgb("#444444"))) }
    if d.data_fiscal { place(top + left, fiscal) }
  }
}
"""


def _typeset(data: dict[str, Any], images: dict[str, bytes]) -> bytes:
    inputs = {"data": json.dumps(data)} | {name: " ".join(map(str, content)) for name, content in images.items()}
    compiler = typst.Compiler(ignore_system_fonts=True)
    result = compiler.compile(_TEMPLATE.encode(), format="pdf", sys_inputs=inputs)
    assert isinstance(result, bytes)
    return result


def page_image(pdf: bytes, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument(pdf)
    try:
        picture: Image.Image = document[0].render(scale=dpi / 72, grayscale=True).to_pil()
        return picture.convert("L")
    finally:
        document.close()


def _scanned(pdf: bytes, *, photo: bool) -> bytes:
    picture = page_image(pdf, 200 if photo else 150)
    if photo:
        picture = picture.rotate(3, Image.Resampling.BICUBIC, expand=True, fillcolor=225)
        picture = picture.filter(ImageFilter.GaussianBlur(0.7))
        shade = Image.linear_gradient("L").resize(picture.size).point(lambda value: 170 + value // 3)
        picture = ImageChops.multiply(picture, shade)
    else:
        picture = _speckled(picture)
    out = io.BytesIO()
    picture.save(out, "pdf", resolution=200 if photo else 150, quality=70 if photo else 90)
    return out.getvalue()


def _speckled(picture: Image.Image) -> Image.Image:
    dice = random.Random(7)
    draw = ImageDraw.Draw(picture)
    for _ in range(400):
        draw.point((dice.randrange(picture.width), dice.randrange(picture.height)), fill=dice.randrange(256))
    return picture


def _turned(pdf: bytes) -> bytes:
    document = pypdfium2.PdfDocument(pdf)
    try:
        document[0].set_rotation(90)
        out = io.BytesIO()
        document.save(out)
        return out.getvalue()
    finally:
        document.close()


def joined(*pdfs: bytes) -> bytes:
    """Several vouchers in one file, as a careless print queue makes them."""
    target = pypdfium2.PdfDocument.new()
    sources = [pypdfium2.PdfDocument(pdf) for pdf in pdfs]
    try:
        for source in sources:
            target.import_pages(source)
        out = io.BytesIO()
        target.save(out)
        return out.getvalue()
    finally:
        for document in (target, *sources):
            document.close()


def _raw_image(text: str) -> tuple[int, int, bytes]:
    picture = qr_image(text, quiet_zone=True, scale=4)
    return picture.width, picture.height, picture.tobytes()


def encrypted_pdf(*, password: str = "secreta", qr_text: str | None = None) -> bytes:
    """With `password=""` anybody opens it, though it is encrypted."""
    images = {0: _raw_image(qr_text)} if qr_text else None
    return rawpdf.paged(1, images=images, password=password)


def many_pages_pdf(pages: int = 10_000, *, qr_text: str | None = None, on_page: int = -1) -> bytes:
    images = {on_page % pages: _raw_image(qr_text)} if qr_text else None
    return rawpdf.paged(pages, images=images)


def empty_pdf() -> bytes:
    return b""


def corrupt_pdf() -> bytes:
    return b"%PDF-1.4\n" + bytes(range(256)) * 8


def truncated_pdf(pdf: bytes) -> bytes:
    return pdf[: len(pdf) // 2]


def bomb_pdf(gigabytes: int = 4) -> bytes:
    """The content of its page inflates to gigabytes of blanks."""
    return rawpdf.paged(1, content=rawpdf.deflated(b" " * (1 << 20), gigabytes << 10))


def huge_box_pdf(*, qr_text: str | None = None) -> bytes:
    images = {0: _raw_image(qr_text)} if qr_text else None
    return rawpdf.paged(1, box="0 0 2000000000 2000000000", images=images)


def slow_pdf(pages: int = 20, curves: int = 20_000) -> bytes:
    """Opens at once; looking for a QR in all its pages takes many seconds, because drawing each one does."""
    block = b"0 0 m 595 842 0 842 595 0 c S\n" * 1000
    return rawpdf.paged(pages, content=rawpdf.deflated(block, curves // 1000))
