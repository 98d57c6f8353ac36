"""Asistente de WhatsApp, step 3: the account and its numbers against the simulator."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from acuse.channels import selectors
from acuse.channels.accounts import WhatsAppParameters, save_whatsapp
from acuse.channels.models import WhatsAppNumber
from acuse.channels.whatsapp.management import Management
from acuse.companies.models import AuditEntry
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.web.whatsapp_steps import grant

URL = "/administracion/whatsapp/numero/"
NUMBER, WABA, APP = "106540352242922", "102290129340398", "634974688087057"
SECRET, TOKEN = "simulator-app-secret", "simulator-token"
ADDED = {"phone": "0341 15 555-0100", "verified_name": "Oeste SA"}


@pytest.fixture
def connected(people: Cast, meta: SimulatorProcess) -> SimulatorProcess:
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA)
    save_whatsapp(people.company, given, actor="test")
    return meta


def words(answer: Any) -> str:
    body = answer.content.decode().split("<main", 1)[-1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def code_of(meta: SimulatorProcess, number: str) -> str:
    return str(next(n["code"] for n in meta.get("/control/state")["numbers"] if n["id"] == number))


def added(ana: Client) -> str:
    answer = ana.post(f"{URL}agregar/", ADDED)
    assert answer.status_code == 302, words(answer)
    found = re.fullmatch(rf"{URL}(\d+)/codigo/", answer["Location"])
    assert found is not None
    return found[1]


def verified(ana: Client, meta: SimulatorProcess) -> str:
    number = added(ana)
    ana.post(f"{URL}{number}/codigo/", {"method": "SMS"})
    answer = ana.post(f"{URL}{number}/codigo/", {"code": code_of(meta, number)})
    assert answer["Location"] == f"{URL}{number}/registrar/", words(answer)
    return number


def register(ana: Client, number: str, **given: str) -> Any:
    return ana.post(f"{URL}{number}/registrar/", {"sure": "on", **given})


def test_without_a_token_one_is_led_to_step_two(ana: Client) -> None:
    assert "Hacé primero el paso 2" in words(ana.get(URL))
    assert "Todavía no hay un token" in words(ana.get(f"{URL}?leer=1")) + words(ana.get(f"{URL}lista/"))


def test_the_page_itself_asks_nobody(people: Cast, ana: Client, connected: SimulatorProcess) -> None:
    connected.control("fault", kind="never", where="phone_numbers")
    page = ana.get(URL).content.decode()
    assert "Esperando a Meta" in page
    assert f'hx-get="{URL}lista/"' in page
    connected.control("fault", clear=True)


def test_the_accounts_of_the_token_are_listed_and_one_is_chosen(
    people: Cast, ana: Client, meta: SimulatorProcess
) -> None:
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN)
    save_whatsapp(people.company, given, actor="test")
    assert "no está limitado" in words(ana.get(f"{URL}lista/"))
    meta.control("tokens", token=TOKEN, targets=[WABA])
    assert WABA in words(ana.post(f"{URL}leer/", follow=True))
    page = words(ana.post(f"{URL}cuenta/", {"waba_id": WABA}, follow=True))
    assert "Elegiste la cuenta" in page
    account = selectors.whatsapp_account(people.company)
    assert account is not None
    assert account.waba_id == WABA
    assert account.name in words(ana.get(URL))
    assert account.name


@pytest.mark.parametrize(
    ("typed", "word"),
    [("999", "no llega a esa cuenta"), ("mi cuenta", "no es un identificador"), ("", "Falta el identificador")],
)
def test_a_wrong_account_is_told_beside_its_field(
    people: Cast, ana: Client, meta: SimulatorProcess, typed: str, word: str
) -> None:
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN)
    save_whatsapp(people.company, given, actor="test")
    meta.control("tokens", token=TOKEN, targets=[WABA])
    answer = ana.post(f"{URL}cuenta/", {"waba_id": typed})
    assert word in words(answer)
    assert "is-invalid" in answer.content.decode()
    assert selectors.whatsapp_account(people.company).waba_id == ""  # type: ignore[union-attr]


def test_a_token_of_somebody_without_the_account_is_told_with_the_way_out(
    ana: Client, connected: SimulatorProcess
) -> None:
    connected.control("tokens", token=TOKEN, targets=["999"])
    page = words(ana.get(f"{URL}lista/"))
    assert "no tiene esa cuenta asignada" in page
    assert "Agregar activos" in page
    assert "Lo que dijo Meta" in page


def test_another_account_is_asked_about_once_there_are_numbers(
    people: Cast, ana: Client, connected: SimulatorProcess
) -> None:
    ana.post(f"{URL}elegir/", {"id": NUMBER})
    assert "¿Cambiar de cuenta" in words(ana.post(f"{URL}cuenta/", {"waba_id": "999"}))
    assert "no llega a esa cuenta" in words(ana.post(f"{URL}cuenta/", {"waba_id": "999", "sure": "1"}))


def test_numbers_are_listed_with_their_state_and_chosen(people: Cast, ana: Client, connected: SimulatorProcess) -> None:
    other = connected.control("numbers", display="+54 9 341 555-0100", status="CONNECTED", on_biz_app=True)["id"]
    page = words(ana.get(f"{URL}lista/"))
    for word in ("Conectado", "Calidad alta", "También en el celular: hasta 20 por segundo", "Usar este número"):
        assert word in page
    assert "Lo nuevo sale por WhatsApp" in words(ana.post(f"{URL}elegir/", {"id": NUMBER}, follow=True))
    ana.post(f"{URL}elegir/", {"id": other})
    page = words(ana.get(f"{URL}?leer=1"))
    assert "Principal" in page
    assert "Usar como principal" in page
    ana.post(f"{URL}elegir/", {"id": other, "default": "1"})
    number = selectors.whatsapp_number(people.company)
    assert number is not None
    assert number.phone_number_id == other


def test_a_number_of_another_account_is_refused(ana: Client, connected: SimulatorProcess) -> None:
    assert "no es de la cuenta que elegiste" in words(ana.post(f"{URL}elegir/", {"id": "123"}))


def test_a_number_goes_from_typed_to_registered_and_its_pin_is_shown_once(
    people: Cast, ana: Client, connected: SimulatorProcess
) -> None:
    assert "lo deja" in words(ana.get(URL))
    number = verified(ana, connected)
    assert "lo deja" in words(ana.get(f"{URL}{number}/registrar/"))
    page = register(ana, number).content.decode()
    row = WhatsAppNumber.objects.get(phone_number_id=number)
    pin = row.pin.reveal()
    assert re.search(rf'id="pin"[^>]*value="{pin}"', page)
    assert (row.status, row.lane.is_default) == ("CONNECTED", True)
    for path in (URL, f"{URL}?leer=1", f"{URL}{number}/registrar/"):
        assert pin not in ana.get(path).content.decode()
    assert pin not in str(list(AuditEntry.objects.values_list("detail", "target")))
    assert "Paso 3 de 8 · hecho" in words(ana.get(URL))


def test_a_second_click_on_anything_changes_nothing(people: Cast, ana: Client, connected: SimulatorProcess) -> None:
    number = added(ana)
    assert added(ana) == number
    ana.post(f"{URL}{number}/codigo/", {"method": "SMS"})
    assert "no mandó otro código" in words(ana.post(f"{URL}{number}/codigo/", {"method": "SMS"}))
    code = code_of(connected, number)
    for _ in range(2):
        assert ana.post(f"{URL}{number}/codigo/", {"code": code}).status_code == 302
    pins = [re.search(r'id="pin"[^>]*value="(\d+)"', register(ana, number).content.decode()) for _ in range(2)]
    assert pins[0] is not None
    assert pins[1] is not None
    assert pins[0][1] == pins[1][1]
    assert WhatsAppNumber.objects.count() == 1


def test_a_registration_whose_answer_got_lost_is_sent_again_with_the_same_pin(
    people: Cast, ana: Client, connected: SimulatorProcess
) -> None:
    number = verified(ana, connected)
    register(ana, number)
    WhatsAppNumber.objects.all().delete()
    assert "está registrado" in words(register(ana, number))


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"pin": "999999"}, "no es ese"),
        ({"pin": "999999", "pin_failures": 5}, "demasiados intentos"),
        ({"pin": "999999", "pin_failures": 1, "pin_tried_at": 4102444800.0}, "muy seguidos"),
        ({"registrations": [4102444800.0 - 1] * 10}, "72 horas"),
        ({"code_status": "NOT_VERIFIED"}, "verificar el número"),
    ],
)
def test_each_refusal_of_a_registration_is_told_and_the_pin_does_not_come_back(
    ana: Client, connected: SimulatorProcess, values: dict[str, Any], word: str
) -> None:
    connected.control("numbers", id=NUMBER, **values)
    answer = register(ana, NUMBER, pin="123456")
    assert word in words(answer)
    assert "123456" not in answer.content.decode()
    assert "escribilo otra vez" in words(answer)


def test_the_pin_that_the_number_had_registers_it(people: Cast, ana: Client, connected: SimulatorProcess) -> None:
    connected.control("numbers", id=NUMBER, pin="999999")
    assert "ya puede enviar" in words(
        ana.post(f"{URL}{NUMBER}/registrar/", {"sure": "on", "pin": "999999"}, follow=True)
    )
    assert WhatsAppNumber.objects.get(phone_number_id=NUMBER).pin.reveal() == "999999"
    # Acuse uses it again, and who didn't write it doesn't learn it
    again = ana.post(f"{URL}{NUMBER}/registrar/", {"sure": "on"}, follow=True)
    assert "ya puede enviar" in words(again)
    assert "999999" not in again.content.decode()


def test_without_saying_that_one_knows_nothing_is_registered(ana: Client, connected: SimulatorProcess) -> None:
    assert "Marcalo para seguir" in words(ana.post(f"{URL}{NUMBER}/registrar/", {}))
    assert not WhatsAppNumber.objects.exists()


def test_a_wrong_code_and_too_many_are_told(ana: Client, connected: SimulatorProcess) -> None:
    number = added(ana)
    ana.post(f"{URL}{number}/codigo/", {"method": "VOICE"})
    wrong = "111111" if code_of(connected, number) != "111111" else "222222"
    answer = ana.post(f"{URL}{number}/codigo/", {"code": wrong})
    assert "no es ese" in words(answer)
    assert f'value="{wrong}"' in answer.content.decode()
    connected.control("numbers", id=number, code_failures=5)
    assert "Too many wrong codes" in words(ana.post(f"{URL}{number}/codigo/", {"code": code_of(connected, number)}))
    assert "son seis números" in words(ana.post(f"{URL}{number}/codigo/", {"code": "hola"}))


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"phone": "hola", "verified_name": "Oeste SA"}, "hola"),
        ({"phone": "0341 15 555-0100", "verified_name": " "}, "Falta el nombre"),
    ],
)
def test_what_is_no_number_or_has_no_name_is_told_with_what_was_typed(
    ana: Client, connected: SimulatorProcess, given: dict[str, str], word: str
) -> None:
    answer = ana.post(f"{URL}agregar/", given)
    page = answer.content.decode()
    assert word in words(answer) + page
    assert "is-invalid" in page
    assert f'value="{given["phone"]}"' in page
    assert 'class="part add-number" open' in page


def test_a_portfolio_that_is_full_is_told(ana: Client, connected: SimulatorProcess) -> None:
    connected.control("settings", max_numbers=1)
    assert "todos los números que Meta le permite" in words(ana.post(f"{URL}agregar/", ADDED))


@pytest.mark.parametrize("fault", ["html_500", "json_500", "cut", "half", "rate_limited"])
@pytest.mark.parametrize(
    ("where", "path", "given", "kept"),
    [
        ("phone_numbers", "agregar/", ADDED, 'value="0341 15 555-0100"'),
        (WABA, "cuenta/", {"waba_id": WABA}, f'value="{WABA}"'),
        ("verify_code", f"{NUMBER}/codigo/", {"code": "123456"}, 'value="123456"'),
        ("register", f"{NUMBER}/registrar/", {"sure": "on"}, "checked"),
    ],
)
def test_trouble_at_meta_loses_nothing(
    ana: Client, connected: SimulatorProcess, fault: str, where: str, path: str, given: dict[str, str], kept: str
) -> None:
    connected.control("numbers", id=NUMBER, code_status="NOT_VERIFIED")
    connected.control("fault", kind=fault, where=where, times=2 if where == "phone_numbers" else 1)
    answer = ana.post(f"{URL}{path}", given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Probar de nuevo" in page
    assert "Lo que ya hiciste quedó guardado" in page
    assert kept in page
    connected.control("fault", clear=True)


@pytest.mark.parametrize("listed", [True, False])
def test_a_number_that_meta_accepts_without_telling_its_id_is_looked_for(
    ana: Client, connected: SimulatorProcess, monkeypatch: pytest.MonkeyPatch, listed: bool
) -> None:
    real = Management.add_number

    async def without_id(graph: Management, waba_id: str, **given: str) -> str:
        if listed:
            await real(graph, waba_id, **given)
        return ""

    monkeypatch.setattr(Management, "add_number", without_id)
    answer = ana.post(f"{URL}agregar/", ADDED)
    assert AuditEntry.objects.filter(event="whatsapp.number_added").count() == 1
    if listed:
        assert re.fullmatch(rf"{URL}\d+/codigo/", answer["Location"])
    else:
        assert "no sabemos con qué identificador" in words(answer)
        assert ADDED["phone"] in answer.content.decode()


def test_a_listing_that_fails_can_be_asked_again(ana: Client, connected: SimulatorProcess) -> None:
    connected.control("fault", kind="html_500", where="phone_numbers")
    assert "Probar de nuevo" in words(ana.get(f"{URL}lista/"))
    assert "no se entiende" in words(ana.get(f"{URL}lista/")), "told again, without another call"
    assert "Conectado" in words(ana.post(f"{URL}leer/", follow=True))


@pytest.mark.parametrize("path", ["", "?leer=1", "lista/", f"{NUMBER}/codigo/", f"{NUMBER}/registrar/"])
def test_who_may_not_even_look_makes_nobody_ask_meta(
    people: Cast, beto: Client, connected: SimulatorProcess, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    grant(people.company)

    def asked(*_: object, **__: object) -> None:
        raise AssertionError("Meta was asked")

    monkeypatch.setattr("acuse.channels.whatsapp.management.run", asked)
    assert beto.get(URL + path).status_code == 403


@pytest.mark.parametrize(
    "path", ["leer/", "cuenta/", "elegir/", "agregar/", f"{NUMBER}/codigo/", f"{NUMBER}/registrar/"]
)
def test_who_may_only_look_may_not_act(beto: Client, connected: SimulatorProcess, path: str) -> None:
    assert beto.post(f"{URL}{path}", {"waba_id": WABA, "id": NUMBER, "sure": "on", **ADDED}).status_code == 403


def test_who_may_only_look_sees_the_numbers_without_buttons(beto: Client, connected: SimulatorProcess) -> None:
    assert "<button" not in beto.get(f"{URL}lista/").content.decode()
    page = beto.get(f"{URL}{NUMBER}/registrar/").content.decode()
    assert "id_pin" not in page


def test_a_number_of_another_company_stays_theirs(
    people: Cast, ana: Client, carla: Client, connected: SimulatorProcess
) -> None:
    ana.post(f"{URL}elegir/", {"id": NUMBER})
    assert NUMBER not in words(carla.get(f"{URL}?leer=1"))
    assert "Todavía no hay un token" in words(carla.post(f"{URL}{NUMBER}/registrar/", {"sure": "on"}))
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA)
    save_whatsapp(people.other_company, given, actor="test")
    # their token reaches the number too: nothing of it is asked of Meta
    connected.control("numbers", id=NUMBER, code_status="NOT_VERIFIED", code="123456")
    for path, posted in (
        ("elegir/", {"id": NUMBER}),
        (f"{NUMBER}/registrar/", {"sure": "on"}),
        (f"{NUMBER}/codigo/", {"method": "SMS"}),
        (f"{NUMBER}/codigo/", {"code": "123456"}),
    ):
        assert "otra empresa" in words(carla.post(f"{URL}{path}", posted))
    there = next(n for n in connected.get("/control/state")["numbers"] if n["id"] == NUMBER)
    assert (there["code"], there["code_status"]) == ("123456", "NOT_VERIFIED")
    assert WhatsAppNumber.objects.get().account.company == people.company
