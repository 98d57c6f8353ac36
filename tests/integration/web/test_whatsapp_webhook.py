"""Asistente de WhatsApp, step 5: both subscriptions, and what was seen of the round trip."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from acuse.channels.accounts import WhatsAppParameters, save_whatsapp
from acuse.channels.models import WhatsAppAccount, WhatsAppApp
from acuse.channels.whatsapp.onboarding.webhook import FIELDS, callback_url
from acuse.companies.models import AuditEntry
from acuse.hooks.models import Knock, RawHook
from acuse.kernel import clock
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.simulator.callback import Callback, CallbackServer

URL = "/administracion/whatsapp/avisos/"
WABA, APP = "102290129340398", "634974688087057"
SECRET, TOKEN = "simulator-app-secret", "simulator-token"


@pytest.fixture
def app(people: Cast, meta: SimulatorProcess) -> WhatsAppApp:
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA)
    save_whatsapp(people.company, given, actor="test")
    return WhatsAppApp.objects.get()


@pytest.fixture
def here(app: WhatsAppApp, settings: Any) -> Iterator[Callback]:
    """What answers at the app's address."""
    server = CallbackServer()
    server.callback.verify_token = app.verify_token.reveal()
    settings.BASE_URL = server.callback.url.removesuffix("/hooks")
    yield server.callback
    server.close()


