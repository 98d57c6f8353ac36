"""The PDFs of the vouchers that a grid's filters leave, in one ZIP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO
from zipfile import ZIP_STORED, ZipFile

from django.db.models import QuerySet
from django.http import FileResponse

from acuse.kernel.names import safe_file_name
from acuse.vouchers import files
from acuse.vouchers.models import Voucher
from acuse.web.access import ActorRequest
from acuse.web.grids.exporting import download

#: The word of the address: `?export=pdf`.
PDF = "pdf"
#: What a file is made of while somebody waits; more is fetched by parts.
MOST, MOST_BYTES = 1000, 500_000_000
_WITHOUT = "Sin PDF.txt"


class NoZip(Exception):
    """Why not, and what to do, in Spanish."""


def zip_pdfs(request: ActorRequest, rows: QuerySet[Voucher], *, title: str, query: str) -> FileResponse:
    """With an audit entry that says which. Raises NoZip."""
    chosen = list(rows.select_related("file", "party")[: MOST + 1])
    _check(chosen)
    return download(
        lambda into: _write(into, chosen), title=title, suffix=".zip", content_type="application/zip",
        company=request.actor.company, actor=request.actor.label, target=request.path, filters=query, format=PDF,
    )  # fmt: skip


def _check(chosen: list[Voucher]) -> None:
    if len(chosen) > MOST:
        raise NoZip("Son más de 1.000 comprobantes. Filtrá por fecha y bajá los PDF por partes.")
    if sum(voucher.file.size for voucher in chosen if voucher.file is not None) > MOST_BYTES:
        raise NoZip("Los PDF pesan más de 500 MB. Filtrá por fecha y bajalos por partes.")
    if not any(voucher.file_id for voucher in chosen):
        raise NoZip("Ninguno de estos comprobantes tiene su PDF.")


def _write(into: IO[bytes], chosen: Iterable[Voucher]) -> int:
    """How many went; those whose PDF isn't here are named in a text of their own."""
    names, without, count = Counter[str](), [], 0
    # a PDF is packed already
    with ZipFile(into, "w", ZIP_STORED, strict_timestamps=False) as archive:
        for voucher in chosen:
            path = _path_of(voucher)
            if path is None:
                without.append(voucher.title)
                continue
            archive.write(path, _name_of(voucher, names))
            count += 1
        if without:
            archive.writestr(_WITHOUT, "\r\n".join(["Falta el PDF de:", *without]).encode("utf-8-sig"))
    return count


def _path_of(voucher: Voucher) -> Path | None:
    path = files.path_of(voucher.file_id) if voucher.file_id else None
    return path if path is not None and path.is_file() else None


def _name_of(voucher: Voucher, names: Counter[str]) -> str:
    """`Factura A 00003-00000042 Almacén Norte SRL.pdf`; the second of a name says so."""
    wanted = f"{voucher.title} {voucher.party.name}"
    name = safe_file_name(wanted)
    names[name.casefold()] += 1
    place = names[name.casefold()]
    return name if place == 1 else safe_file_name(f"{name.removesuffix('.pdf')[:100]} ({place})")
