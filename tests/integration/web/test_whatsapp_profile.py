"""Asistente de WhatsApp, step 4: the profile of a number, against the simulator over real HTTP."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from acuse.channels.whatsapp.onboarding import profile
from acuse.companies.models import AuditEntry
from acuse.companies.permissions.pages import Action, Page
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.web.whatsapp_steps import BASE, NUMBER, connect, further_number, grant, trouble, words

URL, SAVE = f"{BASE}perfil/", f"{BASE}perfil/guardar/"
GIVEN: dict[str, Any] = {
    "numero": NUMBER, "about": "Comprobantes de Oeste", "description": "Ferretería", "vertical": "RETAIL",
    "address": "San Martín 100, Rosario", "email": "hola@oeste.example",
    "websites": "https://oeste.example/\nhttps://tienda.oeste.example/",
}  # fmt: skip


def picture(size: tuple[int, int] = (900, 300)) -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.new("RGB", size, "red").save(written, "PNG")
    return SimpleUploadedFile("foto.png", written.getvalue(), content_type="image/png")


def test_without_a_number_it_says_where_to_choose_one(people: Cast, ana: Client) -> None:
    assert "Todavía no elegiste un número" in words(ana.get(URL))


def test_what_is_written_is_in_meta_and_is_read_back(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    answer = ana.post(SAVE, GIVEN | {"picture": picture()}, follow=True)
    assert "El perfil está guardado en Meta" in words(answer)
    kept = meta.get("/control/state")["numbers"][0]["profile"]
    assert (kept["about"], kept["websites"]) == (GIVEN["about"], GIVEN["websites"].split())
    assert kept["profile_picture_url"].startswith("https://")
    page = answer.content.decode()
    assert 'value="Comprobantes de Oeste"' in page
    assert kept["profile_picture_url"] in page
    assert AuditEntry.objects.get(event="whatsapp.profile_saved").actor == "user:ana@oeste.example"
    again = ana.post(SAVE, GIVEN, follow=True)
    assert "guardado en Meta" in words(again)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"about": "x" * 140}, "acepta hasta 139"),
        ({"description": "x" * 513}, "acepta hasta 512"),
        ({"email": "sin arroba"}, "no es una dirección de correo"),
        ({"websites": "oeste.example"}, "no es una dirección web"),
        ({"websites": "https://a.example https://b.example https://c.example"}, "hasta dos"),
        ({"vertical": "NADA"}, "Rubro"),
        ({"picture": SimpleUploadedFile("foto.png", b"hola")}, "no es una imagen"),
        ({"picture": SimpleUploadedFile("foto.png", b"")}, "está vacío"),
        ({"picture": SimpleUploadedFile("foto.png", b"\x89PNG" + b"0" * profile.MAX_PICTURE)}, "más de 5 MB"),
    ],
)
def test_what_meta_would_refuse_is_told_and_what_was_typed_stays(
    people: Cast, ana: Client, meta: SimulatorProcess, given: dict[str, Any], said: str
) -> None:
    connect(people.company)
    answer = ana.post(SAVE, GIVEN | given)
    assert said in words(answer)
    assert "San Martín 100, Rosario" in answer.content.decode()
    assert meta.get("/control/state")["numbers"][0]["profile"] == {}
    assert not AuditEntry.objects.filter(event="whatsapp.profile_saved").exists()


@pytest.mark.parametrize("fault", ["json_500", "html_500", "cut", "half", "rate_limited"])
def test_trouble_at_meta_keeps_what_was_typed_and_offers_to_try_again(
    people: Cast, ana: Client, meta: SimulatorProcess, fault: str
) -> None:
    connect(people.company)
    meta.control("fault", kind=fault, where="whatsapp_business_profile")
    answer = ana.post(SAVE, GIVEN)
    assert "Probar de nuevo" in trouble(answer)
    assert 'form="profile-form"' in answer.content.decode()
    assert "Comprobantes de Oeste" in answer.content.decode()
    assert "guardado en Meta" in words(ana.post(SAVE, GIVEN, follow=True))


def test_a_profile_that_cannot_be_read_is_not_offered_blank(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    """Saving blanks would erase it."""
    connect(people.company)
    meta.control("fault", kind="html_500", where="whatsapp_business_profile")
    answer = ana.get(URL)
    assert "Probar de nuevo" in trouble(answer)
    assert "Guardar en Meta" not in words(answer)
    assert "Probar de nuevo" in trouble(ana.get(URL)), "told again, without another call"
    assert "Guardar en Meta" in words(ana.post(f"{URL}leer/", {"numero": NUMBER}, follow=True))


def test_with_several_numbers_one_is_chosen(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    other = meta.control("numbers", display="+54 9 341 555-0100", status="CONNECTED")["id"]
    further_number(people.company, other)
    assert f'value="{NUMBER}" selected' in ana.get(URL).content.decode()
    ana.post(SAVE, GIVEN | {"numero": other, "about": "El de compras"})
    assert "El de compras" in ana.get(f"{URL}?numero={other}").content.decode()
    assert "El de compras" not in ana.get(URL).content.decode()


def test_a_stranger_reads_and_writes_no_profile_of_others(people: Cast, carla: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    assert carla.get(f"{URL}?numero={NUMBER}").status_code == 404
    assert carla.post(SAVE, GIVEN).status_code == 404
    assert meta.get("/control/state")["numbers"][0]["profile"] == {}


def test_who_only_sees_reads_it_and_who_may_not_gets_nothing(
    people: Cast, beto: Client, meta: SimulatorProcess
) -> None:
    connect(people.company)
    grant(people.company, (Page.PARAMETERS, Action.VIEW))
    page = words(beto.get(URL))
    assert "Lo ves sin poder cambiarlo" in page
    assert "Guardar en Meta" not in page
    assert beto.post(SAVE, GIVEN).status_code == 403
    grant(people.company)
    assert beto.get(URL).status_code == 403
    assert beto.post(SAVE, GIVEN).status_code == 403
