from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from acuse.companies.models import Membership
from tests.conftest import Cast
from tests.data.cast import PASSWORD
from tests.integration.web.conftest import signed_in


def _sign_in(client: Client, email: str, password: str) -> int:
    return client.post("/ingresar/", {"username": email, "password": password}).status_code


def test_signing_in_ignores_case_and_leads_where_one_was_going(people: Cast, client: Client) -> None:
    response = client.post(
        "/ingresar/", {"username": "ANA@oeste.example", "password": PASSWORD, "next": "/comprobantes/quote/"}
    )
    assert response["Location"] == "/comprobantes/quote/"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://otro.example/", "//otro.example/", "/\\otro.example/", "javascript:alert(1)", "web:users", "x"],
)
def test_it_leads_to_no_other_site_and_to_nothing_that_is_no_page(people: Cast, client: Client, elsewhere: str) -> None:
    given = {"username": "ana@oeste.example", "password": PASSWORD, "next": elsewhere}
    assert client.post("/ingresar/", given)["Location"] == "/"


def test_a_wrong_password_says_what_to_do(people: Cast, client: Client) -> None:
    response = client.post("/ingresar/", {"username": "ana@oeste.example", "password": "otra"})
    assert "El correo y la contraseña no coinciden" in response.content.decode()


def test_too_many_tries_lock_that_address_out_whatever_its_case(people: Cast, client: Client) -> None:
    spellings = ["ana@oeste.example", "Ana@oeste.example"] * 4
    assert [_sign_in(client, spelling, "mala") for spelling in spellings][-1] == 429
    response = client.post("/ingresar/", {"username": "ana@oeste.example", "password": PASSWORD})
    assert response.status_code == 429
    assert "Esperá unos minutos" in response.content.decode()
    assert _sign_in(client, "beto@oeste.example", PASSWORD) == 302


@pytest.mark.parametrize("other", ["ana@oeſte.example", "ANA@OEſTE.EXAMPLE"])
def test_letters_that_the_database_takes_for_others_give_no_more_tries(
    people: Cast, client: Client, other: str
) -> None:
    assert [_sign_in(client, spelling, "mala") for spelling in ["ana@oeste.example", other] * 4][-1] == 429
    assert _sign_in(client, other, PASSWORD) == 429


def test_signing_out_is_a_post(people: Cast, ana: Client) -> None:
    assert ana.get("/salir/").status_code == 405
    assert ana.post("/salir/")["Location"] == "/ingresar/"
    assert ana.get("/").status_code == 302


def test_the_company_is_chosen_among_ones_own(people: Cast) -> None:
    Membership.objects.create(user=people.ana, company=people.other_company)
    ana, beto = signed_in(people.ana), signed_in(people.beto)
    assert ana.post(reverse("web:choose_company"), {"company": people.other_company.pk}).status_code == 302
    assert 'class="company">Carla Díaz<' in ana.get("/").content.decode()
    for wrong in (people.other_company.pk, "nada"):
        assert beto.post(reverse("web:choose_company"), {"company": wrong}).status_code == 404
    assert 'class="company">Ferretería Oeste SA<' in beto.get("/").content.decode()
