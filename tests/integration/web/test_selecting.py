"""What is chosen in a grid: ticks, all that match, the moment in which it was looked at, and the company it is of."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.http import Http404, QueryDict
from django.test import Client

from acuse.companies.models import Company
from acuse.companies.scope import actor_of_user
from acuse.deliveries.batches import services as batches
from acuse.deliveries.models import Batch, Delivery
from acuse.directory.models import CustomerClass, Party
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.grids import selecting
from acuse.web.grids.selecting import Chosen
from acuse.web.vouchers import sending
from acuse.web.vouchers.filters import VoucherFilter
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask
from tests.integration.web.grid_steps import GRID, make

KIND = VoucherKind.SALES_INVOICE
SEND = f"{GRID}enviar/"
CANCEL = "/envios/varios/cancelar/"
CLASS = "/tablas/clientes/clase/"


def _read(query: str) -> Chosen:
    return Chosen.read(QueryDict(query), VoucherFilter.base_filters)


def _selected(people: Cast, query: str, **who: Any) -> set[int]:
    actor = actor_of_user(who.get("user", people.ana), who.get("company", people.company))
    assert actor is not None
    numbers = sending._vouchers(actor, KIND, _read(query)).values_list("number", flat=True)
    return {number for number in numbers if number is not None}


def test_a_selection_is_ids_or_the_filter_and_the_moment(people: Cast) -> None:
    rows = make(people, range(1, 6))
    first, fourth = rows[0].pk, rows[3].pk
    assert _selected(people, f"id={first}&id={fourth}&id={first}") == {1, 4}
    assert _selected(people, f"id={first}&ids={fourth},{first}") == {1, 4}, "some of them on other pages"
    assert _selected(people, "") == set()
    assert _selected(people, "all=1") == {1, 2, 3, 4, 5}
    assert _selected(people, f"all=1&ids={first}") == {1, 2, 3, 4, 5}
    assert _selected(people, "all=1&number=3&page=x&sort=total") == {3}
    assert _selected(people, "all=1&filtros=number%3D3&number=4") == {3}
    moment = rows[2].created_at.isoformat().replace("+", "%2B")
    assert _selected(people, f"all=1&as_of={moment}") == {1, 2, 3}
    assert _selected(people, "all=1&since=ayer") == set(), "not understood chooses nothing, never everything"


@pytest.mark.parametrize("query", ["id=x", "ids=x", "as_of=ayer", "all=1&as_of=2026-11-01T00:00:00"])
def test_what_no_grid_sends_is_a_page_that_does_not_exist(query: str) -> None:
    with pytest.raises(Http404):
        _read(query)


def test_so_many_are_not_ticked_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selecting, "MOST_TICKED", 2)
    assert len(_read(f"ids={uuid4()},{uuid4()}").ids) == 2
    with pytest.raises(Http404):
        _read(f"ids={uuid4()},{uuid4()},{uuid4()}")


def test_nobody_selects_what_another_company_has(people: Cast) -> None:
    rows = make(people, range(1, 3))
    theirs = {"user": people.carla, "company": people.other_company}
    assert _selected(people, f"id={rows[0].pk}", **theirs) == set()
    assert _selected(people, "all=1", **theirs) == set()


def _hidden(client: Client, url: str, **given: str) -> dict[str, str]:
    """What the grid's form sends beside what is ticked."""
    page = client.get(url, given).content.decode()
    form = page[page.index('<form id="selection"') :]
    return {name: re.findall(f'name="{name}" value="([^"]*)"', form)[0] for name in ("company", "as_of", "filtros")}


def test_what_came_after_the_grid_was_drawn_is_not_in_all_that_match(people: Cast, ana: Client) -> None:
    make(people, range(1, 4))
    form = _hidden(ana, GRID, number="3")
    make(people, range(103, 104))
    Voucher.objects.filter(number=103).update(number=3, point_of_sale=9)
    ana.post(SEND, {**form, "all": "1"})
    assert Batch.objects.get().total == 1
    form = _hidden(ana, "/tablas/clientes/")
    late = make_party(people.company, name="Llegó después")
    wholesale = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    ana.post(CLASS, {**form, "all": "1", "customer_class": str(wholesale.pk)})
    late.refresh_from_db()
    assert (late.customer_class, wholesale.parties.count()) == (None, Party.objects.count() - 1)


