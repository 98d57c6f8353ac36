"""Asistente de WhatsApp: the frame that its steps stand in."""

from __future__ import annotations

import pytest
from django.test import Client

from acuse.companies.models import RoleGrant
from acuse.companies.permissions.pages import Page
from tests.conftest import Cast

URL = "/administracion/whatsapp/"
STEPS = [
    "que-necesitas/", "credenciales/", "numero/", "perfil/", "avisos/", "plantilla/", "pago-y-verificacion/", "prueba/",
]  # fmt: skip


def text_of(client: Client, path: str) -> str:
    answer = client.get(URL + path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def test_an_empty_company_is_led_to_the_first_step(ana: Client) -> None:
    answer = ana.get(URL)
    assert (answer.status_code, answer["Location"]) == (302, f"{URL}que-necesitas/")


@pytest.mark.parametrize("path", STEPS)
def test_each_step_says_where_one_is_and_lists_all(ana: Client, path: str) -> None:
    page = text_of(ana, path)
    assert f'href="{URL}{path}" aria-current="step"' in page
    assert f"Paso {STEPS.index(path) + 1} de 8" in page
    assert all(f'href="{URL}{other}"' in page for other in STEPS)


def test_htmx_gets_the_inside_of_the_shell_and_its_address(ana: Client) -> None:
    answer = ana.get(f"{URL}credenciales/", headers={"HX-Request": "true", "HX-Target": "contenido"})
    page = answer.content.decode()
    assert "<html" not in page
    assert "Paso 2 de 8" in page
    assert answer["HX-Push-Url"] == f"{URL}credenciales/"


@pytest.mark.parametrize("path", ["", *STEPS])
def test_who_may_not_see_the_parameters_sees_no_step(people: Cast, beto: Client, path: str) -> None:
    RoleGrant.objects.filter(page=Page.PARAMETERS).delete()
    assert beto.get(URL + path).status_code == 403


def test_who_may_only_look_is_told_so(beto: Client) -> None:
    assert "sin poder cambiarlo" in text_of(beto, "que-necesitas/")