def words(answer: Any) -> str:
    body = answer.content.decode().split("<main", 1)[-1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def proofs(client: Client) -> list[str]:
    return re.findall(r"check-(ok|error|waiting)", client.get(f"{URL}llegadas/").content.decode())


def hear(app: WhatsAppApp, *, ago: int = 0) -> None:
    RawHook.objects.create(app=app, received_at=clock.now() - timedelta(seconds=ago), body=b"{}")


def knock(app: WhatsAppApp, what: Knock.What, *, ago: int = 0) -> None:
    Knock.objects.create(app=app, what=what, at=clock.now() - timedelta(seconds=ago))


def test_before_steps_two_and_three_one_is_led_there(people: Cast, ana: Client) -> None:
    assert "Hacé primero el paso 2" in words(ana.get(URL))
    save_whatsapp(people.company, WhatsAppParameters(app_id=APP, app_secret=SECRET), actor="test")
    assert "Hacé primero el paso 3" in words(ana.get(URL))
    assert "Todavía no" in words(ana.post(f"{URL}conectar/"))


def test_one_button_makes_both_subscriptions(
    people: Cast, ana: Client, meta: SimulatorProcess, app: WhatsAppApp, here: Callback
) -> None:
    assert "Conectado: la app y la cuenta" in words(ana.post(f"{URL}conectar/", follow=True))
    state = meta.get("/control/state")
    assert state["hooks"]["url"] == callback_url(app)
    assert set(state["app_fields"]) == set(FIELDS)
    kept = WhatsAppAccount.objects.get().webhook
    assert (kept["app_ok"], kept["account_ok"], kept["good"]) == (True, True, True)
    assert AuditEntry.objects.filter(company=people.company, event="whatsapp.webhook_connected").count() == 1
    assert proofs(ana) == ["waiting", "ok", "waiting"]
    ana.post(f"{URL}conectar/")
    assert meta.get("/control/state")["hooks"]["url"] == callback_url(app)


def test_an_address_that_meta_can_not_reach_opens_the_recipes(
    ana: Client, app: WhatsAppApp, meta: SimulatorProcess, settings: Any
) -> None:
    settings.BASE_URL, settings.BIND_HOST, settings.BIND_PORT = "http://127.0.0.1:9", "127.0.0.1", 8123
    answer = ana.post(f"{URL}conectar/")
    page = answer.content.decode()
    assert "Meta no pudo comprobar la dirección" in words(answer)
    assert 'class="part recipes" open' in page
    assert "cloudflared tunnel --url http://127.0.0.1:8123" in page
    assert "reverse_proxy 127.0.0.1:8123" in page
    assert not WhatsAppAccount.objects.get().webhook


def test_a_public_address_keeps_the_recipes_folded(ana: Client, app: WhatsAppApp, settings: Any) -> None:
    settings.BASE_URL = "https://acuse.oeste.example"
    page = ana.get(URL).content.decode()
    assert "Meta no llega" not in page
    assert 'class="part recipes">' in page
    settings.BASE_URL = "http://acuse.oeste.example"
    assert "Meta no llega" in ana.get(URL).content.decode()


def test_a_secret_that_changed_at_meta_is_told(
    people: Cast, ana: Client, app: WhatsAppApp, here: Callback, meta: SimulatorProcess
) -> None:
    save_whatsapp(people.company, WhatsAppParameters(app_secret="de-antes"), actor="test")
    assert "clave secreta no es la de esta app" in words(ana.post(f"{URL}conectar/"))


@pytest.mark.parametrize("fault", ["html_500", "json_500", "cut", "half", "rate_limited"])
@pytest.mark.parametrize("where", [f"{APP}/subscriptions", "subscribed_apps"])
def test_trouble_at_meta_is_told_and_connecting_again_goes_on(
    ana: Client, app: WhatsAppApp, here: Callback, meta: SimulatorProcess, fault: str, where: str
) -> None:
    meta.control("fault", kind=fault, where=where)
    page = words(ana.post(f"{URL}conectar/"))
    assert "Probar de nuevo" in page
    assert "Lo que ya hiciste quedó guardado" in page
    assert "Conectado: la app" in words(ana.post(f"{URL}conectar/", follow=True))


def test_the_round_trip_is_shown_as_it_is_seen(people: Cast, ana: Client, app: WhatsAppApp) -> None:
    assert proofs(ana) == ["waiting", "waiting", "waiting"]
    knock(app, Knock.What.CHALLENGE, ago=9)
    hear(app, ago=5)
    WhatsAppAccount.objects.update(webhook={"app_ok": True, "account_ok": True, "missing_fields": []})
    answer = ana.get(f"{URL}llegadas/")
    assert proofs(ana) == ["ok", "ok", "ok"]
    assert "Ida y vuelta comprobada" in words(answer)
    assert "hx-trigger" not in answer.content.decode()
    # whatever the address looks like, Meta got there
    assert "Meta no llega" not in ana.get(URL).content.decode()


def test_nothing_moves_on_the_page_while_nothing_arrives(ana: Client, app: WhatsAppApp) -> None:
    seen = re.search(r"\?seen=([0-9a-f]+)", ana.get(URL).content.decode())
    assert seen is not None
    assert ana.get(f"{URL}llegadas/?seen={seen[1]}").status_code == 204
    knock(app, Knock.What.CHALLENGE)
    assert ana.get(f"{URL}llegadas/?seen={seen[1]}").status_code == 200


@pytest.mark.parametrize(
    ("what", "word"),
    [
        (Knock.What.WRONG_SIGNATURE, "cuya firma no es de esta clave secreta"),
        (Knock.What.NO_SECRET, "no hay una clave secreta para comprobarlo"),
        (Knock.What.WRONG_TOKEN, "con otro token de verificación"),
    ],
)
def test_what_is_refused_at_the_door_is_told_until_the_right_thing_comes(
    ana: Client, app: WhatsAppApp, what: Knock.What, word: str
) -> None:
    hear(app, ago=60)
    knock(app, what, ago=30)
    assert word in words(ana.get(f"{URL}llegadas/"))
    hear(app)
    knock(app, Knock.What.CHALLENGE)
    assert word not in words(ana.get(f"{URL}llegadas/"))


def test_a_stranger_at_the_door_of_a_connected_app_is_no_trouble(ana: Client, app: WhatsAppApp) -> None:
    knock(app, Knock.What.CHALLENGE, ago=60)
    knock(app, Knock.What.WRONG_TOKEN, ago=30)
    assert "con otro token" in words(ana.get(f"{URL}llegadas/"))
    hear(app)
    assert "con otro token" not in words(ana.get(f"{URL}llegadas/"))


def test_an_app_that_tells_another_address_or_not_everything_is_told(ana: Client, app: WhatsAppApp) -> None:
    account = WhatsAppAccount.objects.get()
    account.webhook = {"app_ok": False, "elsewhere": "https://otro.example/hook", "account_ok": True}
    account.save()
    assert "https://otro.example/hook" in words(ana.get(URL))
    account.webhook = {"app_ok": True, "account_ok": True, "missing_fields": ["security"]}
    account.save()
    assert "falta security" in words(ana.get(URL))


def test_by_hand_the_token_is_shown_once_and_the_account_is_subscribed(
    people: Cast, ana: Client, app: WhatsAppApp, here: Callback, meta: SimulatorProcess
) -> None:
    page = ana.post(f"{URL}verificacion/").content.decode()
    app.refresh_from_db()
    token = app.verify_token.reveal()
    assert f'value="{token}"' in page
    assert callback_url(app) in page
    assert token not in ana.get(URL).content.decode()
    assert "todavía no está guardada esta dirección" in words(ana.post(f"{URL}comprobar/"))
    meta.control("configure-webhook", url=callback_url(app), verify_token=token)
    assert "Conectado: la app y la cuenta" in words(ana.post(f"{URL}comprobar/", follow=True))
    assert AuditEntry.objects.filter(company=people.company, event="whatsapp.webhook_connected").exists()


@pytest.mark.parametrize("path", ["conectar/", "comprobar/", "verificacion/"])
def test_who_may_only_look_may_not_act(beto: Client, app: WhatsAppApp, path: str) -> None:
    assert beto.post(URL + path).status_code == 403
    page = beto.get(URL).content.decode()
    assert "Conectar los avisos" not in page
    assert "Conectarlos a mano</summary>" not in page.split('class="clicks"')[0]


def test_another_companys_arrivals_are_nowhere(ana: Client, carla: Client, app: WhatsAppApp) -> None:
    knock(app, Knock.What.CHALLENGE)
    hear(app)
    assert proofs(carla) == ["waiting", "waiting", "waiting"]
    assert app.key not in carla.get(URL).content.decode()
