"""Asistente de WhatsApp, steps 4, 6, 7 and 8, each looked at in what may be seen of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from PIL import Image
from playwright.sync_api import Page, expect

from acuse.channels.models import WhatsAppTemplate
from acuse.deliveries.models import Delivery, DeliveryPolicy
from acuse.deliveries.states import State
from acuse.deliveries.syncing import sync_templates
from acuse.kernel import clock
from acuse_simulator.process import SimulatorProcess
from tests.browser.conftest import sign_in
from tests.browser.looks import look
from tests.conftest import Cast
from tests.data.scenes import put
from tests.integration.web.whatsapp_steps import BASE, connect, further_number

pytestmark = pytest.mark.browser


def aside(ask: Callable[[], Any]) -> None:
    """Where no event loop runs: asking Meta runs one of its own."""

    def asked() -> None:
        try:
            ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asked).result()


@pytest.fixture
def platform(settings: Any) -> Iterator[SimulatorProcess]:
    with SimulatorProcess({"slow_seconds": 0.2}) as started:
        settings.GRAPH_URL = started.url
        yield started


def test_the_profile_is_seen_as_customers_see_it(cast: Cast, page: Page, platform: SimulatorProcess) -> None:
    aside(lambda: connect(cast.company, read=True))
    other = platform.control("numbers", display="+54 9 341 555-0100", status="CONNECTED")["id"]
    further_number(cast.company, other)
    sign_in(page)
    page.goto(f"{BASE}perfil/")
    look(page, "asistente-perfil-vacio")
    page.get_by_label("Info").fill("x" * 140)
    expect(page.locator("#id_about-count")).to_have_text("140 de 139: sobran 1")
    page.get_by_label("Info").fill("Comprobantes de Ferretería Oeste")
    expect(page.locator("#profile-about")).to_have_text("Comprobantes de Ferretería Oeste")
    page.get_by_label("Rubro").select_option("RETAIL")
    expect(page.locator("#profile-vertical")).to_have_text("Comercio")
    page.get_by_label("Descripción").fill("Herrajes, pinturas y electricidad.\nLunes a sábados de 8 a 18.")
    page.get_by_label("Dirección").fill("San Martín 100, Rosario")
    page.get_by_label("Correo").fill("hola@oeste.example")
    page.get_by_label("Páginas web").fill("https://oeste.example/")
    written = io.BytesIO()
    Image.new("RGB", (640, 640), (11, 114, 133)).save(written, "PNG")
    page.get_by_label("Foto").set_input_files({"name": "f.png", "mimeType": "image/png", "buffer": written.getvalue()})
    expect(page.locator("#profile-picture img")).to_be_visible()
    look(page, "asistente-perfil")
    page.get_by_role("button", name="Guardar en Meta").click()
    expect(page.locator("main")).to_contain_text("El perfil está guardado en Meta")
    expect(page.get_by_label("Info")).to_have_value("Comprobantes de Ferretería Oeste")
    platform.control("fault", kind="json_500", where="whatsapp_business_profile")
    page.get_by_role("button", name="Guardar en Meta").click()
    expect(page.locator("main [role=alert]")).to_contain_text("Probar de nuevo")
    look(page, "asistente-perfil-mal")
    page.get_by_role("button", name="Probar de nuevo").click()
    expect(page.locator("main")).to_contain_text("El perfil está guardado en Meta")


def test_a_template_is_written_seen_sent_and_approved(cast: Cast, page: Page, platform: SimulatorProcess) -> None:
    aside(lambda: connect(cast.company, read=True))
    platform.control("event", event="template_rejected", template="comprobantes", reason="INVALID_FORMAT")
    aside(lambda: sync_templates(cast.company, now=clock.now()))
    sign_in(page)
    page.goto(f"{BASE}plantilla/")
    look(page, "asistente-plantilla")
    page.get_by_role("button", name="Usar este texto").first.click()
    body = page.get_by_label("Texto")
    expect(page.locator("#draft-seen")).to_contain_text("Ya podes descargar tu comprobante Factura A 00003-00000042.")
    body.fill("{{1}} para {{2}} con un descuento")
    expect(page.locator("#draft-seen")).to_contain_text("no puede empezar ni terminar con una variable")
    expect(page.locator("#draft-seen")).to_contain_text("marketing")
    expect(page.get_by_label("{{2}}")).to_have_value("Almacén Norte SRL")
    look(page, "asistente-plantilla-mal")
    # left and come back to: what was typed is there
    page.goto(f"{BASE}prueba/")
    page.goto(f"{BASE}plantilla/")
    expect(page.locator(".draft-notice")).to_contain_text("Recuperamos lo que habías escrito")
    expect(page.get_by_label("Texto")).to_have_value("{{1}} para {{2}} con un descuento")
    page.get_by_role("button", name="Usar este texto").nth(1).click()
    expect(page.get_by_label("{{2}}")).to_have_count(0)
    expect(page.locator("#draft-seen")).to_contain_text("Cumple las reglas")
    page.get_by_role("button", name="Mandar a revisión de Meta").last.click()
    expect(page.locator("#templates")).to_contain_text("En revisión")
    look(page, "asistente-plantilla-revision")
    row = WhatsAppTemplate.objects.get(status="PENDING")
    platform.control("event", event="template_approved", template=row.name)
    WhatsAppTemplate.objects.filter(pk=row.pk).update(status="APPROVED")
    expect(page.locator("#templates")).to_contain_text("Aprobada")
    page.get_by_role("link", name=f"Elegir qué comprobantes salen con ella ({row.name})").click()
    page.get_by_label("Presupuestos").check()
    look(page, "asistente-plantilla-usar")
    page.get_by_role("button", name="Usarla").click()
    expect(page.locator("main")).to_contain_text(f"desde ahora con «{row.name}»")
    assert DeliveryPolicy.objects.get(company=cast.company, kind="quote").template_name == row.name


def test_payment_and_verification_are_told_with_where_to_go(cast: Cast, page: Page, platform: SimulatorProcess) -> None:
    connect(cast.company)
    blocked = {
        "can_send_message": "BLOCKED",
        "errors": [{"error_code": 141006, "error_description": "There is an error with the payment method.",
                    "possible_solution": "Add a payment method to the account."}],
    }  # fmt: skip
    platform.control("account", verification="not_verified", tier="TIER_250", funding=None, health=blocked)
    sign_in(page)
    page.goto(f"{BASE}pago-y-verificacion/")
    # nobody had looked: the page does
    expect(page.locator(".health")).to_contain_text("Sin verificar")
    look(page, "asistente-pago")
    platform.control(
        "account", verification="verified", tier="TIER_2K", funding="1", health={"can_send_message": "AVAILABLE"}
    )
    page.get_by_role("button", name="Leer de Meta ahora").click()
    expect(page.locator(".health")).to_contain_text("Meta deja enviar")
    look(page, "asistente-pago-bien")


def test_the_ticks_of_a_test_come_back_on_the_page(cast: Cast, page: Page, platform: SimulatorProcess) -> None:
    aside(lambda: connect(cast.company, read=True))
    sign_in(page)
    page.goto(f"{BASE}prueba/")
    look(page, "asistente-prueba")
    page.get_by_label("Tu celular").fill("0341 15 555-0190")
    expect(page.locator("#mobile-look")).to_contain_text("+54 9 341 555-0190")
    page.get_by_role("button", name="Enviar la prueba").dblclick()
    state = page.locator("#trial-state")
    expect(state).to_contain_text("En cola")
    delivery = Delivery.objects.get()
    put(
        delivery,
        State.FAILED,
        cause_code="whatsapp.131030",
        cause_text="El número de prueba solo escribe a celulares autorizados en Meta.",
    )
    expect(state).to_contain_text("Probar con el 15")
    look(page, "asistente-prueba-mal")
    state.get_by_role("button", name="Probar con el 15").click()
    expect(page.locator("#trial-state")).to_contain_text("En cola")
    again = Delivery.objects.latest("created_at")
    put(again, State.SENT, sent_at=clock.now())
    expect(page.locator("#trial-state")).to_contain_text("acá no se va a ver si llegó")
    look(page, "asistente-prueba-sin-avisos")
    put(again, State.READ)
    expect(page.locator("#trial-state")).to_contain_text("Listo")
    # with it the list of steps has its tick, and there is still one of each
    expect(page.locator(".assistant-steps [aria-current=step]")).to_contain_text("Envío de prueba (hecho)")
    expect(page.locator(".step-count")).to_have_text("Paso 8 de 8 · hecho")
    expect(page.locator("#trial-state")).not_to_contain_text("acá no se va a ver")
    look(page, "asistente-prueba-leida")
