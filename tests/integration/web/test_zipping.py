"""The PDFs of a grid in one ZIP."""

from __future__ import annotations

import io
import os
from contextlib import aclosing
from tempfile import SpooledTemporaryFile
from typing import Any
from zipfile import ZipFile

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient, Client

from acuse.companies.models import AuditEntry
from acuse.vouchers import files
from acuse.vouchers.models import StoredFile, Voucher
from acuse.web.grids import exporting
from acuse.web.vouchers import zipping
from tests.conftest import Cast
from tests.data.cast import PDF, make_party, make_voucher
from tests.integration.web.conftest import BACKEND

GRID = "/comprobantes/sales_invoice/"


@pytest.fixture
def made(people: Cast) -> list[Voucher]:
    party = make_party(people.company)
    return [make_voucher(people.company, party, number=n, content=PDF + b"%" + bytes([48 + n])) for n in (1, 2, 3)]


def _zip(client: Client, **query: str) -> ZipFile:
    answer: Any = client.get(GRID, {"export": "pdf", **query})
    assert answer["Content-Type"] == "application/zip"
    assert ".zip" in answer["Content-Disposition"]
    return _read(answer)


def _read(answer: Any) -> ZipFile:
    """As long as it said that it would be."""
    whole = b"".join(answer.streaming_content)
    assert int(answer["Content-Length"]) == len(whole)
    return ZipFile(io.BytesIO(whole))


def test_it_holds_the_pdf_of_each_that_the_filters_leave(ana: Client, made: list[Voucher]) -> None:
    found = _zip(ana, sort="number")
    names = [f"Factura A 00003-0000000{n} Almacén Norte SRL.pdf" for n in (1, 2, 3)]
    assert found.namelist() == names
    assert found.read(names[1]) == PDF + b"%2"
    # programs that read it as it comes want sizes before, not behind, what isn't compressed
    assert {entry.flag_bits & 0x08 for entry in found.infolist()} == {0}
    assert _zip(ana, number="3-2").namelist() == names[1:2]
    entry = AuditEntry.objects.filter(event="export.done").order_by("pk").last()
    assert entry is not None
    assert entry.detail == {"filters": "number=3-2", "rows": 1, "format": "pdf"}
    assert "Los PDF, en un ZIP" in ana.get(GRID).content.decode()


def test_what_is_not_here_is_named_and_two_of_a_name_stay_two(people: Cast, ana: Client, made: list[Voucher]) -> None:
    make_voucher(people.company, made[0].party, number=4, content=None)
    assert made[0].file_id is not None
    files.path_of(made[0].file_id).unlink()
    Voucher.objects.filter(pk=made[1].pk).update(title=made[2].title)
    found = _zip(ana, sort="number")
    assert found.namelist() == [
        "Factura A 00003-00000003 Almacén Norte SRL.pdf", "Factura A 00003-00000003 Almacén Norte SRL (2).pdf",
        "Sin PDF.txt",
    ]  # fmt: skip
    told = found.read("Sin PDF.txt").decode("utf-8-sig")
    assert "Factura A 00003-00000001" in told
    assert "Factura A 00003-00000004" in told


def _spools(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    made: list[Any] = []

    def spool(*args: Any) -> Any:
        made.append(SpooledTemporaryFile(*args))  # noqa: SIM115  (whoever asked closes it)
        return made[-1]

    monkeypatch.setattr(zipping, "SpooledTemporaryFile", spool)
    return made


def test_no_more_than_a_pdf_at_a_time_is_kept(people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipping, "_IN_MEMORY", 1)
    spools, party = _spools(monkeypatch), make_party(people.company)
    for number in range(1, 5):
        make_voucher(people.company, party, number=number, content=PDF + b"%" * 50_000 + str(number).encode())
    answer: Any = ana.get(GRID, {"export": "pdf"})
    kept = []
    for _ in answer.streaming_content:
        open_ones = [spool for spool in spools if not spool.closed]
        kept.append(sum(os.fstat(spool.fileno()).st_size for spool in open_ones))
    assert 50_000 < max(kept) < 60_000


async def test_who_goes_away_in_the_middle_leaves_nothing_behind(
    people: Cast, made: list[Voucher], monkeypatch: pytest.MonkeyPatch
) -> None:
    spools = _spools(monkeypatch)
    vouchers = [one async for one in Voucher.objects.select_related("party", "file")]
    response = exporting.Stream(zipping._Packing(vouchers).pieces())
    async with aclosing(aiter(response)) as pieces:
        assert (await anext(pieces)).startswith(b"PK")
    response.close()
    assert [spool.closed for spool in spools] == [True]


@pytest.mark.django_db(transaction=True)
async def test_under_asgi_a_file_goes_out_in_pieces() -> None:
    kept = io.BytesIO()
    kept.write(b"x" * 600_000)
    kept.seek(0)
    response = exporting.Download(kept, as_attachment=True, filename="a.csv")
    pieces = [len(piece) async for piece in response]
    assert (sum(pieces), max(pieces)) == (600_000, 256 * 1024)
    response.close()
    assert kept.closed


@pytest.mark.django_db(transaction=True)
async def test_whoever_reads_slowly_holds_no_connection_of_the_pool(people: Cast) -> None:
    await sync_to_async(lambda: make_voucher(people.company, make_party(people.company), content=PDF))()
    client = AsyncClient()
    await client.aforce_login(people.ana, backend=BACKEND)
    answer: Any = await client.get(GRID, {"export": "pdf"})
    async with aclosing(aiter(answer)) as pieces:
        assert (await anext(pieces)).startswith(b"PK")
        assert await sync_to_async(lambda: connection.connection)() is None
    answer.close()


def test_a_pdf_that_goes_while_it_is_packed_is_named(ana: Client, made: list[Voucher]) -> None:
    answer: Any = ana.get(GRID, {"export": "pdf", "sort": "number"})
    assert made[2].file_id is not None
    files.path_of(made[2].file_id).unlink()
    found = _read(answer)
    assert found.namelist()[2:] == ["Sin PDF.txt"]
    assert found.testzip() is None
    assert "Factura A 00003-00000003" in found.read("Sin PDF.txt").decode("utf-8-sig")


@pytest.mark.parametrize("what", ["many", "heavy", "none"])
def test_what_is_too_much_says_how_to_go_on(
    ana: Client, made: list[Voucher], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = {"export": "pdf"}
    if what == "many":
        monkeypatch.setattr(zipping, "MOST", 2)
    elif what == "heavy":
        StoredFile.objects.update(size=zipping.MOST_BYTES)
    else:
        query["since"] = "ayer"
    words = {"many": "más de 1.000", "heavy": "más de 500 MB", "none": "Ninguno de estos"}[what]
    page = ana.get(GRID, query, follow=True)
    assert words in page.content.decode()
    assert "export" not in page.request["QUERY_STRING"]
    assert not AuditEntry.objects.filter(event="export.done").exists()


def test_it_needs_the_right_to_export(beto: Client, carla: Client, made: list[Voucher]) -> None:
    assert beto.get(GRID, {"export": "pdf"}).status_code == 403
    assert "Ninguno de estos" in carla.get(GRID, {"export": "pdf"}, follow=True).content.decode()