@pytest.mark.parametrize("drawn_for", ["", "another"])
@pytest.mark.parametrize(
    ("url", "grid", "given"),
    [
        (SEND, GRID, {}),
        (CANCEL, "/envios/", {}),
        (CANCEL, "/envios/", {"preguntar": "1"}),
        (CLASS, "/tablas/clientes/", {"customer_class": ""}),
    ],
)
def test_a_page_that_was_drawn_for_another_company_chooses_nothing_in_this_one(
    people: Cast, ana: Client, drawn_for: str, url: str, grid: str, given: dict[str, str]
) -> None:
    _one_in_the_queue(people.company)
    company = str(people.other_company.pk) if drawn_for else ""
    answer = ana.post(url, {**given, "all": "1", "filtros": "", "company": company}, follow=True)
    assert answer.redirect_chain == [(grid, 302)]
    assert (
        "Esa página era de otra empresa y no se hizo nada. Ahora estás en Ferretería Oeste SA"
        in answer.content.decode()
    )
    assert not Batch.objects.exists()
    assert Delivery.objects.get().state == "queued"
    assert Party.objects.get().customer_class is not None
    ours = {**given, "all": "1", "filtros": "", "company": str(people.company.pk)}
    assert "otra empresa" not in ana.post(url, ours, follow=True).content.decode()


def _one_in_the_queue(company: Company) -> None:
    make_whatsapp(company)
    party = make_party(company, customer_class=CustomerClass.objects.create(company=company, name="Mayoristas"))
    make_contact(party)
    ask([make_voucher(company, party)])


def test_ticks_of_another_companys_page_are_told_too(people: Cast, ana: Client) -> None:
    (voucher,) = make(people, range(1, 2))
    given = {"id": str(voucher.pk), "company": str(people.other_company.pk)}
    assert "era de otra empresa" in ana.post(SEND, given, follow=True).content.decode()
    assert not Batch.objects.exists()


@pytest.mark.parametrize("query", ["all=1", "all=1&number=2", "id"])
def test_looking_at_an_address_writes_nothing_and_its_button_goes_on(people: Cast, ana: Client, query: str) -> None:
    rows = make(people, range(1, 4))
    url = f"{SEND}?{query}" if query != "id" else f"{SEND}?id={rows[1].pk}&id={rows[0].pk}"
    assert ana.head(url).status_code == 200
    page = ana.get(url).content.decode()
    assert not Batch.objects.exists()
    form = page[page.index('<form class="form-page"') :]
    assert f'action="{SEND}"' in form
    given = QueryDict(mutable=True)
    for name, value in re.findall('name="([a-z_]+)" value="([^"]*)"', form):
        given.appendlist(name, value)
    assert ana.post(SEND, dict(given.lists()), follow=True).status_code == 200
    assert Batch.objects.get().total == {"all=1": 3, "all=1&number=2": 1, "id": 2}[query]


def test_the_head_of_a_drafts_page_works_nothing_out_anew(people: Cast, ana: Client) -> None:
    (voucher,) = make(people, range(1, 2))
    ana.post(SEND, {"id": str(voucher.pk)})
    before = Batch.objects.get()
    make_whatsapp(people.company)
    make_contact(voucher.party)
    assert ana.head(f"/envios/tandas/{before.pk}/").status_code == 200
    assert Batch.objects.get().previewed == before.previewed


def test_drafts_of_one_person_make_room_for_the_next(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST_DRAFTS", 2)
    (voucher,) = make(people, range(1, 2))
    of_beto = batches.open_batch(
        company=people.company, kind=KIND, vouchers=Voucher.objects.all(), actor="user:beto@oeste.example"
    )
    confirmed = batches.open_batch(
        company=people.company, kind=KIND, vouchers=Voucher.objects.all(), actor="user:ana@oeste.example"
    )
    Batch.objects.filter(pk=confirmed.pk).update(state=Batch.State.DONE)
    for _ in range(4):
        ana.post(SEND, {"id": str(voucher.pk)})
    drafts = Batch.objects.filter(requested_by="user:ana@oeste.example", state=Batch.State.READY)
    assert drafts.count() == 2
    assert Batch.objects.filter(pk__in=[of_beto.pk, confirmed.pk]).count() == 2


def test_the_menu_of_a_row_sends_that_row_alone(people: Cast, ana: Client) -> None:
    (voucher,) = make(people, range(1, 2))
    page = ana.get(GRID).content.decode()
    assert f'<button class="menu-line" form="send-one" name="id" value="{voucher.pk}">Enviar comprobante' in page
    assert page.index('<form id="send-one"') < page.index('<form id="selection"'), "no form within another"
