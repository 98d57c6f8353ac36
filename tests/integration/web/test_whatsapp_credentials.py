"""Asistente de WhatsApp, steps 1 and 2: what is needed, and the app and the token against the simulator."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from acuse.channels import selectors
from acuse.channels.whatsapp.onboarding import clicks
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse.companies.models import AuditEntry
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast

URL = "/administracion/whatsapp/credenciales/"
APP, SECRET, TOKEN = "634974688087057", "simulator-app-secret", "simulator-token"
GIVEN = {"app_id": APP, "app_secret": SECRET, "token": TOKEN}
HTMX = {"HX-Request": "true", "HX-Target": "contenido"}


def words(answer: Any) -> str:
    body = answer.content.decode().split("<main", 1)[-1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def saved(people: Cast) -> tuple[str, str, str]:
    app, account = selectors.whatsapp_app(people.company), selectors.whatsapp_account(people.company)
    token = account.access_token.reveal() if account is not None else ""
    return (app.app_id if app else "", app.app_secret.reveal() if app else "", token)


@pytest.mark.parametrize("path", ["que-necesitas/", "credenciales/", "numero/", "avisos/"])
def test_each_step_shows_its_clicks_with_the_day_on_which_they_were_checked(ana: Client, path: str) -> None:
    page = ana.get(f"/administracion/whatsapp/{path}").content.decode()
    step = {"que-necesitas/": Step.NEEDS, "credenciales/": Step.CREDENTIALS, "numero/": Step.NUMBER,
            "avisos/": Step.WEBHOOK}[path]  # fmt: skip
    found = clicks.clicks_of(step)
    assert found
    for one in found:
        assert all(line.split(":")[0] in page for line in one.lines)
        assert f"Comprobado el {one.checked:%d/%m/%Y}" in page


def test_each_drawing_says_what_it_shows(ana: Client) -> None:
    page = ana.get("/administracion/whatsapp/que-necesitas/").content.decode()
    drawn = [one.drawing for one in clicks.clicks_of(Step.NEEDS) if one.drawing]
    assert len(drawn) == page.count('class="drawing" role="img"') == len(re.findall(r'aria-label="[^"]{60,}"', page))


def test_what_is_right_is_saved_and_no_secret_comes_back(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    answer = ana.post(URL, GIVEN)
    page = answer.content.decode()
    assert "La app y su clave secreta coinciden" in page
    assert page.count("check-ok") == 8
    assert saved(people) == (APP, SECRET, TOKEN)
    assert SECRET not in page
    assert TOKEN not in page
    again = ana.get(URL).content.decode()
    assert SECRET not in again
    assert TOKEN not in again
    assert re.findall(r"Guardad[oa] el ", again) == ["Guardada el ", "Guardado el "], "la clave, el token"
    assert "Paso 2 de 8 · <span" in again
    assert AuditEntry.objects.filter(company=people.company, event="whatsapp.changed").count() == 2


@pytest.mark.parametrize(
    ("values", "word", "mend"),
    [
        ({"app_id": "999"}, "otra app", "Generalo eligiendo la misma app"),
        ({"scopes": ["whatsapp_business_messaging"]}, "whatsapp_business_management", "tildándolo"),
        ({"scopes": ["whatsapp_business_management"]}, "whatsapp_business_messaging", "tildándolo"),
        ({"expires_at": 1700000000}, "El token venció", "Generá otro"),
        ({"valid": False}, "no vale", "Generá otro"),
    ],
)
def test_a_token_that_lacks_something_is_told_and_the_app_is_saved(
    people: Cast, ana: Client, meta: SimulatorProcess, values: dict[str, Any], word: str, mend: str
) -> None:
    meta.control("tokens", token="malo", **values)
    page = words(ana.post(URL, GIVEN | {"token": "malo"}))
    assert word in page
    assert mend in page
    # of the token alone: the secret is saved
    assert page.count("escribilo otra vez") == 1
    assert saved(people) == (APP, SECRET, "")


def test_a_persons_token_that_ends_is_saved_and_told_in_amber(
    people: Cast, ana: Client, meta: SimulatorProcess
) -> None:
    meta.control("tokens", token="persona", type="USER", expires_at=4102444800)
    page = ana.post(URL, GIVEN | {"token": "persona"}).content.decode()
    assert page.count("check-warning") == 2
    assert saved(people)[2] == "persona"


@pytest.mark.parametrize("changes", [{"app_secret": "otro-secreto"}, {"app_id": "111"}])
def test_a_wrong_secret_or_app_is_told_beside_its_field_and_nothing_is_saved(
    people: Cast, ana: Client, meta: SimulatorProcess, changes: dict[str, str]
) -> None:
    page = ana.post(URL, GIVEN | changes).content.decode()
    assert "check-error" in page
    assert "is-invalid" in page
    assert f'value="{(GIVEN | changes)["app_id"]}"' in page
    assert "otro-secreto" not in page
    assert saved(people) == ("", "", "")


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"app_id": "", "app_secret": SECRET, "token": TOKEN}, "Falta el identificador"),
        ({"app_id": "1/../me", "app_secret": SECRET, "token": TOKEN}, "no es un identificador de Meta"),
        ({"app_id": APP, "app_secret": "", "token": TOKEN}, "Falta la clave secreta"),
        ({"app_id": APP, "app_secret": SECRET, "token": ""}, "Falta el token"),
    ],
)
def test_what_is_missing_is_told(
    people: Cast, ana: Client, meta: SimulatorProcess, given: dict[str, str], word: str
) -> None:
    assert word in words(ana.post(URL, given))


def test_a_blank_secret_and_token_prove_the_saved_ones(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    ana.post(URL, GIVEN)
    before = AuditEntry.objects.count()
    page = words(ana.post(URL, {"app_id": APP, "app_secret": "", "token": ""}))
    assert "La app y el token sirven" in page
    assert saved(people) == (APP, SECRET, TOKEN)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize("fault", ["html_500", "json_500", "cut", "half", "rate_limited"])
def test_trouble_at_meta_keeps_the_form_with_its_secrets_where_they_were_typed(
    people: Cast, ana: Client, meta: SimulatorProcess, fault: str
) -> None:
    meta.control("fault", kind=fault, where="debug_token")
    answer = ana.post(URL, GIVEN, headers=HTMX)
    page = answer.content.decode()
    assert answer["HX-Retarget"] == "#credenciales-resultado"
    assert "Probar de nuevo" in page
    assert "<input" not in page
    # what was proved before it is kept
    assert saved(people) == (APP, SECRET, "")
    assert "La app y el token sirven" in words(ana.post(URL, GIVEN, headers=HTMX))


def test_trouble_at_meta_without_javascript_gives_back_what_is_no_secret(
    people: Cast, ana: Client, meta: SimulatorProcess
) -> None:
    meta.control("fault", kind="html_500", where="subscriptions")
    page = ana.post(URL, GIVEN).content.decode()
    assert f'value="{APP}"' in page
    assert SECRET not in page
    assert "escribilo otra vez" in page
    assert "Probar de nuevo" in page


def test_who_may_only_look_sees_no_button_and_may_not_act(people: Cast, beto: Client, meta: SimulatorProcess) -> None:
    page = beto.get(URL).content.decode()
    assert "Comprobar y guardar" not in page
    assert beto.post(URL, GIVEN).status_code == 403
    assert saved(people) == ("", "", "")


def test_another_companys_app_is_nowhere(ana: Client, carla: Client, meta: SimulatorProcess) -> None:
    ana.post(URL, GIVEN)
    page = carla.get(URL).content.decode()
    assert APP not in page
    assert not re.search(r"Guardad[oa] el ", page)
