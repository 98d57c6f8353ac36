"""What the link of an invitation opens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from acuse.companies.membership import invitations
from acuse.companies.models import Invitation, Membership, Role, User
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import PASSWORD
from tests.data.offices import acting_as

ADDRESS = "dora@sur.example"


def _invite(people: Cast, email: str = ADDRESS) -> str:
    role = Role.objects.get(company=people.company, name="Ventas")
    return invitations.invite(by=acting_as(people.ana, people.company), email=email, roles=[role]).token


@pytest.fixture
def token(people: Cast) -> str:
    return _invite(people)


def _accept(client: Client, token: str, password: str = PASSWORD, repeated: str | None = None) -> Any:
    given = {"name": "Dora Paz", "password": password, "repeated": password if repeated is None else repeated}
    return client.post(f"/invitacion/{token}/", given)


def test_a_new_person_sets_name_and_password_and_is_inside(token: str, client: Client) -> None:
    page = client.get(f"/invitacion/{token}/").content.decode()
    assert "Te invitaron a Ferretería Oeste SA" in page
    assert "Al menos 10 caracteres" in page
    assert ADDRESS in page
    assert _accept(client, token)["Location"] == "/"
    assert "Ya estás en Ferretería Oeste SA." in client.get("/").content.decode()
    user = User.objects.get(email=ADDRESS)
    assert (user.name, user.check_password(PASSWORD)) == ("Dora Paz", True)


@pytest.mark.parametrize(
    ("password", "repeated", "words"),
    [(PASSWORD, "otra cosa", "no son iguales"), ("corta", "corta", "corta"), ("8435127709", "8435127709", "dígitos")],
)
def test_a_poor_password_is_refused_beside_its_field(
    token: str, client: Client, password: str, repeated: str, words: str
) -> None:
    response = _accept(client, token, password, repeated)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not User.objects.filter(email=ADDRESS).exists()


@pytest.mark.parametrize("how", ["unknown", "used", "expired", "cancelled"])
def test_an_invitation_that_is_not_open_says_what_to_do(token: str, client: Client, how: str) -> None:
    if how == "used":
        _accept(Client(), token)
    if how == "expired":
        Invitation.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    if how == "cancelled":
        Invitation.objects.update(cancelled_at=clock.now())
    path = "/invitacion/nada/" if how == "unknown" else f"/invitacion/{token}/"
    for response in (client.get(path), client.post(path, {"password": "otra-clave-9x", "repeated": "otra-clave-9x"})):
        assert response.status_code == 410
        assert "te invite de nuevo" in response.content.decode()


def test_the_token_of_an_invitation_leaves_with_no_referrer(token: str, client: Client) -> None:
    response = client.get(f"/invitacion/{token}/")
    assert response["Referrer-Policy"] == "strict-origin"
    assert "no-store" in response["Cache-Control"]


def test_the_page_does_not_tell_who_has_an_account(people: Cast, client: Client) -> None:
    one, two = _invite(people), _invite(people, people.carla.email)
    pages = [client.get(f"/invitacion/{token}/").content.decode() for token in (one, two)]
    assert pages[0].replace(ADDRESS, people.carla.email).split("csrf")[0] == pages[1].split("csrf")[0]
    assert all("Ya tengo cuenta en Acuse" in page for page in pages)


def test_who_has_an_account_is_led_to_sign_in_and_nothing_is_set(people: Cast, client: Client) -> None:
    token = _invite(people, people.carla.email)
    response = _accept(client, token, "otra-clave-9x")
    assert response.status_code == 409
    assert "ya tiene una cuenta en Acuse" in response.content.decode()
    people.carla.refresh_from_db()
    assert people.carla.check_password(PASSWORD)


def test_signing_in_leads_back_to_the_invitation_and_the_token_is_in_no_other_address(
    people: Cast, client: Client
) -> None:
    token = _invite(people, people.carla.email)
    away = client.post(f"/invitacion/{token}/", {"sign_in": "1"})["Location"]
    assert away == "/ingresar/?next=%2Finvitacion%2F"
    given = {"username": people.carla.email, "password": PASSWORD, "next": "/invitacion/"}
    assert client.post("/ingresar/", given)["Location"] == "/invitacion/"
    assert client.get("/invitacion/")["Location"] == f"/invitacion/{token}/"
    page = client.get(f"/invitacion/{token}/").content.decode()
    assert "Te invitaron a Ferretería Oeste SA" in page
    assert not Membership.objects.filter(user=people.carla, company=people.company).exists()
    assert client.post(f"/invitacion/{token}/")["Location"] == "/"
    assert Membership.objects.filter(user=people.carla, company=people.company, is_active=True).exists()


def test_who_refuses_is_told_so(people: Cast, carla: Client) -> None:
    token = _invite(people, people.carla.email)
    assert "No aceptaste la invitación" in carla.post(f"/invitacion/{token}/", {"refuse": "1"}).content.decode()
    assert not Membership.objects.filter(user=people.carla, company=people.company).exists()
    assert carla.get(f"/invitacion/{token}/").status_code == 410


def test_another_address_is_told_so_and_changes_nothing(token: str, carla: Client) -> None:
    for response in (carla.get(f"/invitacion/{token}/"), carla.post(f"/invitacion/{token}/")):
        assert response.status_code == 409
        assert "La invitación es para otra dirección" in response.content.decode()
    assert invitations.find_open(token) is not None


def test_without_an_invitation_at_hand_there_is_nothing_to_answer(db: None, client: Client) -> None:
    assert client.get("/invitacion/").status_code == 410


def test_an_invitation_by_who_left_says_so_and_asks_for_another(people: Cast, token: str, client: Client) -> None:
    Membership.objects.filter(user=people.ana).update(is_active=False)
    for response in (client.get(f"/invitacion/{token}/"), _accept(client, token)):
        assert response.status_code == 410
        page = response.content.decode()
        assert "ya no puede dar ese acceso" in page
        assert "Pedile una invitación nueva" in page
    assert not User.objects.filter(email=ADDRESS).exists()
