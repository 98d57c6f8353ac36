"""The machinery of the grids, seen on the vouchers': saved filters, export, rights, selection."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry, Role, RoleGrant, SavedFilter
from acuse.companies.permissions.pages import Action
from tests.conftest import Cast
from tests.data.cast import make_party
from tests.integration.web.conftest import signed_in
from tests.integration.web.grid_steps import GRID, bytes_of, make, make_many, numbers_of

# saved filters


def _save(client: Client, **given: str) -> Any:
    return client.post(
        "/filtros/", {"grid": GRID, "query": "q=oeste&page=x&sort=total", "name": "Los del oeste", **given}
    )


def test_filters_are_saved_under_a_name_and_come_back_as_a_tab(people: Cast, ana: Client) -> None:
    make(people, range(1, 2))
    response = _save(ana)
    assert (response.status_code, response["Location"]) == (302, f"{GRID}?q=oeste")
    page = ana.get(GRID, {"q": "oeste"}).content.decode()
    assert f'<a href="{GRID}?q=oeste" class="current" aria-current="page">Los del oeste</a>' in page
    saved = SavedFilter.objects.get()
    ana.post(f"/filtros/{saved.pk}/nombre/", {"name": "Oeste"})
    assert SavedFilter.objects.get().name == "Oeste"
    asked = ana.get(f"/filtros/{saved.pk}/borrar/").content.decode()
    assert "¿Borrar los filtros guardados «Oeste»?" in asked
    assert SavedFilter.objects.exists(), "it asks once"
    ana.post(f"/filtros/{saved.pk}/borrar/")
    assert not SavedFilter.objects.exists()
    entry = AuditEntry.objects.get(event="saved_filter.removed")
    assert (entry.actor, entry.target, entry.detail["filters"]) == ("user:ana@oeste.example", "Oeste", "q=oeste")


def test_an_address_that_is_no_grids_is_refused_by_its_length(people: Cast, ana: Client) -> None:
    assert _save(ana, grid=f"/invitacion/{'a' * 120}/").status_code == 404
    assert not SavedFilter.objects.exists()


def test_a_name_is_once_a_grid_and_never_empty(people: Cast, ana: Client) -> None:
    _save(ana)
    _save(ana, query="q=este")
    assert SavedFilter.objects.get().query == "q=este", "saved again, they take the place of the old ones"
    _save(ana, name="  ")
    _save(ana, name="x" * 61)
    _save(ana, name="Vacío", query="")
    assert SavedFilter.objects.count() == 1
    _save(ana, name="Otro")
    other = SavedFilter.objects.get(name="Otro")
    ana.post(f"/filtros/{other.pk}/nombre/", {"name": "Los del oeste"})
    assert SavedFilter.objects.filter(name="Otro").exists()


def test_saved_filters_are_nobody_elses(people: Cast, ana: Client, beto: Client, carla: Client) -> None:
    make(people, range(1, 2))
    _save(ana)
    saved = SavedFilter.objects.get()
    for stranger in (beto, carla):
        assert "Los del oeste" not in stranger.get(GRID).content.decode()
        assert stranger.post(f"/filtros/{saved.pk}/nombre/", {"name": "Mío"}).status_code == 404
        assert stranger.post(f"/filtros/{saved.pk}/borrar/").status_code == 404
    assert SavedFilter.objects.get().name == "Los del oeste"


@pytest.mark.parametrize(
    "grid", ["https://mala.example/", "//mala.example", "/no-existe/", "", "/api/v1/vouchers", "x"]
)
def test_only_our_own_pages_have_saved_filters(people: Cast, ana: Client, grid: str) -> None:
    assert _save(ana, grid=grid).status_code == 404
    assert not SavedFilter.objects.exists()


# export


def _csv(client: Client, **query: Any) -> list[list[str]]:
    response = client.get(GRID, {"export": "csv", **query})
    content = bytes_of(response)
    assert content.startswith(b"\xef\xbb\xbf"), "without its mark Excel takes accents for something else"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_csv_is_as_an_argentine_excel_opens_it(people: Cast, ana: Client) -> None:
    make(people, range(7, 9), total=Decimal("1234.50"), issued_on=date(2026, 11, 3))
    heads, *rows = _csv(ana, number="7")
    [row] = [dict(zip(heads, one, strict=True)) for one in rows]
    assert (row["Comprobante"], row["Fecha"], row["Total"]) == ("Factura A 00003-00000007", "03/11/2026", "1234,50")
    assert (row["Punto de venta"], row["Número"], row["Envío"]) == ("3", "7", "Sin enviar")


@pytest.mark.parametrize("name", ["=1+1", "+54 341", "-2", "@SUM(A1)", "\t=1", "\r=1", '  =HYPERLINK("x")'])
def test_no_cell_is_a_formula(people: Cast, ana: Client, name: str) -> None:
    make(people, range(1, 2), party=make_party(people.company, name=name))
    heads, row = _csv(ana)
    assert row[heads.index("Cliente")].startswith("'")
    sheet = _sheet(ana)
    assert "<f>" not in sheet


def _sheet(client: Client, **query: Any) -> str:
    response = client.get(GRID, {"export": "xlsx", **query})
    assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    with zipfile.ZipFile(io.BytesIO(bytes_of(response))) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_xlsx_has_real_numbers_and_dates(people: Cast, ana: Client) -> None:
    make(people, range(7, 8), total=Decimal("1234.50"), issued_on=date(2026, 11, 3))
    sheet = _sheet(ana)
    assert "<v>1234.5</v>" in sheet
    assert f"<v>{(date(2026, 11, 3) - date(1899, 12, 30)).days}</v>" in sheet


def test_a_credit_note_is_exported_with_its_sign(people: Cast, ana: Client) -> None:
    make(people, range(1, 2), total=Decimal("10"), arca_type=3)
    heads, row = _csv(ana)
    assert row[heads.index("Total")] == "-10,00"


def test_an_export_follows_the_filters_and_the_order_and_is_in_the_audit(people: Cast, ana: Client) -> None:
    make_many(people, range(1, 61))
    heads, *rows = _csv(ana, sort="number", since="2026-11-01", page="last")
    assert [row[heads.index("Número")] for row in rows] == [str(n) for n in range(1, 61)]
    entry = AuditEntry.objects.get(event="export.done")
    assert (entry.actor, entry.target) == ("user:ana@oeste.example", GRID)
    assert entry.detail == {"filters": "since=2026-11-01", "rows": 60, "format": "csv"}
    assert len(_csv(ana, since="ayer")) == 1, "what isn't understood exports nothing, instead of everything"


def test_exporting_needs_its_own_right(people: Cast, ana: Client, beto: Client, carla: Client) -> None:
    make(people, range(1, 2))
    assert "export=xlsx" in ana.get(GRID).content.decode()
    assert "export=xlsx" not in beto.get(GRID).content.decode()
    assert beto.get(GRID, {"export": "csv"}).status_code == 403
    assert len(_csv(carla)) == 1, "the heads and nothing else"


# what a role sees


def test_buttons_and_menus_are_those_of_the_role(people: Cast, ana: Client, beto: Client) -> None:
    [voucher] = make(people, range(1, 2))
    words = ("Enviar comprobante", "Editar</a>", "Anular</a>", "data-pick", ">Crear</a>")
    for_ana, for_beto = ana.get(GRID).content.decode(), beto.get(GRID).content.decode()
    for word in words:
        assert word in for_ana, word
        assert word not in for_beto, word
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.create(role=role, page="sales_invoice", action=Action.EDIT)
    page = signed_in(people.beto).get(GRID).content.decode()
    assert f'href="{GRID}{voucher.pk}/editar/"' in page
    assert f'href="{GRID}{voucher.pk}/anular/"' not in page
    assert "data-pick" not in page


def test_a_stranger_sees_no_row(people: Cast, carla: Client) -> None:
    make(people, range(1, 2))
    assert numbers_of(carla) == []


# selection


def test_all_that_match_is_offered_without_their_ids(people: Cast, ana: Client) -> None:
    make_many(people, range(1, 53))
    page = ana.get(GRID, {"since": "2026-01-01"}).content.decode()
    assert '<button class="btn btn-quiet" name="all" value="1">Enviar los 52 que coinciden' in page
    assert '<input type="hidden" name="filtros" value="since=2026-01-01">' in page
