"""Mi cuenta: name, formats, colours. And forms whose session ended."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.template import engines
from django.test import Client

from acuse.companies.models import AuditEntry, User
from acuse.web import formats
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher

GIVEN = {"name": "Ana María", "formats": "es-ar", "theme": "auto"}


def _again(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_the_name_is_changed_and_noted(people: Cast, ana: Client) -> None:
    assert ana.post("/mi-cuenta/", GIVEN)["Location"] == "/mi-cuenta/"
    assert "Ana María" in ana.get("/").content.decode()
    assert AuditEntry.objects.filter(event="account.renamed", company=people.company).count() == 1
    ana.post("/mi-cuenta/", {**GIVEN, "theme": "dark"})
    assert AuditEntry.objects.filter(event="account.renamed").count() == 1


def test_what_there_is_not_cannot_be_chosen(people: Cast, ana: Client) -> None:
    assert ana.post("/mi-cuenta/", {**GIVEN, "formats": "de-de"}).status_code == 422
    assert ana.post("/mi-cuenta/colores/", {"theme": "rosa"}).status_code == 400
    assert _again(people.ana).formats == User.Formats.ARGENTINA
    assert _again(people.ana).theme == User.Theme.AUTO


def test_an_amount_and_a_date_are_read_as_one_chose(people: Cast, ana: Client, beto: Client) -> None:
    make_voucher(people.company, make_party(people.company), total=Decimal("1234567.8"), issued_on=date(2026, 11, 20))
    ana.post("/mi-cuenta/", {**GIVEN, "formats": "en-us"})
    mine, betos = (client.get("/comprobantes/sales_invoice/").content.decode() for client in (ana, beto))
    for page, total, day in ((mine, "1,234,567.80", "11/20/2026"), (betos, "1.234.567,80", "20/11/2026")):
        assert total in page
        assert day in page


@pytest.mark.parametrize(
    ("source", "argentine", "english"),
    [
        ("{{ day|date:'d/m/Y' }}", "20/11/2026", "11/20/2026"),
        ("{{ day|date:'d/m' }}", "20/11", "11/20"),
        ("{{ day|date:'c' }}", "2026-11-20", "2026-11-20"),
        ("{{ number|floatformat:2 }}", "1234,50", "1234.50"),
        ("{{ count|intcomma }}", "12.345", "12,345"),
        ("{% load humanize %}{{ count|intcomma }}", "12.345", "12,345"),
    ],
)
def test_djangos_own_filters_obey(source: str, argentine: str, english: str) -> None:
    template = engines["django"].from_string(source)
    context = {"day": date(2026, 11, 20), "number": Decimal("1234.5"), "count": 12345}
    assert template.render(context) == argentine
    with formats.using(User.Formats.ENGLISH):
        assert template.render(context) == english
    assert template.render(context) == argentine


def test_the_colours_are_kept_by_the_server_and_told_in_every_page(people: Cast, ana: Client) -> None:
    assert 'data-theme="auto"' in ana.get("/").content.decode()
    response = ana.post("/mi-cuenta/colores/", {"theme": "dark", "next": "/envios/"})
    assert response["Location"] == "/envios/"
    page = ana.get("/").content.decode()
    assert 'data-theme="dark" data-bs-theme="dark"' in page
    assert 'value="dark" data-theme-choice aria-pressed="true"' in page
    assert ana.post("/mi-cuenta/colores/", {"theme": "light"}, headers={"HX-Request": "true"}).status_code == 204
    assert _again(people.ana).theme == User.Theme.LIGHT


def test_the_colours_lead_to_no_other_site(people: Cast, ana: Client) -> None:
    response = ana.post("/mi-cuenta/colores/", {"theme": "dark", "next": "https://otro.example/"})
    assert response["Location"] == "/"


def test_a_stale_form_leads_back_to_its_page(people: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    for referer, back in (
        ("http://testserver/mi-cuenta/?a=1#x", "/mi-cuenta/?a=1"),
        ("https://otro.example/mi-cuenta/", "/"),
        ("", "/"),
    ):
        response = client.post("/mi-cuenta/", GIVEN, headers={"Referer": referer})
        assert response.status_code == 403
        assert f'href="{back}">Volver a la página' in response.content.decode()


def test_a_sign_in_page_leads_on_once_one_is_inside(people: Cast, ana: Client) -> None:
    assert ana.get("/ingresar/?next=/envios/")["Location"] == "/envios/"
    assert ana.get("/ingresar/?next=/ingresar/")["Location"] == "/"
    assert ana.get("/ingresar/?next=//otro.example/")["Location"] == "/"
