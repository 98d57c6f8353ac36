from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from acuse.companies import services
from acuse.companies.models import Invitation, Membership, Role, User
from acuse.kernel import clock
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


def test_it_does_not_lead_to_another_site(people: Cast, client: Client) -> None:
    given = {"username": "ana@oeste.example", "password": PASSWORD, "next": "https://otro.example/"}
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


@pytest.fixture
def token(people: Cast) -> str:
    role = Role.objects.get(company=people.company, name="Consulta")
    user = services.add_member(company=people.company, email="dora@oeste.example", role=role, actor="test")
    made = services.invite(user=user, company=people.company, actor="test")
    assert made is not None
    return made


def _accept(client: Client, token: str, password: str, repeated: str | None = None) -> object:
    given = {"password": password, "repeated": password if repeated is None else repeated}
    return client.post(f"/invitacion/{token}/", given)


def test_an_invitation_sets_the_password_and_signs_in(token: str, client: Client) -> None:
    page = client.get(f"/invitacion/{token}/").content.decode()
    assert "Al menos 10 caracteres" in page
    assert "dora@oeste.example" in page
    assert _accept(client, token, PASSWORD).status_code == 302  # type: ignore[attr-defined]
    assert client.get("/").status_code == 200
    assert User.objects.get(email="dora@oeste.example").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("password", "repeated", "words"),
    [(PASSWORD, "otra cosa", "no son iguales"), ("corta", "corta", "corta"), ("8435127709", "8435127709", "dígitos")],
)
def test_a_poor_password_is_refused_beside_its_field(
    token: str, client: Client, password: str, repeated: str, words: str
) -> None:
    response = _accept(client, token, password, repeated)
    assert response.status_code == 200  # type: ignore[attr-defined]
    assert words in response.content.decode()  # type: ignore[attr-defined]
    assert not User.objects.get(email="dora@oeste.example").has_usable_password()


@pytest.mark.parametrize("how", ["unknown", "used", "expired"])
def test_an_invitation_that_is_not_open_says_what_to_do(token: str, client: Client, how: str) -> None:
    if how == "used":
        _accept(Client(), token, PASSWORD)
    if how == "expired":
        Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    path = "/invitacion/nada/" if how == "unknown" else f"/invitacion/{token}/"
    for response in (client.get(path), client.post(path, {"password": "otra-clave-9x", "repeated": "otra-clave-9x"})):
        assert response.status_code == 410
        assert "te invite de nuevo" in response.content.decode()


def test_the_token_of_an_invitation_leaves_with_no_referrer(token: str, client: Client) -> None:
    response = client.get(f"/invitacion/{token}/")
    assert response["Referrer-Policy"] == "strict-origin"
    assert "no-store" in response["Cache-Control"]


def test_the_company_is_chosen_among_ones_own(people: Cast) -> None:
    Membership.objects.create(user=people.ana, company=people.other_company)
    ana, beto = signed_in(people.ana), signed_in(people.beto)
    assert ana.post(reverse("web:choose_company"), {"company": people.other_company.pk}).status_code == 302
    assert 'class="company">Carla Díaz<' in ana.get("/").content.decode()
    for wrong in (people.other_company.pk, "nada"):
        assert beto.post(reverse("web:choose_company"), {"company": wrong}).status_code == 404
    assert 'class="company">Ferretería Oeste SA<' in beto.get("/").content.decode()
