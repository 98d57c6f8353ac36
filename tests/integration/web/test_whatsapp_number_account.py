"""Asistente de WhatsApp, step 3: the account that is chosen, and another one instead of it."""

from __future__ import annotations

import pytest
from django.test import Client

from acuse.channels import selectors
from acuse.channels.accounts import WhatsAppParameters, save_whatsapp
from acuse.channels.models import WhatsAppAccount, WhatsAppNumber
from acuse.channels.whatsapp.onboarding import progress
from acuse.channels.whatsapp.onboarding.progress import Step
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.web.whatsapp_steps import APP, BASE, NUMBER, SECRET, TOKEN, WABA, words

URL = f"{BASE}numero/"
OTHER_WABA = "202290129340398"
HTMX = {"HX-Request": "true", "HX-Target": "contenido"}


@pytest.fixture
def connected(people: Cast, meta: SimulatorProcess) -> SimulatorProcess:
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA)
    save_whatsapp(people.company, given, actor="test")
    return meta


def test_the_question_about_another_account_can_be_answered_with_htmx(
    people: Cast, ana: Client, connected: SimulatorProcess
) -> None:
    ana.post(f"{URL}elegir/", {"id": NUMBER})
    connected.control("numbers", display="+54 9 341 555-0177", status="CONNECTED", waba=OTHER_WABA)
    page = ana.post(f"{URL}cuenta/", {"waba_id": OTHER_WABA}, headers=HTMX).content.decode()
    assert "¿Cambiar de cuenta" in page
    # inside the shell that is there, and sent to where it is answered
    assert "<html" not in page
    assert f'hx-post="{URL}cuenta/"' in page.split("¿Cambiar de cuenta", 1)[1]
    assert selectors.whatsapp_account(people.company).waba_id == WABA  # type: ignore[union-attr]


def test_another_account_takes_nothing_of_the_one_before_along(
    people: Cast, ana: Client, connected: SimulatorProcess
) -> None:
    ana.post(f"{URL}elegir/", {"id": NUMBER})
    WhatsAppAccount.objects.update(name="Cuenta vieja", webhook={"app_ok": True, "account_ok": True, "good": True})
    other = connected.control("numbers", display="+54 9 341 555-0177", status="CONNECTED", waba=OTHER_WABA)["id"]
    page = words(ana.post(f"{URL}cuenta/", {"waba_id": OTHER_WABA, "sure": "1"}, follow=True))
    assert "Elegiste la cuenta" in page
    assert "Cuenta vieja" not in page
    account = WhatsAppAccount.objects.get()
    assert (account.waba_id, account.webhook.get("app_ok")) == (OTHER_WABA, False)
    assert WhatsAppNumber.objects.get().status == "DELETED"
    places = {place.step: place.done for place in progress.places(people.company, heard=True, tried=False)}
    assert (places[Step.NUMBER], places[Step.WEBHOOK]) == (False, False)
    # nor does the list of steps name the number that stayed behind
    steps = ana.get(URL).content.decode().split("assistant-steps", 1)[1].split("</nav>", 1)[0]
    assert WhatsAppNumber.objects.get().display
    assert WhatsAppNumber.objects.get().display not in steps
    # the first number of the new account takes the place of the one that isn't there any more
    assert "Lo nuevo sale por WhatsApp" in words(ana.post(f"{URL}elegir/", {"id": other}, follow=True))
    places = {place.step: place.done for place in progress.places(people.company, heard=True, tried=False)}
    assert places[Step.NUMBER]


def test_a_new_account_that_can_not_be_read_keeps_no_facts_of_the_old_one(
    people: Cast, ana: Client, connected: SimulatorProcess
) -> None:
    ana.post(f"{URL}elegir/", {"id": NUMBER})
    connected.control("numbers", display="+54 9 341 555-0177", status="CONNECTED", waba=OTHER_WABA)
    connected.control("fault", kind="html_500", where="phone_numbers")
    page = words(ana.post(f"{URL}cuenta/", {"waba_id": OTHER_WABA, "sure": "1"}))
    connected.control("fault", clear=True)
    assert "Lo que ya hiciste quedó guardado" in page
    account = WhatsAppAccount.objects.get()
    assert (account.waba_id, account.synced_at, account.sync_problem != "") == (OTHER_WABA, None, True)
    assert WhatsAppNumber.objects.get().status == ""
    steps = ana.get(URL).content.decode().split("assistant-steps", 1)[1].split("</nav>", 1)[0]
    display = WhatsAppNumber.objects.get().display
    assert display
    assert display not in steps


def test_the_name_of_the_chosen_account_is_shown(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    save_whatsapp(people.company, WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN), actor="test")
    ana.post(f"{URL}cuenta/", {"waba_id": WABA})
    account = WhatsAppAccount.objects.get()
    assert account.name
    assert account.name in words(ana.get(URL))
