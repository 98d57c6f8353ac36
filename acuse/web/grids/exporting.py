"""Rows to a file: XLSX with real numbers and dates, or CSV as an Argentine Excel opens it.

CSV is UTF-8 with its mark, `;` and a decimal comma: with Windows in Argentine Spanish a comma would leave all in one
column, a point would turn amounts into text or dates, and without the mark every accent breaks. Cells that a
spreadsheet would take for a formula get a `'` in front in CSV; in XLSX text is stored as text, never evaluated.
Rows are read through a cursor and written one by one into a temporary file, so that memory doesn't grow with them.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any

import xlsxwriter
from asgiref.sync import sync_to_async
from django.db import close_old_connections, transaction
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils import timezone

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.kernel.names import safe_file_name

XLSX, CSV = "xlsx", "csv"
#: More than people read, and what a file is made of while somebody waits.
MOST = 100_000
_AT_A_TIME = 2000
#: Bytes that go out at once.
PIECE = 256 * 1024
#: A spreadsheet takes a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TYPES = {
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}

#: None, text, a whole number, an amount, a day or a moment.
Cell = str | int | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    label: str
    value: Callable[[Any], Cell]
    #: Characters.
    width: int = 16


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)


class Stream(StreamingHttpResponse):
    """Piece by piece also under ASGI, where Django reads an ordinary response whole before it answers."""

    async def __aiter__(self) -> AsyncGenerator[bytes, None]:
        # the pool is small, and whoever reads slowly would keep one of its connections until the end
        await sync_to_async(close_old_connections)()
        pieces = iter(self)
        while (piece := await sync_to_async(_next)(pieces)) is not None:
            yield piece


class Download(Stream, FileResponse):
    block_size = PIECE


def export(
    request: HttpRequest,
    rows: QuerySet[Any],
    columns: Sequence[Column],
    *,
    title: str,
    query: str,
    company: Company | None,
    actor: str,
    gather: Callable[[Sequence[Any], HttpRequest], None] | None = None,
) -> FileResponse:
    """The first `MOST` rows, and an audit entry that says which. Another word than csv is xlsx."""
    kind = CSV if request.GET.get("export") == CSV else XLSX

    def write(into: IO[bytes]) -> int:
        read = rows[:MOST].iterator(chunk_size=_AT_A_TIME)
        gathered = read if gather is None else _by_piles(read, lambda pile: gather(pile, request))
        cells = ([column.value(row) for column in columns] for row in gathered)
        return (_write_csv if kind == CSV else _write_xlsx)(into, columns, cells)

    return download(
        write, title=title, suffix=f".{kind}", content_type=_TYPES[kind],
        company=company, actor=actor, target=request.path, filters=query, format=kind,
    )  # fmt: skip


def _by_piles(rows: Iterator[Any], gather: Callable[[Sequence[Any]], None]) -> Iterator[Any]:
    while pile := list(islice(rows, _AT_A_TIME)):
        gather(pile)
        yield from pile


def download(
    write: Callable[[IO[bytes]], int], *, title: str, suffix: str, content_type: str,
    company: Company | None, actor: str, **told: str,
) -> FileResponse:  # fmt: skip
    """What `write` puts in a file, with an audit entry that tells how many rows that was, and `told`."""
    kept = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    try:
        with transaction.atomic():
            count = write(kept)
            audit.record(company=company, actor=actor, event="export.done", rows=count, **told)
    except BaseException:
        kept.close()
        raise
    kept.seek(0)
    return Download(kept, as_attachment=True, filename=name_of(title, suffix), content_type=content_type)


def name_of(title: str, suffix: str) -> str:
    return safe_file_name(f"{title} {timezone.localdate():%Y-%m-%d}", suffix=suffix)


def _write_csv(into: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> int:
    text = io.TextIOWrapper(into, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.label for column in columns])
    count = 0
    for row in rows:
        writer.writerow([as_text(cell) for cell in row])
        count += 1
    text.flush()
    text.detach()
    return count


def as_text(cell: Cell) -> str:
    """As a CSV holds it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return f"{timezone.localtime(cell):%d/%m/%Y %H:%M:%S}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, int):
        return str(cell)
    # also behind what a spreadsheet trims
    return f"'{cell}" if cell.lstrip(" \u00a0\n").startswith(_FORMULA) else cell


def _write_xlsx(into: IO[bytes], columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> int:
    book = xlsxwriter.Workbook(into, {"constant_memory": True})
    bold = book.add_format({"bold": True})
    formats = {
        "date": book.add_format({"num_format": "dd/mm/yyyy"}),
        "moment": book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"}),
        "amount": book.add_format({"num_format": "#,##0.00"}),
    }
    sheet = book.add_worksheet()
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.label, bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for line, row in enumerate(rows, start=1):
        for place, cell in _filled(row):
            _write_cell(sheet, line, place, cell, formats)
        count = line
    book.close()
    return count


def _filled(row: Sequence[Cell]) -> Iterator[tuple[int, str | int | Decimal | date]]:
    for place, cell in enumerate(row):
        if cell is not None and cell != "":
            yield place, cell


def _write_cell(sheet: Any, line: int, place: int, cell: str | int | Decimal | date, formats: dict[str, Any]) -> None:
    if isinstance(cell, datetime):
        sheet.write_datetime(line, place, timezone.localtime(cell).replace(tzinfo=None), formats["moment"])
    elif isinstance(cell, date):
        sheet.write_datetime(line, place, cell, formats["date"])
    elif isinstance(cell, Decimal):
        sheet.write_number(line, place, float(cell), formats["amount"])
    elif isinstance(cell, int):
        sheet.write_number(line, place, cell)
    else:
        sheet.write_string(line, place, cell)
