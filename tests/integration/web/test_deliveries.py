from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import RoleGrant
from acuse.companies.permissions.pages import Page
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.states import EventKind, State
from acuse.vouchers.kinds import VoucherKind
from acuse.web.deliveries.bulk import ACTS
from acuse.web.deliveries.timeline import moment_of
from acuse.web.states import LOOKS
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put, suspend


@pytest.fixture
def rows(people: Cast) -> list[Delivery]:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return ask([make_voucher(people.company, party, number=n) for n in (1, 2, 3)])


def titles(page: object) -> set[str]:
    return {row.voucher.title for row in page.context["grid"].rows}  # type: ignore[attr-defined]


def test_those_of_a_cause_are_sorted_by_state_too(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    asked = ask([make_voucher(people.company, party, number=n) for n in range(1, 71)])
    for place, row in enumerate(asked):
        put(row, State.UNCERTAIN if place % 2 else State.FAILED)
    Delivery.objects.update(cause_code="whatsapp.131026")
    first = ana.get("/envios/?cause_code=whatsapp.131026&sort=state").context["grid"]
    second = ana.get(first.next_url).context["grid"]
    walked = [(row.state, row.created_at, row.pk) for row in [*first.rows, *second.rows]]
    assert len(first.rows) == 50
    assert len(walked) == 70
    assert walked == sorted(walked)
    back = ana.get(second.previous_url).context["grid"]
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]


def test_a_cause_that_there_is_not_is_no_reason_to_sort_everything(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.FAILED)
    for cause, gathers in (("&cause_code=whatsapp.131026", True), ("&cause_code=zzz", False), ("", False)):
        grid = ana.get(f"/envios/?sort=state{cause}").context["grid"]
        assert grid.filter.gathers("state") is gathers, cause


def test_who_sees_some_kinds_sorts_and_finds_those_alone(people: Cast, beto: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company, name="Panadería Sol")
    make_contact(party)
    for kind in (VoucherKind.QUOTE, VoucherKind.RECEIPT):
        ask([make_voucher(people.company, party, number=n, kind=kind, arca_type=None) for n in range(1, 61)])
    put(Delivery.objects.filter(kind=VoucherKind.QUOTE).latest("id"), State.FAILED)
    RoleGrant.objects.exclude(page__in=[Page.DELIVERIES, VoucherKind.QUOTE]).delete()
    for query in ("sort=state", "sort=-state", "q=panaderia", "q=panaderia&sort=state"):
        grid = beto.get(f"/envios/?{query}").context["grid"]
        rows = [*grid.rows, *beto.get(grid.next_url).context["grid"].rows]
        assert {row.kind for row in rows} == {VoucherKind.QUOTE}, query
        assert len({row.pk for row in rows}) == 60, query
    states = [row.state for row in beto.get("/envios/?sort=state").context["grid"].rows]
    assert states == sorted(states)
    assert states[0] == State.FAILED


@pytest.mark.parametrize("query", ["since=9999-12-31", "until=9999-12-31", "since=0001-01-01"])
def test_a_day_of_no_delivery_breaks_nothing(ana: Client, rows: list[Delivery], query: str) -> None:
    page = ana.get(f"/envios/?{query}")
    assert "Revisá el año." in page.content.decode()


def test_it_lists_and_filters_by_state_channel_line_kind_and_cause(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.FAILED)
    put(rows[1], State.READ)
    assert titles(ana.get("/envios/")) == {row.voucher.title for row in rows}
    one, two, three = (row.voucher.title for row in rows)
    for query, expected in (
        ({"state": "failed"}, {one}),
        ({"state": ["failed", "read"]}, {one, two}),
        ({"channel": "email"}, set()),
        ({"channel": "whatsapp"}, {one, two, three}),
        ({"lane": rows[0].lane_id}, {one, two, three}),
        ({"kind": "sales_invoice"}, {one, two, three}),
        ({"kind": "receipt"}, set()),
        ({"cause_code": "whatsapp.131026"}, {one}),
        ({"origin": "manual"}, {one, two, three}),
        ({"origin": "automatic"}, set()),
        ({"requested_by": "user:ana@oeste.example"}, {one, two, three}),
        ({"requested_by": "user:beto@oeste.example"}, set()),
        ({"waiting": "failed"}, {one}),
        ({"period": "today"}, {one, two, three}),
        ({"since": "2001-01-01", "until": "2001-12-31"}, set()),
    ):
        assert titles(ana.get("/envios/", query)) == expected, query
    assert "El número no tiene WhatsApp" in ana.get("/envios/", {"state": "failed"}).content.decode()


def test_several_states_are_one_chip_in_words(ana: Client, rows: list[Delivery]) -> None:
    chips = ana.get("/envios/", {"state": ["queued", "failed"]}).context["grid"].chips
    assert [chip.text for chip in chips] == ["En cola, No se entregó"]


@pytest.mark.parametrize("typed", ["3-2", "00003-00000002", "341 555-0199", "almacen norte", "+5493415550199"])
def test_the_search_finds_by_voucher_party_and_address(ana: Client, rows: list[Delivery], typed: str) -> None:
    assert rows[1].voucher.title in titles(ana.get("/envios/", {"q": typed}))


@pytest.mark.parametrize("typed", ["nadie de nadie", "999-999", "otro@correo.example", "341 555-0000"])
def test_the_search_finds_nothing_where_there_is_nothing(ana: Client, rows: list[Delivery], typed: str) -> None:
    assert titles(ana.get("/envios/", {"q": typed})) == set()


