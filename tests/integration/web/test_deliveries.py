from __future__ import annotations

import re

import pytest
from django.test import Client

from acuse.companies.models import RoleGrant
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.states import EventKind, State
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


def test_it_lists_and_filters_by_state_and_channel(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.FAILED)
    everything = ana.get("/envios/").content.decode()
    assert all(row.voucher.title in everything for row in rows)
    failed = ana.get("/envios/", {"state": "failed"}).content.decode()
    assert rows[0].voucher.title in failed
    assert rows[1].voucher.title not in failed
    assert "Ninguno coincide" in ana.get("/envios/", {"channel": "email"}).content.decode()


def test_the_numbers_of_the_home_page_are_those_of_their_lists(ana: Client, rows: list[Delivery]) -> None:
    put(rows[0], State.FAILED)
    put(rows[1], State.UNCERTAIN)
    ana.post(f"/envios/{rows[0].pk}/reenviar/")
    home = ana.get("/")
    figures = [*home.context["waiting"], *home.context["on_their_way"]]
    counts = {figure.look.word: figure.count for figure in figures}
    assert counts["No se entregó"] == 0, "what was asked again waits for nobody"
    assert counts["En cola"] == 2
    for figure in figures:
        if "state=" in figure.url:
            assert ana.get(figure.url).context["table"].paginator.count == figure.count, figure.look.word


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


def test_deliveries_of_a_kind_that_one_may_not_see_have_no_link(beto: Client, rows: list[Delivery]) -> None:
    RoleGrant.objects.filter(page="sales_invoice").delete()
    page = beto.get("/envios/").content.decode()
    assert rows[0].voucher.title in page
    assert "/comprobantes/sales_invoice/" not in page


def test_every_state_and_every_event_has_its_words(rows: list[Delivery]) -> None:
    assert set(LOOKS) == set(State)
    for kind in EventKind:
        event = rows[0].events.model(delivery=rows[0], at=rows[0].created_at, kind=kind, detail={})
        assert moment_of(event, rows[0]).text.endswith(".")
