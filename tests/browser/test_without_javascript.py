"""Where scripts don't come through: the day's work by links and forms alone. Each kind of page has its own too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from acuse.companies.models import Role, User
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.models import Batch, Delivery
from acuse.deliveries.states import State
from acuse.vouchers.models import Voucher
from acuse.web.batches import actions
from tests.browser.conftest import sign_in, sign_in_by_form
from tests.conftest import Cast
from tests.data.cast import PASSWORD, make_contact, make_party, make_voucher, make_whatsapp
from tests.data.pdfs import invoice_pdf
from tests.data.scenes import put

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GRID = "/comprobantes/sales_invoice/"
NEW_PASSWORD = "otra-clave-bien-larga-7"


@pytest.fixture
def plain(browser: Browser, live_server: Any) -> Iterator[Page]:
    context = browser.new_context(
        base_url=live_server.url, locale="es-AR", viewport={"width": 1280, "height": 800}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def _scene(cast: Cast, count: int) -> list[Voucher]:
    make_whatsapp(cast.company)
    party = make_party(cast.company)
    make_contact(party, name="Compras")
    return [make_voucher(cast.company, party, number=number) for number in range(1, count + 1)]


def test_a_batch_is_previewed_sent_paused_resumed_and_cancelled(
    cast: Cast, plain: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "ASKED_AT_ONCE", 2)
    made = _scene(cast, 4)
    make_voucher(cast.company, made[0].party, number=50, content=None)
    sign_in(plain)
    plain.goto(GRID)
    for box in plain.locator("[data-pick]").all():
        box.check()
    plain.get_by_role("button", name="Enviar comprobante").last.click()
    expect(plain.locator("main")).to_contain_text("Van 4 mensajes de 4 comprobantes. 1 comprobante no va")
    plain.get_by_text("De dónde sale").click()
    expect(plain.locator(".cost-table")).to_be_visible()
    plain.get_by_role("button", name="Enviar 4").click()
    expect(plain.locator(".batch-words")).to_be_visible()
    batch = Batch.objects.get()
    batch_work.work(batch.pk, wait=True)
    put(Delivery.objects.filter(batch=batch).order_by("pk")[0], State.SENT)
    plain.reload()
    expect(plain.locator(".batch-words")).to_contain_text("Va 1 de 4.")
    plain.get_by_role("button", name="Pausar").click()
    expect(plain.locator(".batch-words")).to_contain_text("En pausa: 1 salió y 3 esperan.")
    plain.goto("/envios/tandas/")
    expect(plain.locator(".grid-batches")).to_contain_text("En pausa")
    plain.get_by_role("link", name="Facturas de venta").last.click()
    plain.get_by_role("button", name="Reanudar").click()
    expect(plain.locator(".batch-words")).to_contain_text("Va 1 de 4.")
    plain.get_by_role("link", name="Cancelar la tanda").click()
    expect(plain.locator("main")).to_contain_text("Quedan 3 sin salir")
    plain.get_by_role("button", name="Cancelar la tanda").click()
    expect(plain.locator("main")).to_contain_text("Cancelados")
    assert Delivery.objects.filter(batch=batch, state=State.CANCELLED).count() == 3
    plain.get_by_role("link", name="3", exact=True).first.click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Cancelados")


def test_what_a_role_may_do_is_chosen_copied_and_saved(cast: Cast, plain: Page) -> None:
    role = Role.objects.get(company=cast.company, name="Consulta")
    role.grants.filter(page="receipt").delete()
    sign_in(plain)
    plain.goto("/seguridad/acciones/")
    plain.get_by_label("Rol", exact=True).select_option("Consulta")
    plain.get_by_role("button", name="Ver", exact=True).click()
    plain.get_by_label("Enviar comprobante en Cobros").check()
    plain.get_by_role("button", name="Guardar").click()
    expect(plain.get_by_role("status").first).to_contain_text("«Consulta» tiene")
    held = set(role.grants.values_list("page", "action"))
    assert {("receipt", "send"), ("receipt", "view")} <= held, "an action comes with *Ver*"
    plain.get_by_label("Copiar de").select_option("Compras")
    plain.get_by_role("button", name="Copiar").click()
    expect(plain.get_by_role("heading", name="Copiado de «Compras», sin guardar")).to_be_visible()
    plain.get_by_role("link", name="Deshacer").click()
    expect(plain.get_by_label("Enviar comprobante en Cobros")).to_be_checked()


def test_ones_own_account_is_kept(cast: Cast, plain: Page, browser: Browser, live_server: Any) -> None:
    elsewhere = browser.new_context(base_url=live_server.url)
    sign_in(elsewhere.new_page())
    elsewhere.close()
    sign_in_by_form(plain)
    plain.get_by_label("Tu usuario").click()
    plain.get_by_role("link", name="Mi cuenta").click()
    plain.get_by_label("Nombre").fill("Ana del Oeste")
    plain.get_by_label("Colores").last.select_option("dark")
    plain.get_by_role("button", name="Guardar").click()
    expect(plain.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert User.objects.get(pk=cast.ana.pk).name == "Ana del Oeste"
    plain.get_by_label("Tu usuario").click()
    plain.get_by_role("button", name="Claro").click()
    expect(plain.locator("html")).to_have_attribute("data-bs-theme", "light")
    expect(plain.get_by_role("heading", level=1)).to_have_text("Mi cuenta")
    plain.get_by_role("button", name="Cerrar las otras sesiones").click()
    expect(plain.get_by_role("status").first).to_contain_text("Cerramos una sesión.")
    plain.get_by_role("link", name="Cambiar la contraseña").click()
    plain.get_by_label("Contraseña actual").fill(PASSWORD)
    plain.locator("#id_password").fill(NEW_PASSWORD)
    plain.locator("#id_repeated").fill(NEW_PASSWORD)
    plain.get_by_role("button", name="Cambiar la contraseña").click()
    expect(plain.get_by_role("status").first).to_contain_text("Cambiaste tu contraseña.")
    plain.get_by_label("Tu usuario").click()
    plain.get_by_role("button", name="Salir").click()
    plain.get_by_label("Correo").fill("ana@oeste.example")
    plain.get_by_label("Contraseña").fill(NEW_PASSWORD)
    plain.get_by_role("button", name="Ingresar", exact=True).click()
    expect(plain.get_by_label("Tu usuario")).to_be_visible()


def test_a_voucher_is_created_sent_and_sent_again(cast: Cast, plain: Page) -> None:
    _scene(cast, 1)
    sign_in(plain)
    plain.goto(f"{GRID}crear/")
    pdf = {"name": "factura.pdf", "mimeType": "application/pdf", "buffer": invoice_pdf(qr_text=None)}
    plain.get_by_label("Elegir el PDF").set_input_files(pdf)  # type: ignore[arg-type]
    plain.get_by_role("button", name="Leer el PDF").click()
    expect(plain.locator(".drop-file")).to_contain_text("factura.pdf")
    plain.get_by_label("Cliente").select_option("Almacén Norte SRL")
    plain.get_by_label("Punto de venta").fill("3")
    plain.get_by_label("Número", exact=True).fill("77")
    plain.locator("#id_issued_on").fill("2026-11-24")
    plain.get_by_label("Total").fill("1.500")
    plain.get_by_label("Es electrónico").uncheck()
    plain.get_by_role("button", name="Guardar y enviar").click()
    plain.get_by_role("button", name="Enviar 1").click()
    expect(plain.get_by_role("status").first).to_contain_text("1 envío en cola.")
    sent = Delivery.objects.get()
    put(sent, State.FAILED)
    plain.reload()
    expect(plain.locator("#deliveries")).to_contain_text("El número no tiene WhatsApp.")
    plain.locator(".delivery-acts").get_by_role("button", name="Reenviar").click()
    expect(plain.locator("#deliveries .delivery")).to_have_count(2)
    put(Delivery.objects.exclude(pk=sent.pk).get(), State.DELIVERED)
    plain.reload()
    plain.get_by_role("button", name="Reenviar a todos").click()
    plain.get_by_role("button", name="Volver a enviar 1").click()
    expect(plain.locator("#deliveries .delivery")).to_have_count(3)


def test_what_is_written_in_a_configuration_is_previewed_and_saved(cast: Cast, plain: Page) -> None:
    _scene(cast, 1)
    sign_in(plain)
    plain.goto("/administracion/configuraciones/")
    plain.get_by_role("link", name="Facturas de venta", exact=True).last.click()
    plain.get_by_label("Cuerpo").fill("Va {{totl}}")
    plain.get_by_role("button", name="Actualizar la vista previa").click()
    expect(plain.locator("#preview")).to_contain_text("¿Quisiste poner {{total}}?")
    plain.get_by_label("Cuerpo").fill("Va {{total}}.")
    plain.locator("#parameter-1").fill("{{cuerpo}}")
    plain.get_by_role("button", name="Actualizar la vista previa").click()
    expect(plain.locator("#preview")).to_contain_text("Va $ 12.100,00.")
    expect(plain.locator("#carried")).to_contain_text("lleva el Cuerpo en {{1}}")
    plain.locator(".save-bar").get_by_role("button", name="Guardar").click()
    expect(plain.locator("main")).to_contain_text("Guardado: Cuerpo")
