"""The machinery of the grids, seen on the vouchers': pages, counts, sums, filters."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.test import Client

from acuse.companies.models import RoleGrant
from acuse.deliveries.planning import today_in
from acuse.vouchers import services as vouchers
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Authorization
from acuse.web.grids import counting
from acuse.web.vouchers import searching
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher
from tests.integration.web.grid_steps import GRID, link_in, link_of, make, make_many, numbers_of

# pages


@pytest.mark.parametrize("sort", ["issued_on", "-issued_on", "number", "-number", "party", "-total", "state", "-state"])
@pytest.mark.parametrize("filters", ["", "&voided=no"], ids=["by the index", "few, sorted"])
def test_walking_all_pages_shows_every_row_once_both_ways(people: Cast, ana: Client, sort: str, filters: str) -> None:
    # all alike, so that only the last key tells them apart
    make_many(people, range(1, 124))
    url, seen, pages = f"{GRID}?sort={sort}{filters}", [], []
    while True:
        page = ana.get(url)
        pages.append([row.number for row in page.context["grid"].rows])
        seen += pages[-1]
        following = link_in(page, "next")
        if following is None:
            break
        url = following
    assert sorted(seen) == list(range(1, 124))
    assert [len(page) for page in pages] == [50, 50, 23]
    back = link_of(ana, url, "prev")
    assert numbers_of(ana, back) == pages[1]
    assert numbers_of(ana, link_of(ana, back, "prev")) == pages[0]
    assert numbers_of(ana, f"{GRID}?sort={sort}{filters}&page=last") == seen[-50:]


def test_rows_that_come_in_meanwhile_neither_repeat_nor_hide_any(people: Cast, ana: Client) -> None:
    make_many(people, range(1, 101), issued_on=date(2026, 11, 1))
    first = numbers_of(ana)
    url = link_of(ana, GRID, "next")
    make_many(people, range(200, 230), party=Voucher.objects.all()[0].party, issued_on=date(2026, 11, 20))
    second = numbers_of(ana, url)
    assert sorted(first + second) == list(range(1, 101))
    assert len(numbers_of(ana, link_of(ana, url, "prev"))) == 50
    assert numbers_of(ana)[0] in range(200, 230)


def test_without_enough_before_it_the_first_page_is_a_whole_one(people: Cast, ana: Client) -> None:
    rows = make_many(people, range(1, 61))
    url = link_of(ana, GRID, "next")
    back = link_of(ana, url, "prev")
    Voucher.objects.filter(pk__in=[row.pk for row in rows[20:40]]).delete()
    assert len(numbers_of(ana, back)) == 40


@pytest.mark.parametrize(
    "place",
    ["x", "2", "-1", "last'", "ImEi:abc", "WyJhIl0:zzz", "%00", "a" * 5000, '["a","2026-01-01","x"]', "ñ", "b.1.2"],
)
def test_a_place_that_is_not_ours_is_the_first_page(people: Cast, ana: Client, place: str) -> None:
    make(people, range(1, 4))
    assert numbers_of(ana, page=place) == [3, 2, 1]


def test_a_place_in_another_order_is_the_first_page(people: Cast, ana: Client) -> None:
    make_many(people, range(1, 61))
    place = re.search(r"page=([^&]+)", link_of(ana, f"{GRID}?sort=total", "next"))
    assert place
    assert numbers_of(ana, sort="number", page=unescape(place[1])) == list(range(1, 51))


@pytest.mark.parametrize("sort", ["nothing", "--number", "-", "pk", "party__company__cuit", "number;"])
def test_an_order_that_there_is_not_is_the_usual_one(people: Cast, ana: Client, sort: str) -> None:
    make(people, range(1, 4))
    assert numbers_of(ana, sort=sort) == [3, 2, 1]


def test_the_phone_has_every_order_in_a_select(people: Cast, ana: Client) -> None:
    make(people, range(1, 3))
    page = ana.get(GRID, {"sort": "total"}).content.decode()
    assert '<option value="total" selected>Total: de menor a mayor</option>' in page
    assert '<option value="-issued_on">Fecha: más nuevos primero</option>' in page
    assert 'aria-sort="ascending"' in page


# filters


def test_what_is_empty_does_not_stay_in_the_address(people: Cast, ana: Client) -> None:
    make(people, range(1, 3))
    response = ana.get(GRID + "?q=&since=&state=&number=2&sort=-total")
    assert (response.status_code, response["Location"]) == (302, f"{GRID}?number=2&sort=-total")
    fragment = ana.get(GRID + "?q=&number=2", headers={"HX-Request": "true", "HX-Target": "grid"})
    assert (fragment.status_code, fragment["HX-Push-Url"]) == (200, f"{GRID}?number=2")


def test_periods_move_along_with_the_calendar(people: Cast, ana: Client) -> None:
    today = today_in(people.company)
    first = today.replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    party = make_party(people.company)
    for number, day in ((1, today), (2, today - timedelta(days=1)), (3, first - timedelta(days=1)), (4, first)):
        make_voucher(people.company, party, number=number, issued_on=day)
    by_day = {1: today, 2: today - timedelta(days=1), 3: first - timedelta(days=1), 4: first}

    def within(since: date, until: date) -> set[int]:
        return {number for number, day in by_day.items() if since <= day <= until}

    assert set(numbers_of(ana, period="today")) == within(today, today)
    assert set(numbers_of(ana, period="yesterday")) == within(by_day[2], by_day[2])
    assert set(numbers_of(ana, period="this_month")) == within(first, last)
    assert set(numbers_of(ana, period="last_month")) == within((first - timedelta(days=1)).replace(day=1), by_day[3])
    assert "Este mes" in ana.get(GRID, {"period": "this_month"}).content.decode()


@pytest.mark.parametrize(
    "typed", ["42", "3-42", "00003-00000042", "A 3-42", "a3-42", "Factura A 00003-00000042", " 0042 "]
)
@pytest.mark.parametrize("field", ["number", "q"])
def test_a_number_is_found_as_people_type_it(people: Cast, ana: Client, typed: str, field: str) -> None:
    make(people, range(41, 44))
    assert numbers_of(ana, **{field: typed}) == [42]


@pytest.mark.parametrize("typed", ["B 3-42", "4-42", "3-", "abc", "-", "9999999999999999999999"])
def test_a_number_that_is_none_finds_none(people: Cast, ana: Client, typed: str) -> None:
    make(people, range(41, 44))
    assert numbers_of(ana, number=typed) == []


@pytest.mark.parametrize("few", [0, 2000], ids=["more than a few", "few"])
def test_it_searches_for_a_cuit_or_its_first_digits(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(searching, "_FEW", few)
    make(people, range(1, 2), party=make_party(people.company, name="Una", tax_id="20111111112"))
    make(people, range(2, 3), party=make_party(people.company, name="Otra", tax_id="27111111117"))
    for typed in ("20-11111111-2", "20111111112", "2011"):
        assert numbers_of(ana, q=typed) == [1], typed


@pytest.mark.parametrize("few", [0, 2000], ids=["more than a few", "few"])
def test_every_word_of_a_search_is_in_the_name_or_in_the_title(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(searching, "_FEW", few)
    make(people, range(1, 2), party=make_party(people.company, name="Panadería Ñandú S.A."))
    note = make_voucher(people.company, make_party(people.company, name="Ñandú Hnos"), number=2, arca_type=3)
    assert note.title.startswith("Nota de crédito")
    assert set(numbers_of(ana, q="nandu")) == {1, 2}
    assert numbers_of(ana, q="ÑANDÚ pan") == [1]
    assert numbers_of(ana, q="nandu s.a.") == [1]
    assert numbers_of(ana, q="nota nandu") == [2]
    assert numbers_of(ana, q="nandu 2") == [2]
    assert numbers_of(ana, q="nandu 77") == []
    for typed in ("'); drop", "nandu:*|", "&", "\\", "!!", "<->"):
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
    make(people, range(1, 2), party=one)
    make(people, range(2, 3), party=make_party(people.company, name="Dos"))
    assert numbers_of(ana, party=str(one.pk)) == [1]
    assert numbers_of(ana, customer_class=wholesale.pk) == [1]
    assert numbers_of(ana, customer_class="null") == [2]
    strange = make_party(people.other_company, name="Cliente de Carla")
    page = ana.get(GRID, {"party": str(strange.pk)}).content.decode()
    assert "Cliente de Carla" not in page
    for nonsense in ("x", "0"):
        assert ana.get(GRID, {"party": nonsense, "customer_class": nonsense}).status_code == 200


def test_whoever_sees_the_kind_finds_in_the_filter_a_bank_too(people: Cast, beto: Client) -> None:
    RoleGrant.objects.filter(role__name="Consulta").exclude(page=VoucherKind.SALES_INVOICE).delete()
    bank = make_party(people.company, kind="bank", name="Banco del Oeste")
    make(people, range(1, 2), party=bank)
    make(people, range(2, 3), party=make_party(people.company, name="Dos"))
    address = "/comprobantes/sales_invoice/terceros/"
    assert f'data-search-url="{address}"' in beto.get("/comprobantes/sales_invoice/").content.decode()
    [found] = beto.get(address, {"q": "oeste"}).json()["results"]
    assert found["note"].startswith("Banco")
    assert numbers_of(beto, party=found["id"]) == [1]
    assert beto.get("/comprobantes/payment_order/terceros/", {"q": "oeste"}).status_code == 403


def test_it_filters_by_what_arca_said(people: Cast, ana: Client) -> None:
    today = today_in(people.company)
    party = make_party(people.company)
    make_voucher(people.company, party, number=1, cae_due_on=today + timedelta(days=3))
    make_voucher(people.company, party, number=2, cae="")
    make_voucher(people.company, party, number=3, cae_due_on=today - timedelta(days=1))
    refused = make_voucher(people.company, party, number=4, cae="")
    vouchers.authorize(
        voucher=refused, result=Authorization.REJECTED, cae="", cae_due_on=None, observations=(), actor="test"
    )
    assert numbers_of(ana, cae="with") == [3, 1]
    assert numbers_of(ana, cae="no_cae") == [2]
    assert numbers_of(ana, cae="refused") == [4]
    assert numbers_of(ana, cae="expiring") == [1]
    assert numbers_of(ana, cae="expired") == [3]


# counts and sums


def test_counts_and_sums_are_exact_up_to_a_limit_and_then_on_request(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LIMIT", 3)
    make(people, range(1, 4), total=Decimal("100.10"))
    page = ana.get(GRID).content.decode()
    assert "3 comprobantes" in page
    assert "$ 300,30" in page
    assert "Contar y sumar" not in page
    make(people, range(4, 5), party=Voucher.objects.all()[0].party, total=Decimal("100.10"))
    page = ana.get(GRID).content.decode()
    assert "más de 3 comprobantes" in page
    assert "$ 400,40" not in page
    assert f'href="{GRID}?count=1"' in page
    counted = ana.get(GRID, {"count": "1"}).content.decode()
    assert "4 comprobantes" in counted
    assert "$ 400,40" in counted


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"state": "none"}, "más de 3"),
        # of them: four in November, and those alone are counted
        ({"state": "none", "since": "2026-11-01", "until": "2026-11-30"}, "más de 3"),
        ({"state": "none", "since": "2026-12-01"}, "2"),
        ({"state": "none", "until": "2026-10-31"}, "0"),
        ({"state": "none", "period": "this_month"}, "más de 3"),
        ({"state": "sent"}, "0"),
        ({"state": "none", "q": "Factura"}, "más de 3"),
        ({"state": "none", "number": "4"}, "1"),
        ({"state": "none", "voided": "only"}, "1"),
    ],
)
def test_what_is_in_a_state_is_counted_alike_with_other_filters_and_without(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str], told: str
) -> None:
    monkeypatch.setattr(counting, "LIMIT", 3)
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 11, 27))
    rows = make(people, range(1, 5), issued_on=date(2026, 11, 20))
    make(people, range(5, 7), party=rows[0].party, issued_on=date(2026, 12, 2))
    vouchers.void(voucher=rows[3], actor="test")
    # neither another kind nor another company
    make(people, range(7, 12), party=rows[0].party, kind=VoucherKind.QUOTE, arca_type=None)
    make_voucher(people.other_company, make_party(people.other_company), number=12)
    assert ana.get(GRID, asked).context["grid"].count.text == told


def test_that_many_are_in_a_state_is_known_without_reading_them(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "LIMIT", 3)
    make(people, range(1, 6))

    def counted(*_: object, **__: object) -> None:
        raise AssertionError

    with monkeypatch.context() as patched:
        patched.setattr(counting, "count", counted)
        assert ana.get(GRID, {"state": "none"}).context["grid"].count.text == "más de 3"
    assert ana.get(GRID, {"state": "none", "count": "1"}).context["grid"].count.text == "5"


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
    make(people, range(1, 2))
    assert "1 comprobante\n" in ana.get(GRID).content.decode() or "1 comprobante<" in ana.get(GRID).content.decode()
    nothing = ana.get(GRID, {"q": "xilofono"}).content.decode()
    assert "Ninguno coincide" in nothing
    assert "Todavía no hay" not in nothing
