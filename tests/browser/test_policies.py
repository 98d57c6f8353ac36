"""Parámetros, and the message of a kind while it is written."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from acuse.channels.models import WhatsAppAccount
from acuse.deliveries.models import DeliveryPolicy
from acuse.directory.models import CustomerClass
from tests.browser.conftest import sign_in
from tests.browser.looks import look, manual
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.graph import graph

pytestmark = pytest.mark.browser
PARAMETERS = "/administracion/parametros/"
INVOICES = "/administracion/configuraciones/sales_invoice/"


def _scene(cast: Cast) -> None:
    party = make_party(cast.company)
    make_contact(party, email="compras@norte.example", name="Marta")
    for number in (41, 42):
        make_voucher(cast.company, party, number=number)
    for name in ("Mayoristas", "Minoristas de la zona oeste y alrededores"):
        CustomerClass.objects.create(company=cast.company, name=name)


def test_from_no_parameters_to_a_number_that_works(cast: Cast, page: Page, settings: Any) -> None:
    with graph() as meta:
        settings.GRAPH_URL = meta.url
        sign_in(page)
        page.goto(PARAMETERS)
        look(page, "parametros-vacio")
        page.get_by_label("WhatsApp: Token Seguridad").fill("EAA-uno")
        page.get_by_label("WhatsApp: Número Teléfono (Sólo Números)").fill("106540352242922")
        meta.refuse(190, "Session has expired")
        page.locator("#whatsapp").get_by_role("button", name="Probar").click()
        expect(page.locator("#whatsapp-trial")).to_contain_text("El token venció o fue anulado.")
        look(page, "parametros-prueba-mal")
        page.get_by_label("WhatsApp: Token Seguridad").fill("EAA-dos")
        meta.status, meta.answer = 200, {
            "id": "106540352242922", "display_phone_number": "+54 9 341 555-9000", "verified_name": "Ferretería Oeste",
            "quality_rating": "GREEN", "status": "CONNECTED",
        }  # fmt: skip
        page.locator("#whatsapp").get_by_role("button", name="Probar").press("Enter")
        expect(page.locator("#whatsapp-trial")).to_contain_text("Ferretería Oeste")
        expect(page.locator("#whatsapp").get_by_role("button", name="Probar")).to_be_focused()
        assert not WhatsAppAccount.objects.exists()
        page.locator("#whatsapp").get_by_role("button", name="Guardar").click()
        expect(page.locator("#whatsapp")).to_contain_text("Listo para enviar.")
        expect(page.locator("#whatsapp")).to_contain_text("No se vuelve a mostrar.")
        assert "EAA-dos" not in page.content()


def test_parameters_that_are_set_look_right(cast: Cast, page: Page) -> None:
    make_whatsapp(cast.company)
    make_mailbox(cast.company, "smtp+starttls://facturas%40oeste.example:clave@smtp.oeste.example:587")
    sign_in(page)
    page.goto(PARAMETERS)
    look(page, "parametros")
    manual(page, "parametros")
    page.locator("summary", has_text="Cambiar").first.click()
    page.get_by_label("WhatsApp: Token Seguridad").fill("otro")
    page.get_by_role("button", name="Generar un token de verificación").click()
    expect(page.get_by_label("Token de verificación")).to_be_visible()
    page.get_by_label("Servidor").fill("https://mal/")
    page.locator("#correo").get_by_role("button", name="Guardar").click()
    expect(page.locator("main [role=alert]")).to_contain_text("Servidor")
    look(page, "parametros-error")
    page.goto(f"{PARAMETERS}whatsapp/token/quitar/")
    look(page, "parametros-quitar")


def test_the_message_is_seen_while_it_is_written(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto("/administracion/configuraciones/")
    look(page, "configuraciones")
    page.get_by_role("link", name="Facturas de venta", exact=True).last.click()
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Factura A 00003-00000042")
    look(page, "configuracion")

    body = page.get_by_label("Cuerpo")
    body.fill("Querida ")
    body.press("End")
    body.press_sequentially("{{con")
    options = page.get_by_role("option")
    expect(options).to_have_count(1)
    body.press("Enter")
    expect(body).to_have_value("Querida {{contacto}}")
    expect(preview).to_contain_text("Querida Marta")
    body.press_sequentially(", debés {{")
    expect(options).to_have_count(8)
    for _ in range(5):
        body.press("ArrowDown")
    expect(page.locator("[role=option][aria-selected=true]")).to_contain_text("{{total}}")
    page.set_viewport_size({"width": 1120, "height": 760})
    body.evaluate("field => field.scrollIntoView({block: 'center', behavior: 'instant'})")
    manual(page, "configuracion")
    look(page, "configuracion-variables")
    body.press("Tab")
    expect(body).to_have_value("Querida {{contacto}}, debés {{total}}")
    expect(preview).to_contain_text("debés $ 12.100,00")
    body.press_sequentially(" {{")
    body.press("Escape")
    expect(page.get_by_role("listbox")).not_to_be_visible()
    body.press("Backspace")
    body.press("Backspace")
    body.press_sequentially("{{totl}}")
    expect(preview).to_contain_text("¿Quisiste poner {{total}}?")
    look(page, "configuracion-mal")
    page.locator(".save-bar").get_by_role("button", name="Guardar").click()
    expect(page.locator("main [role=alert]")).to_contain_text("No existe la variable {{totl}}")
    expect(page.locator("main [role=alert]")).to_be_focused()
    look(page, "configuracion-error")
    page.get_by_label("Cuerpo").fill("Va {{comprobante}}.")

    carried = page.locator("#carried")
    expect(carried).to_contain_text("no lleva ni el Asunto ni el Cuerpo")
    _template_and_channels(page)
    expect(carried).to_contain_text("lleva el Asunto en {{2}}")
    page.locator(".save-bar").get_by_role("button", name="Guardar").click()
    expect(page.locator("main")).to_contain_text("Guardado: Cuerpo, Canales")
    policy = DeliveryPolicy.objects.get(company=cast.company, kind="sales_invoice")
    assert (policy.channels, policy.body) == (["email", "whatsapp"], "Va {{comprobante}}.")
    assert policy.template_parameters == ["{{comprobante}}", "{{asunto}}"]
    for path, name in (("copiar/", "configuracion-copiar"), ("fabrica/", "configuracion-fabrica")):
        page.goto(INVOICES + path)
        look(page, name)


def _template_and_channels(page: Page) -> None:
    page.get_by_role("button", name="Agregar una variable").click()
    second = page.locator("#parameter-2")
    expect(second).to_be_focused()
    template = page.locator("section", has=page.locator("#id_template"))
    template.locator("summary").click()
    second.focus()
    template.get_by_role("button", name="{{asunto}}").click()
    expect(second).to_have_value("{{asunto}}")
    page.get_by_role("button", name="Agregar una variable").click()
    page.get_by_role("button", name="Quitar 3").click()
    expect(page.locator("#parameter-3")).to_have_count(0)
    expect(page.locator("#preview")).to_contain_text("Factura A 00003-00000042 de Ferretería Oeste SA")
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.post_data or ""))
    page.get_by_role("button", name="Subir Correo").press("Enter")
    expect(page.locator("#preview .bubble").first).to_contain_text("Correo")
    assert not any("&move=" in one for one in asked), "the server would move it once more"
    expect(page.get_by_role("button", name="Bajar Correo")).to_be_focused()


def test_another_voucher_is_chosen_by_search(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(INVOICES)
    page.locator(".preview-choice .ts-control").click()
    page.keyboard.type("00041")
    page.get_by_role("option", name="Factura A 00003-00000041").first.click()
    expect(page.locator("#preview")).to_contain_text("Factura A 00003-00000041, de Almacén Norte SRL")


def test_it_is_configured_without_javascript(cast: Cast, browser: Any, live_server: Any) -> None:
    _scene(cast)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.goto(INVOICES)
    page.locator("#parameter-2").fill("{{total}}")
    page.get_by_role("button", name="Subir Correo").click()
    expect(page.locator("#preview")).to_contain_text("$ 12.100,00")
    assert page.locator("[name=channels]").first.get_attribute("value") == "email"
    page.get_by_label("Asunto").press("Enter")
    expect(page.locator("main")).to_contain_text("Guardado: Canales y Variables de la plantilla")
    assert DeliveryPolicy.objects.get(company=cast.company, kind="sales_invoice").channels == ["email", "whatsapp"]
    context.close()
