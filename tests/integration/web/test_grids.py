"""The machinery of the grids, seen on the vouchers': pages, counts, sums, saved filters, export, selection."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from acuse.companies.models import AuditEntry, Role, RoleGrant, SavedFilter
from acuse.companies.pages import Action
from acuse.companies.scope import actor_of_user
from acuse.kernel import clock
from acuse.vouchers import services as vouchers
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Authorization
from acuse.web.grids import counting
from acuse.web.vouchers.selection import Selection
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher
from tests.integration.web.conftest import signed_in

GRID = "/comprobantes/sales_invoice/"


def _bytes_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def _numbers(client: Client, url: str = GRID, **query: Any) -> list[int]:
    response = client.get(url, query)
    assert response.status_code == 200
    return [row.number for row in response.context["grid"].rows]


def _link(client: Client, url: str, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', client.get(url).content.decode())
    assert found, f"{url} has no {rel}"
    return unescape(found[1])


def _make(people: Cast, numbers: range, **fields: Any) -> list[Voucher]:
    party = fields.pop("party", None) or make_party(people.company)
    return [make_voucher(people.company, party, number=n, **fields) for n in numbers]


# pages


@pytest.mark.parametrize("sort", ["issued_on", "-issued_on", "number", "-number", "party", "-total", "state", "-state"])
def test_walking_all_pages_shows_every_row_once_both_ways(people: Cast, ana: Client, sort: str) -> None:
    # all alike, so that only the last key tells them apart
    _make(people, range(1, 124))
    url, seen, pages = f"{GRID}?sort={sort}", [], []
    while True:
        pages.append(_numbers(ana, url))
        seen += pages[-1]
        if 'rel="next"' not in ana.get(url).content.decode():
            break
        url = _link(ana, url, "next")
    assert sorted(seen) == list(range(1, 124))
    assert [len(page) for page in pages] == [50, 50, 23]
    back = _link(ana, url, "prev")
    assert _numbers(ana, back) == pages[1]
    assert _numbers(ana, _link(ana, back, "prev")) == pages[0]
    assert _numbers(ana, f"{GRID}?sort={sort}&page=last") == seen[-50:]


def test_rows_that_come_in_meanwhile_neither_repeat_nor_hide_any(people: Cast, ana: Client) -> None:
    _make(people, range(1, 101), issued_on=date(2026, 11, 1))
    first = _numbers(ana)
    url = _link(ana, GRID, "next")
    _make(people, range(200, 230), party=Voucher.objects.all()[0].party, issued_on=date(2026, 11, 20))
    second = _numbers(ana, url)
    assert sorted(first + second) == list(range(1, 101))
    assert len(_numbers(ana, _link(ana, url, "prev"))) == 50
    assert _numbers(ana)[0] in range(200, 230)


def test_without_enough_before_it_the_first_page_is_a_whole_one(people: Cast, ana: Client) -> None:
    rows = _make(people, range(1, 61))
    url = _link(ana, GRID, "next")
    back = _link(ana, url, "prev")
    Voucher.objects.filter(pk__in=[row.pk for row in rows[20:40]]).delete()
    assert len(_numbers(ana, back)) == 40


@pytest.mark.parametrize(
    "place",
    ["x", "2", "-1", "last'", "ImEi:abc", "WyJhIl0:zzz", "%00", "a" * 5000, '["a","2026-01-01","x"]', "ñ", "b.1.2"],
)
def test_a_place_that_is_not_ours_is_the_first_page(people: Cast, ana: Client, place: str) -> None:
    _make(people, range(1, 4))
    assert _numbers(ana, page=place) == [3, 2, 1]


def test_a_place_in_another_order_is_the_first_page(people: Cast, ana: Client) -> None:
    _make(people, range(1, 61))
    place = re.search(r"page=([^&]+)", _link(ana, f"{GRID}?sort=total", "next"))
    assert place
    assert _numbers(ana, sort="number", page=unescape(place[1])) == list(range(1, 51))


@pytest.mark.parametrize("sort", ["nothing", "--number", "-", "pk", "party__company__cuit", "number;"])
def test_an_order_that_there_is_not_is_the_usual_one(people: Cast, ana: Client, sort: str) -> None:
    _make(people, range(1, 4))
    assert _numbers(ana, sort=sort) == [3, 2, 1]


def test_the_phone_has_every_order_in_a_select(people: Cast, ana: Client) -> None:
    _make(people, range(1, 3))
    page = ana.get(GRID, {"sort": "total"}).content.decode()
    assert '<option value="total" selected>Total: de menor a mayor</option>' in page
    assert '<option value="-issued_on">Fecha: más nuevos primero</option>' in page
    assert 'aria-sort="ascending"' in page


# filters


def test_what_is_empty_does_not_stay_in_the_address(people: Cast, ana: Client) -> None:
    _make(people, range(1, 3))
    response = ana.get(GRID + "?q=&since=&state=&number=2&sort=-total")
    assert (response.status_code, response["Location"]) == (302, f"{GRID}?number=2&sort=-total")
    fragment = ana.get(GRID + "?q=&number=2", headers={"HX-Request": "true", "HX-Target": "grid"})
    assert (fragment.status_code, fragment["HX-Push-Url"]) == (200, f"{GRID}?number=2")


def test_periods_move_along_with_the_calendar(people: Cast, ana: Client) -> None:
    today = clock.now().date()
    first = today.replace(day=1)
    party = make_party(people.company)
    for number, day in ((1, today), (2, today - timedelta(days=1)), (3, first - timedelta(days=1)), (4, first)):
        make_voucher(people.company, party, number=number, issued_on=day)
    by_day = {1: today, 2: today - timedelta(days=1), 3: first - timedelta(days=1), 4: first}

    def within(since: date, until: date) -> set[int]:
        return {number for number, day in by_day.items() if since <= day <= until}

    assert set(_numbers(ana, period="today")) == within(today, today)
    assert set(_numbers(ana, period="yesterday")) == within(by_day[2], by_day[2])
    assert set(_numbers(ana, period="this_month")) == within(first, first + timedelta(days=27))
    assert set(_numbers(ana, period="last_month")) == within((first - timedelta(days=1)).replace(day=1), by_day[3])
    assert "Este mes" in ana.get(GRID, {"period": "this_month"}).content.decode()


@pytest.mark.parametrize(
    "typed", ["42", "3-42", "00003-00000042", "A 3-42", "a3-42", "Factura A 00003-00000042", " 0042 "]
)
@pytest.mark.parametrize("field", ["number", "q"])
def test_a_number_is_found_as_people_type_it(people: Cast, ana: Client, typed: str, field: str) -> None:
    _make(people, range(41, 44))
    assert _numbers(ana, **{field: typed}) == [42]


@pytest.mark.parametrize("typed", ["B 3-42", "4-42", "3-", "abc", "-", "9999999999999999999999"])
def test_a_number_that_is_none_finds_none(people: Cast, ana: Client, typed: str) -> None:
    _make(people, range(41, 44))
    assert _numbers(ana, number=typed) == []


def test_it_searches_for_a_cuit_or_its_first_digits(people: Cast, ana: Client) -> None:
    _make(people, range(1, 2), party=make_party(people.company, name="Una", tax_id="20111111112"))
    _make(people, range(2, 3), party=make_party(people.company, name="Otra", tax_id="27111111117"))
    for typed in ("20-11111111-2", "20111111112", "2011"):
        assert _numbers(ana, q=typed) == [1], typed


def test_every_word_of_a_search_is_in_the_name_or_in_the_title(people: Cast, ana: Client) -> None:
    _make(people, range(1, 2), party=make_party(people.company, name="Panadería Ñandú S.A."))
    note = make_voucher(people.company, make_party(people.company, name="Ñandú Hnos"), number=2, arca_type=3)
    assert note.title.startswith("Nota de crédito")
    assert set(_numbers(ana, q="nandu")) == {1, 2}
    assert _numbers(ana, q="ÑANDÚ pan") == [1]
    assert _numbers(ana, q="nandu s.a.") == [1]
    assert _numbers(ana, q="nota nandu") == [2]
    assert _numbers(ana, q="nandu 2") == [2]
    assert _numbers(ana, q="nandu 77") == []
    for typed in ("'); drop", "nandu:*|", "&", "\\", "!!", "<->", "\x00"):
        assert ana.get(GRID, {"q": typed}).status_code == 200, typed


def test_a_title_that_was_given_is_searched_too(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    quote = make_voucher(
        people.company,
        party,
        number=None,  # type: ignore[arg-type]
        kind=VoucherKind.QUOTE,
        title="Techado del galpón",
    )
    found = ana.get("/comprobantes/quote/", {"q": "galpon"}).context["grid"].rows
    assert found == [quote]


def test_it_filters_by_party_and_class_of_the_company_alone(people: Cast, ana: Client) -> None:
    from acuse.directory.models import CustomerClass

    wholesale = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    one = make_party(people.company, name="Uno", customer_class=wholesale)
    _make(people, range(1, 2), party=one)
    _make(people, range(2, 3), party=make_party(people.company, name="Dos"))
    assert _numbers(ana, party=str(one.pk)) == [1]
    assert _numbers(ana, customer_class=wholesale.pk) == [1]
    assert _numbers(ana, customer_class="null") == [2]
    strange = make_party(people.other_company, name="Cliente de Carla")
    page = ana.get(GRID, {"party": str(strange.pk)}).content.decode()
    assert "Cliente de Carla" not in page
    for nonsense in ("x", "0", "\x00"):
        assert ana.get(GRID, {"party": nonsense, "customer_class": nonsense}).status_code == 200


def test_it_filters_by_what_arca_said(people: Cast, ana: Client) -> None:
    today = clock.now().date()
    party = make_party(people.company)
    make_voucher(people.company, party, number=1, cae_due_on=today + timedelta(days=3))
    make_voucher(people.company, party, number=2, cae="")
    make_voucher(people.company, party, number=3, cae_due_on=today - timedelta(days=1))
    refused = make_voucher(people.company, party, number=4, cae="")
    vouchers.authorize(
        voucher=refused, result=Authorization.REJECTED, cae="", cae_due_on=None, observations=(), actor="test"
    )
    assert _numbers(ana, cae="with") == [3, 1]
    assert _numbers(ana, cae="no_cae") == [2]
    assert _numbers(ana, cae="refused") == [4]
    assert _numbers(ana, cae="expiring") == [1]
    assert _numbers(ana, cae="expired") == [3]


# counts and sums


def test_counts_and_sums_are_exact_up_to_a_limit_and_then_on_request(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LIMIT", 3)
    _make(people, range(1, 4), total=Decimal("100.10"))
    page = ana.get(GRID).content.decode()
    assert "3 comprobantes" in page
    assert "$ 300,30" in page
    assert "Contar y sumar" not in page
    _make(people, range(4, 5), party=Voucher.objects.all()[0].party, total=Decimal("100.10"))
    page = ana.get(GRID).content.decode()
    assert "más de 3 comprobantes" in page
    assert "$ 400,40" not in page
    assert f'href="{GRID}?count=1"' in page
    counted = ana.get(GRID, {"count": "1"}).content.decode()
    assert "4 comprobantes" in counted
    assert "$ 400,40" in counted


def test_sums_are_by_currency_without_what_is_void_and_less_credit_notes(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    make_voucher(people.company, party, number=1, total=Decimal("1000"))
    make_voucher(people.company, party, number=2, total=Decimal("300"), arca_type=3)
    vouchers.void(voucher=make_voucher(people.company, party, number=3, total=Decimal("50")), actor="test")
    Voucher.objects.filter(pk=make_voucher(people.company, party, number=4, total=Decimal("7")).pk).update(
        currency="DOL"
    )
    count = ana.get(GRID).context["grid"].count
    assert (count.number, [sum_.text for sum_ in count.sums]) == (4, ["$ 700,00", "US$ 7,00"])


def test_one_is_counted_in_the_singular_and_none_says_so(people: Cast, ana: Client) -> None:
    assert "Todavía no hay facturas de venta" in ana.get(GRID).content.decode()
    _make(people, range(1, 2))
    assert "1 comprobante\n" in ana.get(GRID).content.decode() or "1 comprobante<" in ana.get(GRID).content.decode()
    nothing = ana.get(GRID, {"q": "xilofono"}).content.decode()
    assert "Ninguno coincide" in nothing
    assert "Todavía no hay" not in nothing


# saved filters


def _save(client: Client, **given: str) -> Any:
    return client.post(
        "/filtros/", {"grid": GRID, "query": "q=oeste&page=x&sort=total", "name": "Los del oeste", **given}
    )


def test_filters_are_saved_under_a_name_and_come_back_as_a_tab(people: Cast, ana: Client) -> None:
    _make(people, range(1, 2))
    response = _save(ana)
    assert (response.status_code, response["Location"]) == (302, f"{GRID}?q=oeste")
    page = ana.get(GRID, {"q": "oeste"}).content.decode()
    assert f'<a href="{GRID}?q=oeste" class="current" aria-current="page">Los del oeste</a>' in page
    saved = SavedFilter.objects.get()
    ana.post(f"/filtros/{saved.pk}/nombre/", {"name": "Oeste"})
    assert SavedFilter.objects.get().name == "Oeste"
    ana.post(f"/filtros/{saved.pk}/borrar/")
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
    _make(people, range(1, 2))
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
    content = _bytes_of(response)
    assert content.startswith(b"\xef\xbb\xbf"), "without its mark Excel takes accents for something else"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def test_csv_is_as_an_argentine_excel_opens_it(people: Cast, ana: Client) -> None:
    _make(people, range(7, 9), total=Decimal("1234.50"), issued_on=date(2026, 11, 3))
    heads, *rows = _csv(ana, number="7")
    [row] = [dict(zip(heads, one, strict=True)) for one in rows]
    assert (row["Comprobante"], row["Fecha"], row["Total"]) == ("Factura A 00003-00000007", "03/11/2026", "1234,50")
    assert (row["Punto de venta"], row["Número"], row["Envío"]) == ("3", "7", "Sin enviar")


@pytest.mark.parametrize("name", ["=1+1", "+54 341", "-2", "@SUM(A1)", "\t=1", "\r=1", '  =HYPERLINK("x")'])
def test_no_cell_is_a_formula(people: Cast, ana: Client, name: str) -> None:
    _make(people, range(1, 2), party=make_party(people.company, name=name))
    heads, row = _csv(ana)
    assert row[heads.index("Cliente")].startswith("'")
    sheet = _sheet(ana)
    assert "<f>" not in sheet


def _sheet(client: Client, **query: Any) -> str:
    response = client.get(GRID, {"export": "xlsx", **query})
    assert response.headers["Content-Type"].startswith("application/vnd.openxmlformats")
    with zipfile.ZipFile(io.BytesIO(_bytes_of(response))) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_xlsx_has_real_numbers_and_dates(people: Cast, ana: Client) -> None:
    _make(people, range(7, 8), total=Decimal("1234.50"), issued_on=date(2026, 11, 3))
    sheet = _sheet(ana)
    assert "<v>1234.5</v>" in sheet
    assert f"<v>{(date(2026, 11, 3) - date(1899, 12, 30)).days}</v>" in sheet


def test_a_credit_note_is_exported_with_its_sign(people: Cast, ana: Client) -> None:
    _make(people, range(1, 2), total=Decimal("10"), arca_type=3)
    heads, row = _csv(ana)
    assert row[heads.index("Total")] == "-10,00"


def test_an_export_follows_the_filters_and_the_order_and_is_in_the_audit(people: Cast, ana: Client) -> None:
    _make(people, range(1, 61))
    heads, *rows = _csv(ana, sort="number", since="2026-11-01", page="last")
    assert [row[heads.index("Número")] for row in rows] == [str(n) for n in range(1, 61)]
    entry = AuditEntry.objects.get(event="export.done")
    assert (entry.actor, entry.target) == ("user:ana@oeste.example", GRID)
    assert entry.detail == {"filters": "since=2026-11-01", "rows": 60, "format": "csv"}
    assert len(_csv(ana, since="ayer")) == 1, "what isn't understood exports nothing, instead of everything"


def test_exporting_needs_its_own_right(people: Cast, ana: Client, beto: Client, carla: Client) -> None:
    _make(people, range(1, 2))
    assert "export=xlsx" in ana.get(GRID).content.decode()
    assert "export=xlsx" not in beto.get(GRID).content.decode()
    assert beto.get(GRID, {"export": "csv"}).status_code == 403
    assert len(_csv(carla)) == 1, "the heads and nothing else"


# what a role sees


def test_buttons_and_menus_are_those_of_the_role(people: Cast, ana: Client, beto: Client) -> None:
    [voucher] = _make(people, range(1, 2))
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
    _make(people, range(1, 2))
    assert _numbers(carla) == []


# selection


def _selected(people: Cast, query: str, **fields: Any) -> set[int]:
    actor = actor_of_user(fields.pop("user", people.ana), fields.pop("company", people.company))
    selection = Selection.from_query(VoucherKind.SALES_INVOICE, QueryDict(query), **fields)
    assert Selection.from_json(selection.as_json()) == selection
    assert Selection.from_query(VoucherKind.SALES_INVOICE, QueryDict(selection.as_query()), as_of=selection.as_of) == (
        selection
    )
    assert actor is not None
    return {number for number in selection.queryset(actor).values_list("number", flat=True) if number is not None}


def test_a_selection_is_ids_or_the_filter_and_the_moment(people: Cast) -> None:
    rows = _make(people, range(1, 6))
    assert _selected(people, f"id={rows[0].pk}&id={rows[3].pk}&id={rows[0].pk}") == {1, 4}
    assert _selected(people, "") == set()
    assert _selected(people, "all=1") == {1, 2, 3, 4, 5}
    assert _selected(people, "all=1&number=3&page=x&sort=total") == {3}
    assert _selected(people, "all=1", as_of=rows[2].created_at) == {1, 2, 3}
    assert _selected(people, "all=1&since=ayer") == set(), "not understood chooses nothing, never everything"
    with pytest.raises(ValueError, match="UUID"):
        _selected(people, "id=x")


def test_nobody_selects_what_another_company_has(people: Cast) -> None:
    rows = _make(people, range(1, 3))
    theirs = {"user": people.carla, "company": people.other_company}
    assert _selected(people, f"id={rows[0].pk}", **theirs) == set()
    assert _selected(people, "all=1", **theirs) == set()


def test_all_that_match_is_offered_without_their_ids(people: Cast, ana: Client) -> None:
    _make(people, range(1, 53))
    page = ana.get(GRID, {"since": "2026-01-01"}).content.decode()
    assert f'href="{GRID}enviar/?all=1&amp;since=2026-01-01">Todos los que coinciden (52)' in page
