"""What is sent and isn't right comes back as 422, with the page of its form, wherever; entering alone doesn't."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import User
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher

BAD: dict[str, dict[str, str]] = {
    "/tablas/clientes/nuevo/": {"name": " "},
    "/tablas/clientes/{party}/editar/": {"name": " "},
    "/tablas/clientes/{party}/contactos/nuevo/": {"email": "x"},
    "/tablas/clases-de-cliente/nueva/": {"name": " "},
    "/comprobantes/sales_invoice/crear/": {"save": "1", "total": "no sé"},
    "/comprobantes/sales_invoice/{voucher}/editar/": {"save": "1", "total": "no sé"},
    "/comprobantes/sales_invoice/{voucher}/enviar-a/": {"channel": "paloma"},
    "/administracion/empresa/": {"legal_name": " "},
    "/administracion/parametros/correo/": {"host": "https://mal/"},
    "/administracion/configuraciones/quote/": {"channels": "whatsapp", "template": "Con Mayúsculas"},
    "/administracion/tarifas/nueva/": {"price": "-1"},
    "/seguridad/usuarios/invitar/": {"email": "x"},
    "/seguridad/roles/nuevo/": {"name": " "},
    "/seguridad/claves/nueva/": {"name": " "},
    "/instalacion/empresas/nueva/": {"legal_name": " "},
    "/mi-cuenta/": {"formats": "x"},
    "/mi-cuenta/contrasena/": {"current": "otra"},
}


@pytest.fixture
def rows(people: Cast) -> dict[str, Any]:
    User.objects.filter(pk=people.ana.pk).update(is_installation_admin=True)
    party = make_party(people.company)
    return {"party": party.pk, "voucher": make_voucher(people.company, party).pk}


@pytest.mark.parametrize("path", BAD)
def test_a_form_that_is_not_right_comes_back_as_422(ana: Client, rows: dict[str, Any], path: str) -> None:
    url = path.format_map(rows)
    assert ana.get(url).status_code in (200, 405), "a form that nobody sent is a page as any other"
    answer = ana.post(url, BAD[path])
    assert answer.status_code == 422
    assert "<h1" in answer.content.decode()


def test_inside_the_panel_and_of_the_assistant_too(ana: Client, rows: dict[str, Any]) -> None:
    url = f"/tablas/clientes/{rows['party']}/contactos/nuevo/"
    answer = ana.post(url, {"email": "x"}, headers={"HX-Request": "true", "HX-Target": "panel-body"})
    assert answer.status_code == 422
    assert "<html" not in answer.content.decode()
    page = ana.get(url).content.decode()
    assert '{"code":"[23]..|422","swap":true}' in page, "or htmx would show nothing of it"


def test_a_door_that_stays_shut_is_a_page_as_any_other(client: Client, rows: dict[str, Any]) -> None:
    assert client.post("/ingresar/", {"username": "ana@oeste.example", "password": "mal"}).status_code == 200