def test_what_was_asked_for_again_says_so_and_can_be_left_out(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.FAILED)
    ana.post(f"/envios/{rows[0].pk}/reenviar/")
    assert "ya se volvió a pedir" in ana.get("/envios/", {"state": "failed"}).content.decode()
    assert titles(ana.get("/envios/", {"state": "failed", "unresolved": "on"})) == set()


def exported(client: Client) -> str:
    answer: Any = client.get("/envios/", {"export": "csv"})
    return b"".join(answer.streaming_content).decode("utf-8-sig")


def test_it_is_exported_to_who_may(ana: Client, beto: Client, carla: Client, rows: list[Delivery]) -> None:
    table = exported(ana)
    assert table.count("\r\n") == 4
    assert "+5493415550199" in table
    assert "'+549" in table, "a phone is no formula"
    assert beto.get("/envios/", {"export": "csv"}).status_code == 403
    theirs = exported(carla)
    assert theirs.count("\r\n") == 1


def test_the_states_come_by_themselves_while_something_may_change(ana: Client, rows: list[Delivery]) -> None:
    poll = ana.get("/envios/").context["poll"]
    assert poll.every == 2
    asked = {"seen": poll.seen, "id": [str(row.pk) for row in reversed(rows)]}
    assert ana.get("/envios/estados/", asked).status_code == 204
    put(rows[1], State.READ)
    changed = ana.get("/envios/estados/", asked).content.decode()
    assert "Leído" in changed
    assert changed.count('hx-swap-oob="true"') == 3
    assert ana.get("/envios/estados/", {"id": "x"}).status_code == 404


def test_another_company_sees_none_of_it(carla: Client, rows: list[Delivery]) -> None:
    page = carla.get("/envios/")
    assert "Todavía no hay envíos" in page.content.decode()
    states = carla.get("/envios/estados/", {"id": [str(row.pk) for row in rows]}).content.decode()
    assert "En cola" not in states
    for act in ACTS:
        asked = carla.get(f"/envios/varios/{act}/", {"id": [str(row.pk) for row in rows]})
        assert "No elegiste ningún envío" in asked.content.decode()
        carla.post(f"/envios/varios/{act}/", {"id": [str(row.pk) for row in rows]})
    assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}


def test_who_may_not_see_deliveries_gets_403_everywhere(beto: Client, rows: list[Delivery]) -> None:
    RoleGrant.objects.filter(page="deliveries").delete()
    for path in ("/envios/", "/envios/estados/", "/envios/varios/cancelar/"):
        assert beto.get(path).status_code == 403, path


def test_who_may_not_send_has_nothing_to_tick_and_gets_403(beto: Client, rows: list[Delivery]) -> None:
    page = beto.get("/envios/").content.decode()
    assert "data-pick" not in page
    assert "Reenviar" not in page
    for act in ACTS:
        for answer in (
            beto.get(f"/envios/varios/{act}/", {"id": [str(rows[0].pk)]}),
            beto.post(f"/envios/varios/{act}/", {"id": [str(rows[0].pk)]}),
        ):
            assert answer.status_code == 403
            assert "«Enviar comprobante» en «Facturas de venta»" in answer.content.decode()
    assert set(Delivery.objects.values_list("state", flat=True)) == {"queued"}


@pytest.mark.parametrize(
    ("scope", "name"),
    [
        ("lane", "WhatsApp 106540352242922"),
        ("account", "La cuenta de WhatsApp"),
        ("template", "La plantilla comprobantes"),
    ],
)
def test_what_is_suspended_says_why_and_is_resumed(ana: Client, rows: list[Delivery], scope: str, name: str) -> None:
    suspension = suspend(rows[0], scope)
    page = ana.get("/envios/").content.decode()
    for words in (name, "Meta ya no acepta el token.", "Generá otro y cargalo en Parámetros.", "Reanudar"):
        assert words in page, words
    assert re.search(r">3</span> esperan en cola", page)
    done = ana.post(f"/envios/pausas/{suspension.pk}/reanudar/", follow=True).content.decode()
    assert "Se reanuda ahora." in done
    assert Suspension.objects.get().ended_by == "user:ana@oeste.example"
    assert (
        "Ya se había reanudado" in ana.post(f"/envios/pausas/{suspension.pk}/reanudar/", follow=True).content.decode()
    )


def test_deliveries_of_a_kind_that_one_may_not_see_are_not_there(beto: Client, rows: list[Delivery]) -> None:
    RoleGrant.objects.filter(page="sales_invoice").delete()
    page = beto.get("/envios/")
    assert titles(page) == set()
    assert rows[0].voucher.title not in page.content.decode()
    assert "Facturas de venta" not in [text for _, text in page.context["filter"].form.fields["kind"].choices]


def test_every_state_and_every_event_has_its_words(rows: list[Delivery]) -> None:
    assert set(LOOKS) == set(State)
    for kind in EventKind:
        event = rows[0].events.model(delivery=rows[0], at=rows[0].created_at, kind=kind, detail={})
        assert moment_of(event, rows[0]).text.endswith(".")


def test_where_nothing_was_sent_yet_one_goes_on_to_what_may_be(people: Cast, ana: Client, beto: Client) -> None:
    way = '<a class="btn btn-secondary" href="/comprobantes/{}/">Ir a {}</a>'
    for url in ("/envios/", "/envios/tandas/"):
        page = ana.get(url).content.decode()
        assert way.format("sales_invoice", "Facturas de venta") in page
        assert way.format("purchase_order", "Órdenes de compra") in page
    RoleGrant.objects.filter(role__name="Consulta").exclude(page__in=[Page.DELIVERIES, Page.QUOTE]).delete()
    page = beto.get("/envios/").content.decode()
    assert way.format("quote", "Presupuestos") in page
    assert page.count(">Ir a ") == 1, "of what the role may see"
