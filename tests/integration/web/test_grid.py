from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from acuse.companies.permissions.pages import VOUCHER_PAGES
from acuse.deliveries import planning
from acuse.deliveries.models import DeliveryPolicy
from acuse.deliveries.states import State
from acuse.directory import optout
from acuse.kernel import clock
from acuse.vouchers import services as vouchers
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put

GRID = "/comprobantes/sales_invoice/"


def _titles(client: Client, **query: Any) -> list[str]:
    response = client.get(GRID, query)
    assert response.status_code == 200
    return [row.title for row in response.context["grid"].rows]


def _invoice(number: int) -> str:
    return f"Factura A 00003-{number:08d}"


def test_the_seven_grids_are_reached_from_the_sidebar(people: Cast, ana: Client) -> None:
    home = ana.get("/").content.decode()
    for kind in VOUCHER_PAGES:
        assert f'href="/comprobantes/{kind}/"' in home
        assert "Todavía no hay" in ana.get(f"/comprobantes/{kind}/").content.decode()


def test_it_finds_by_name_without_accents_by_number_and_by_cuit(people: Cast, ana: Client) -> None:
    nino = make_party(people.company, name="Librería El Ñandú", tax_id="30000000007")
    other = make_party(people.company, name="Otra")
    make_voucher(people.company, nino, number=7)
    make_voucher(people.company, other, number=8)
    for text in ("libreria nandu", "LIBRERÍA", "30000000007", "00000007"):
        assert _titles(ana, q=text) == [_invoice(7)], text
    assert _titles(ana, q="100%") == []


