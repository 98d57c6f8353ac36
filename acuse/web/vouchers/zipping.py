"""The PDFs of the vouchers that a grid's filters leave, in one ZIP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from os import SEEK_END
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, NamedTuple, Self, cast
from zipfile import ZIP_STORED, ZipFile

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

from acuse.companies import audit
from acuse.kernel.names import safe_file_name
from acuse.vouchers import files
from acuse.vouchers.models import Voucher
from acuse.web.access import ActorRequest
from acuse.web.grids.exporting import PIECE, Stream, name_of

#: The word of the address: `?export=pdf`.
PDF = "pdf"
#: What a file is made of while somebody waits; more is fetched by parts.
MOST, MOST_BYTES = 1000, 500_000_000
_WITHOUT = "Sin PDF.txt"
#: Bytes with which a ZIP ends.
_END = 22
#: Of a larger PDF, a file without a name is made on disk while it goes out.
_IN_MEMORY = 4_000_000


class NoZip(Exception):
    """Why not, and what to do, in Spanish."""


def zip_pdfs(request: ActorRequest, rows: QuerySet[Voucher], *, title: str, query: str) -> StreamingHttpResponse:
    """With an audit entry that says which. Raises NoZip."""
    chosen = list(rows.select_related("file", "party")[: MOST + 1])
    _check(chosen)
    packing = _Packing(chosen)
    audit.record(
        company=request.actor.company, actor=request.actor.label, event="export.done", target=request.path,
        rows=len(packing.here), filters=query, format=PDF,
    )  # fmt: skip
    named = content_disposition_header(as_attachment=True, filename=name_of(title, ".zip"))
    headers = {"Content-Disposition": named, "Content-Length": str(packing.length)}
    return Stream(packing.pieces(), content_type="application/zip", headers=headers)


def _check(chosen: list[Voucher]) -> None:
    if len(chosen) > MOST:
        raise NoZip("Son más de 1.000 comprobantes. Filtrá por fecha y bajá los PDF por partes.")
    if sum(voucher.file.size for voucher in chosen if voucher.file is not None) > MOST_BYTES:
        raise NoZip("Los PDF pesan más de 500 MB. Filtrá por fecha y bajalos por partes.")
    if not any(voucher.file_id for voucher in chosen):
        raise NoZip("Ninguno de estos comprobantes tiene su PDF.")


class _Packed(NamedTuple):
    path: Path
    size: int
    name: str
    title: str


class _Packing:
    """One PDF at a time: however many people ask, no disk fills up, and who goes away leaves nothing behind."""

    def __init__(self, chosen: Iterable[Voucher]) -> None:
        names = Counter[str]()
        #: The PDFs that are here, with the name that each gets; and the vouchers whose isn't.
        self.here: list[_Packed] = []
        self.without: list[str] = []
        for voucher in chosen:
            found = _found(voucher)
            if found is None:
                self.without.append(voucher.title)
            else:
                self.here.append(_Packed(*found, _name_of(voucher, names), voucher.title))
        #: Bytes of the whole, so that the browser says how much is left.
        self.length = sum(_entry(one.name, one.size) for one in self.here) + _END
        if self.without:
            self.length += _entry(_WITHOUT, len(self._missing()))

    def pieces(self) -> Iterator[bytes]:
        room = self.length - _END
        # a PDF is packed already
        with _Outgoing() as outgoing:
            with ZipFile(cast(IO[bytes], outgoing), "w", ZIP_STORED, strict_timestamps=False) as archive:
                for one in self.here:
                    try:
                        archive.write(one.path, one.name)
                        room -= _entry(one.name, one.size)
                    except FileNotFoundError:
                        self.without.append(one.title)
                    yield from outgoing.take()
                if self.without:
                    # what went meanwhile leaves a room that was promised: empty lines fill it
                    archive.writestr(_WITHOUT, self._missing().ljust(room - _entry(_WITHOUT, 0), b"\n"))
            yield from outgoing.take()

    def _missing(self) -> bytes:
        return "\r\n".join(["Falta el PDF de:", *self.without]).encode("utf-8-sig")


def _entry(name: str, size: int) -> int:
    """Bytes of a file that is stored as it is: its head, itself, and its line of the directory."""
    return 30 + 46 + 2 * len(name.encode()) + size


class _Outgoing:
    """Where `ZipFile` writes, emptied after each file: it goes back only to the beginning of the one that it writes."""

    def __init__(self) -> None:
        self._kept = _spool()
        self._gone = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept.close()

    def write(self, data: bytes) -> int:
        return self._kept.write(data)

    def tell(self) -> int:
        return self._gone + self._kept.tell()

    def seek(self, offset: int) -> int:
        return self._gone + self._kept.seek(offset - self._gone)

    def flush(self) -> None:
        pass

    def take(self) -> Iterator[bytes]:
        self._gone += self._kept.seek(0, SEEK_END)
        self._kept.seek(0)
        while piece := self._kept.read(PIECE):
            yield piece
        self._kept.close()
        self._kept = _spool()


def _spool() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(_IN_MEMORY)


def _found(voucher: Voucher) -> tuple[Path, int] | None:
    """Where its PDF is, and its bytes."""
    if not voucher.file_id:
        return None
    path = files.path_of(voucher.file_id)
    try:
        return path, path.stat().st_size
    except FileNotFoundError:
        return None


def _name_of(voucher: Voucher, names: Counter[str]) -> str:
    """`Factura A 00003-00000042 Almacén Norte SRL.pdf`; the second of a name says so."""
    wanted = f"{voucher.title} {voucher.party.name}"
    name = safe_file_name(wanted)
    names[name.casefold()] += 1
    place = names[name.casefold()]
    return name if place == 1 else safe_file_name(f"{name.removesuffix('.pdf')[:100]} ({place})")
