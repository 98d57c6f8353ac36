"""Asistente de WhatsApp in a real Chromium, from an empty company on, with webhooks that arrive.

The journey goes on in the same order: a function of `whatsapp_place` a step.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.installation import Installation
from tests.browser.arriving import wait_for_arrivals
from tests.browser.looks import look, manual
from tests.browser.whatsapp_place import (
    BASE,
    CUSTOMER,
    accept_invitation,
    add_number,
    choose_account,
    connect_webhook,
    empty_place,
    give_credentials,
    register_number,
    save_profile,
    send_template,
    send_trial,
)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def place() -> Iterator[tuple[Installation, str, str]]:
    with empty_place() as made:
        yield made


@pytest.fixture
def walk(browser: Browser, place: tuple[Installation, str, str]) -> Iterator[Page]:
    context = browser.new_context(base_url=place[1], locale="es-AR", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(20_000)
    wait_for_arrivals(page)
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert [fault for fault in faults if "status of 4" not in fault] == []


def next_step(page: Page, name: str) -> None:
    page.locator(".step-ways .step-next").click()
    expect(page.locator("#paso-h")).to_have_text(name)


def test_from_an_empty_company_to_a_voucher_that_was_read(walk: Page, place: tuple[Installation, str, str]) -> None:
    made, _, invitation = place
    page = walk
    accept_invitation(page, invitation)
    page.get_by_role("link", name=re.compile("Conectar")).first.click()
    expect(page.locator("#paso-h")).to_have_text("Lo que necesitás")
    look(page, "asistente-1-necesitas")
    manual(page, "asistente-necesitas")
    next_step(page, "App y token")
    give_credentials(page, secret="otro")
    expect(page.locator(".check-error")).to_contain_text("no reconoce ese par")
    look(page, "asistente-2-mal")
    made.control("fault", {"kind": "html_500", "where": "debug_token"})
    give_credentials(page)
    expect(page.locator("#credenciales-resultado")).to_contain_text("Probar de nuevo")
    # what was typed is still there, secrets too: asking again needs nothing
    page.get_by_role("button", name="Probar de nuevo").click()
    expect(page.locator(".check-ok")).to_have_count(8)
    look(page, "asistente-2-bien")
    manual(page, "asistente-token")
    next_step(page, "Cuenta y número")
    look(page, "asistente-3-cuenta")
    choose_account(page)
    page.get_by_text("Agregar un número").click()
    look(page, "asistente-3-agregar")
    page.get_by_text("Agregar un número").click()
    add_number(page, made)
    look(page, "asistente-3-registrar")
    pin = register_number(page)
    assert re.fullmatch(r"\d{6}", pin)
    assert pin not in page.content()
    look(page, "asistente-3-numeros")
    manual(page, "asistente-numero")
    # leaving and coming back goes on where it was
    page.goto(BASE)
    expect(page.locator("#paso-h")).to_have_text("Avisos de Meta")
    look(page, "asistente-5-avisos")
    connect_webhook(page, made)
    look(page, "asistente-5-conectado")
    manual(page, "asistente-avisos")
    page.goto(f"{BASE}avisos/")
    expect(page.locator(".step-count")).to_contain_text("hecho")
    a_wrong_signature_shows(page, made)
    _from_the_template_to_the_phone(page, made)
    change_the_account(page, made)


def _from_the_template_to_the_phone(page: Page, made: Installation) -> None:
    """To a voucher that was delivered and read, and the end."""
    page.goto(BASE)
    expect(page.locator("#paso-h")).to_have_text("Plantilla")
    send_template(page)
    manual(page, "asistente-plantilla")
    page.goto(f"{BASE}perfil/")
    save_profile(page)
    manual(page, "asistente-perfil")
    page.goto(f"{BASE}pago-y-verificacion/")
    expect(page.locator(".health")).to_contain_text("Meta deja enviar")
    next_step(page, "Envío de prueba")
    send_trial(page, made)
    look(page, "asistente-8-leida")
    manual(page, "asistente-prueba")
    page.get_by_role("link", name="Terminar").click()
    expect(page.locator("#listo-h")).to_have_text("WhatsApp está conectado y probado")
    look(page, "asistente-fin")


def a_wrong_signature_shows(page: Page, made: Installation) -> None:
    page.goto(f"{BASE}avisos/")
    (app,) = made.sql("select key from channels_whatsappapp")
    url = f"{page.url.split('/administracion')[0]}/hooks/whatsapp/{app['key']}/"
    made.control("webhook", {"payload": {"entry": []}, "signature": "sha256=" + "0" * 64, "url": url})
    page.reload()
    expect(page.locator("#llegadas")).to_contain_text("cuya firma no es de esta clave secreta")
    look(page, "asistente-5-firma")
    # the right thing mends it, without anybody touching the page
    made.control("inbound", {"from": CUSTOMER, "text": "Hola de nuevo"})
    expect(page.locator("#llegadas")).to_contain_text("Ida y vuelta comprobada")


def change_the_account(page: Page, made: Installation) -> None:
    """In the page, and the new account's number takes over."""
    for count in range(12):
        made.control(
            "numbers",
            {"display": f"+54 9 341 555-02{count:02}", "status": "CONNECTED", "waba": "202290129340398",
             "name": "Distribuidora de Materiales Eléctricos del Litoral Sociedad Anónima " * 2},
        )  # fmt: skip
    page.goto(f"{BASE}numero/")
    page.get_by_role("link", name="Cambiar de cuenta").click()
    page.get_by_role("textbox", name="Identificador de la cuenta de WhatsApp").fill("202290129340398")
    page.get_by_role("button", name="Elegir esta cuenta").click()
    expect(page.locator("main")).to_contain_text("¿Cambiar de cuenta")
    expect(page.locator("main")).to_have_count(1)
    look(page, "asistente-3-otra-cuenta")
    page.get_by_role("button", name="Cambiar de cuenta").click()
    expect(page.locator(".choice")).to_have_count(12)
    expect(page.locator(".step-count")).not_to_contain_text("hecho")
    look(page, "asistente-3-doce-numeros")
    page.locator(".choice").first.get_by_role("button").click()
    expect(page.locator("main")).to_contain_text("Lo nuevo sale por WhatsApp")
    expect(page.locator(".step-count")).to_contain_text("hecho")