def test_it_filters_by_date_and_voided(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    make_voucher(people.company, party, number=1, issued_on=date(2026, 11, 1))
    gone = make_voucher(people.company, party, number=2, issued_on=date(2026, 11, 15))
    vouchers.void(voucher=gone, actor="test")
    assert _titles(ana, since="2026-11-02") == [_invoice(2)]
    assert _titles(ana, until="2026-11-02") == [_invoice(1)]
    assert _titles(ana, voided="no") == [_invoice(1)]
    assert _titles(ana, voided="only") == [_invoice(2)]
    page = ana.get(GRID, {"since": "2026-11-02", "q": "factura"}).content.decode()
    assert 'href="/comprobantes/sales_invoice/?q=factura"' in page, "a chip takes its own filter away only"


def test_a_date_that_is_none_says_so_and_breaks_nothing(people: Cast, ana: Client) -> None:
    make_voucher(people.company, make_party(people.company))
    response = ana.get(GRID, {"since": "ayer"})
    assert response.status_code == 200
    assert "field-error" in response.content.decode()


def test_it_filters_and_sorts_by_how_far_they_got(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    rows = [make_voucher(people.company, party, number=n) for n in range(1, 5)]
    read, failed, _ = ask(rows[:3])
    put(read, State.READ)
    put(failed, State.FAILED)
    assert _titles(ana, state="read") == [_invoice(1)]
    assert _titles(ana, state="failed") == [_invoice(2)]
    assert _titles(ana, state="queued") == [_invoice(3)]
    assert _titles(ana, state="none") == [_invoice(4)]
    assert _titles(ana, sort="state") == [_invoice(4), _invoice(3), _invoice(2), _invoice(1)]
    assert _titles(ana, sort="-state") == [_invoice(1), _invoice(2), _invoice(3), _invoice(4)]


@pytest.mark.parametrize("sort", ["number", "-number", "issued_on", "-issued_on", "party", "-party", "total", "-total"])
def test_columns_sort_both_ways(people: Cast, ana: Client, sort: str) -> None:
    for number, name in ((2, "Álamo"), (10, "beta"), (1, "Zeta")):
        party = make_party(people.company, name=name)
        total, on = Decimal(number * 100), date(2026, 11, number)
        make_voucher(people.company, party, number=number, total=total, issued_on=on)
    order = [2, 10, 1] if "party" in sort else [1, 2, 10]
    expected = [_invoice(n) for n in (order[::-1] if sort.startswith("-") else order)]
    assert _titles(ana, sort=sort) == expected


def test_ready_to_send_is_what_sendability_lets_go(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    reachable, silent = make_party(people.company), make_party(people.company, name="Sin contactos")
    make_contact(reachable)
    gone = make_party(people.company, name="BAJA")
    optout.suppress([make_contact(gone, mobile="+5493415550188")], reason="BAJA", actor="t")
    made = [
        make_voucher(people.company, reachable, number=1),
        make_voucher(people.company, reachable, number=2, cae=""),
        make_voucher(people.company, reachable, number=3, content=None),
        make_voucher(people.company, silent, number=4),
        make_voucher(people.company, gone, number=5),
        vouchers.void(voucher=make_voucher(people.company, reachable, number=6), actor="test"),
    ]
    fresh = list(Voucher.objects.select_related("party", "company").filter(pk__in=[v.pk for v in made]))
    office = planning.open_office(people.company, fresh)
    by_rule = {v.pk for v in fresh if planning.plan(v, office).sendability.sendable}
    assert by_rule == {made[0].pk}
    assert _titles(ana, ready="ready") == [_invoice(1)]
    DeliveryPolicy.objects.update(enabled=False)
    assert _titles(ana, ready="ready") == []
    assert _titles(ana, cae="no_cae") == [_invoice(2)]
    assert _titles(ana, ready="no_pdf") == [_invoice(3)]


def _fill(people: Cast, count: int) -> None:
    party = make_party(people.company)
    make_contact(party)
    ask([make_voucher(people.company, party, number=n) for n in range(1, count + 1)])


@pytest.mark.parametrize("path", [GRID, "/envios/"])
def test_fifty_rows_cost_as_many_queries_as_five(people: Cast, ana: Client, path: str) -> None:
    make_whatsapp(people.company)
    _fill(people, 5)
    ana.get(path)
    with CaptureQueriesContext(
        connection,
    ) as few:
        ana.get(path)
    more = [make_voucher(people.company, Voucher.objects.all()[0].party, number=n) for n in range(100, 145)]
    ask(more)
    with CaptureQueriesContext(connection) as many:
        ana.get(path)
    assert len(many) == len(few)
    assert len(many) <= 20


def test_it_pages_by_fifty_and_keeps_the_filters(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    for number in range(1, 53):
        make_voucher(people.company, party, number=number)
    assert len(_titles(ana)) == 50
    page = ana.get(GRID, {"q": "factura"}).content.decode()
    assert re.search(r'href="/comprobantes/sales_invoice/\?q=factura&amp;page=[^"]+" rel="next"', page)
    assert len(_titles(ana, page="last")) == 50
    assert len(_titles(ana, page="999")) == 50, "a page that isn't ours is the first"


def test_the_fragment_is_the_grid_of_the_page(people: Cast, ana: Client) -> None:
    make_voucher(people.company, make_party(people.company))
    fragment = ana.get(GRID, headers={"HX-Request": "true", "HX-Target": "grid"})
    each_time = re.compile(r'name="(?:as_of|csrfmiddlewaretoken)" value="[^"]*"')
    part, page = (each_time.sub("", one.content.decode()) for one in (fragment, ana.get(GRID)))
    assert part.strip() in page
    assert "HX-Target" in fragment["Vary"]


def test_states_update_while_something_may_change_and_then_stop(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    voucher = make_voucher(people.company, party)
    [delivery] = ask([voucher])
    response = ana.get(GRID)
    seen = response.context["poll"].seen
    assert "every 2s" in response.content.decode()
    poll = {"seen": seen, "id": str(voucher.pk)}
    assert ana.get(GRID + "estados/", poll).status_code == 204
    put(delivery, State.DELIVERED)
    changed = ana.get(GRID + "estados/", poll).content.decode()
    assert "Entregado" in changed
    assert "every 2s" in changed
    put(delivery, State.READ)
    final = ana.get(GRID + "estados/", poll).content.decode()
    assert "Leído" in final
    assert "hx-get" not in final


def test_the_furthest_of_its_deliveries_shows_and_a_failed_one_is_not_hidden(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    make_contact(party, mobile="+5493415550198", name="Dueño")
    read, failed = ask([make_voucher(people.company, party)])
    put(read, State.READ)
    put(failed, State.FAILED)
    page = ana.get(GRID).content.decode()
    assert "Leído" in page
    assert "1 no se entregó" in page


def test_what_is_held_says_when_it_leaves(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    [delivery] = ask([make_voucher(people.company, party)])
    put(delivery, State.QUEUED, due_at=clock.now() + timedelta(minutes=30))
    assert "sale " in ana.get(GRID).content.decode()


def test_other_kinds_have_grids_of_their_own(people: Cast, ana: Client) -> None:
    supplier = make_party(people.company, kind="supplier", name="Proveedora SA")
    order = make_voucher(people.company, supplier, kind=VoucherKind.PAYMENT_ORDER)
    assert order.title in ana.get("/comprobantes/payment_order/").content.decode()
    assert order.title not in ana.get(GRID).content.decode()
    assert ana.get(f"{GRID}{order.pk}/").status_code == 404
