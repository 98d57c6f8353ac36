"""Inicio, the shell around every page, and Envíos, as a person sees and uses them."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from acuse.deliveries.figures import counting, rates
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.states import LEFT, State
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.web.home.views import HIDDEN_COOKIE
from tests.browser.arriving import wait_for_arrivals
from tests.browser.conftest import sign_in
from tests.browser.looks import fits, look, manual
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put, suspend

pytestmark = pytest.mark.browser

NAMES = [
    "Almacén Norte SRL",
    "Cooperativa de Provisión de Servicios Eléctricos, Agua Potable y Otros Servicios Públicos de Villa Ñandú Ltda.",
    "Íñiguez, María de los Ángeles",
]
#: As a month of a company goes.
USUAL = [State.READ] * 11 + [State.DELIVERED] * 5 + [State.SENT] * 2 + [State.FAILED, State.UNCERTAIN, State.CANCELLED]
BILLED = {"type": "regular", "category": "utility", "billable": True}


def month(cast: Cast) -> list[Delivery]:
    """Some weeks of deliveries, in every state."""
    dice = random.Random(7)
    make_whatsapp(cast.company)
    make_mailbox(cast.company, "smtp://127.0.0.1:2525")
    parties = [make_party(cast.company, name=name) for name in NAMES]
    for number, party in enumerate(parties):
        make_contact(party, mobile=f"+549341555019{number}", email=f"compras{number}@norte.example")
    supplier = make_party(cast.company, kind="supplier", name="Aceros del Paraná SA")
    make_contact(supplier, mobile="+5493415550177")
    today = timezone.localdate()
    vouchers = [make_voucher(cast.company, parties[n % 3], number=n, issued_on=today) for n in range(1, 61)]
    vouchers += [
        make_voucher(cast.company, supplier, number=n, kind=VoucherKind.PAYMENT_ORDER, issued_on=today)
        for n in range(1, 13)
    ]
    rows = ask(vouchers)
    now = clock.now()
    for place, row in enumerate(rows):
        asked = now - timedelta(days=(place * place) % 29, hours=3)
        state = State.QUEUED if place < 3 else USUAL[place % len(USUAL)]
        sent = asked + timedelta(seconds=2) if state in LEFT else None
        delivered = asked + timedelta(seconds=dice.randrange(3, 90)) if state in (State.DELIVERED, State.READ) else None
        read = asked + timedelta(seconds=dice.randrange(60, 20_000)) if state is State.READ else None
        put(row, state, created_at=asked if state is not State.QUEUED else now, sent_at=sent, delivered_at=delivered,
            read_at=read, started_at=sent or asked, pricing=BILLED if sent else None)  # fmt: skip
    alone = make_party(cast.company, name="Kiosco Pichincha")
    make_voucher(cast.company, alone, number=90, issued_on=today)
    make_voucher(cast.company, parties[0], number=91, cae="", content=None, issued_on=today)
    InboundMessage.objects.create(
        company=cast.company, lane=rows[0].lane, provider_id="w1", sender="5493415550190", sender_name="Norma",
        type="text", text="Recibido, gracias.", at=now, raw={},
    )  # fmt: skip
    rates.save_rate(
        company=cast.company, category="utility", market="54", currency="USD", price=Decimal("0.026"),
        valid_from=today - timedelta(days=400), actor="test",
    )  # fmt: skip
    counting.refresh()
    return rows


def test_inicio_before_there_is_anything_and_its_first_steps(cast: Cast, page: Page) -> None:
    sign_in(page)
    expect(page.get_by_role("heading", name="Primeros pasos")).to_be_visible()
    look(page, "inicio-vacio")
    manual(page, "inicio-primeros-pasos")
    page.get_by_role("link", name="Completar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Empresa")


def test_inicio_tells_how_it_goes_and_each_number_leads_to_its_rows(cast: Cast, page: Page) -> None:
    month(cast)
    sign_in(page)
    expect(page.get_by_role("heading", name="De pedido a leído")).to_be_visible()
    look(page, "inicio-graficos")
    page.emulate_media(media="print")
    page.screenshot(path="test-output/screenshots/inicio-impreso.png", full_page=True)
    page.emulate_media(media="screen")
    for row in Delivery.objects.filter(state=State.QUEUED):
        put(row, State.DELIVERED)
    hidden = {"name": HIDDEN_COOKIE, "value": f"{cast.ana.pk}.{cast.company.pk}", "url": page.url}
    page.context.add_cookies([hidden])  # type: ignore[list-item]
    page.reload()
    manual(page, "inicio")
    page.get_by_text("Ver la tabla").click()
    expect(page.get_by_role("region", name="Tabla de envíos por día")).to_be_visible()
    failed = page.locator(".figures").get_by_role("link", name="No se entregaron")
    count = (
        page.locator(".figure", has=page.get_by_role("link", name="No se entregaron"))
        .locator(".figure-count")
        .inner_text()
    )
    failed.click()
    expect(page.locator(".pages-count")).to_contain_text(f"{count} envíos")
    page.go_back()
    page.get_by_role("link", name="Hoy", exact=True).click()
    expect(page.locator(".switch .current")).to_have_text("Hoy")
    page.set_viewport_size({"width": 360, "height": 740})
    fits(page, "inicio-hoy", 360)


def test_inicio_keeps_itself_current_while_somebody_looks(cast: Cast, page: Page) -> None:
    rows = month(cast)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.headers.get("x-acuse-seen") else None)
    page.clock.install()
    sign_in(page)
    page.goto("/")
    received = page.locator(".figure").filter(has_text="Mensajes recibidos")
    expect(received.locator(".figure-count")).to_have_text("1")
    InboundMessage.objects.create(
        company=cast.company, lane=rows[0].lane, provider_id="w2", sender="5493415550190", type="text", text="Hola",
        at=clock.now(), raw={},
    )  # fmt: skip
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    page.clock.run_for(65_000)
    assert not asked
    page.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true })")
    page.clock.run_for(31_000)
    expect(received.locator(".figure-count")).to_have_text("2")


def test_the_outbox_is_filtered_decided_and_updates_by_itself(cast: Cast, page: Page) -> None:
    rows = month(cast)
    suspend(rows[0])
    sign_in(page)
    page.goto("/envios/")
    look(page, "envios-todos")
    manual(page, "envios")
    page.goto("/envios/?waiting=uncertain")
    look(page, "envios-sin-confirmar")
    page.get_by_role("link", name="Ya llegó").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("¿Marcar que llegó este envío?")
    expect(page.get_by_text("Lo que se sabe")).to_be_visible()
    look(page, "envios-decidir")
    page.get_by_role("button", name="Marcar que llegó").click()
    expect(page.get_by_role("status").last).to_have_text("1 envío marcado.")
    page.goto("/envios/?state=failed")
    page.get_by_label("Elegir todos los de esta página").check()
    page.get_by_role("button", name="Reenviar").click()
    expect(page.locator("#many")).to_be_visible()
    look(page, "envios-reenviar")
    page.get_by_role("button", name="Reenviar").click()
    expect(page.locator("#many").get_by_role("status")).to_contain_text("en cola.")
    look(page, "envios-hecho")
    page.goto("/envios/?state=queued")
    waiting = Delivery.objects.filter(state=State.QUEUED).order_by("-created_at", "-id")[0]
    expect(page.locator(f"#state-{waiting.pk}")).to_contain_text("En cola")
    put(waiting, State.READ)
    expect(page.locator(f"#state-{waiting.pk}")).to_contain_text("Leído")


def test_many_are_done_slice_by_slice(cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acuse.web.deliveries.bulk._BUDGET", 0.001)
    month(cast)
    queued = Delivery.objects.filter(state=State.QUEUED).count()
    sign_in(page)
    page.goto("/envios/varios/cancelar/?all=1&filtros=state%3Dqueued")
    page.get_by_role("button", name=f"Cancelar {queued}").click()
    expect(page.get_by_text(f"{queued} envíos cancelados.")).to_be_visible()
    assert not Delivery.objects.filter(state=State.QUEUED).exists()


def test_the_menu_opens_closes_and_is_remembered_by_keyboard(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Ir al contenido")).to_be_focused()
    menu = page.get_by_role("navigation", name="Módulos", exact=True)
    security = menu.locator("[data-module=seguridad] summary")
    expect(menu.get_by_role("link", name="Auditoría")).to_be_hidden()
    security.focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("link", name="Auditoría")).to_be_visible()
    look(page, "menu-abierto")
    page.reload()
    expect(menu.get_by_role("link", name="Auditoría")).to_be_visible()
    page.get_by_title("Achicar el menú").click()
    expect(menu.get_by_role("link", name="Auditoría")).to_be_hidden()
    page.reload()
    menu.get_by_title("Seguridad").click()
    expect(menu.get_by_role("link", name="Auditoría")).to_be_visible()
    page.screenshot(path="test-output/screenshots/menu-angosto.png")
    page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="Auditoría")).to_be_hidden()
    expect(menu.locator("[data-module=seguridad] summary")).to_be_focused()
    page.goto("/comprobantes/sales_invoice/")
    page.get_by_title("Agrandar el menú").click()
    expect(menu.get_by_role("link", name="Auditoría")).to_be_visible()


def test_a_phone_has_the_rest_behind_more(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.set_viewport_size({"width": 360, "height": 740})
    bar = page.get_by_role("navigation", name="Módulos, abajo")
    bar.get_by_text("Más").click()
    expect(bar.get_by_role("link", name="Parámetros")).to_be_visible()
    page.screenshot(path="test-output/screenshots/menu-telefono.png")
    bar.get_by_role("link", name="Parámetros").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parámetros")


def test_the_slash_goes_to_the_search(cast: Cast, page: Page) -> None:
    month(cast)
    sign_in(page)
    page.goto("/envios/")
    page.locator("body").press("/")
    expect(page.get_by_label("Buscar", exact=True)).to_be_focused()
    page.keyboard.type("norte/sur")
    expect(page.get_by_label("Buscar", exact=True)).to_have_value("norte/sur")


def test_when_the_server_cant_be_reached_it_is_said_and_mended(cast: Cast, browser: Browser, live_server: Any) -> None:
    """In a page of its own: the browser writes each failed request into its console."""
    month(cast)
    context = browser.new_context(base_url=live_server.url, locale="es-AR", viewport={"width": 1280, "height": 800})
    page = context.new_page()
    wait_for_arrivals(page)
    sign_in(page)
    page.goto("/envios/?state=queued")
    told = page.locator("[data-toasts]")
    context.set_offline(True)
    # the poller, by itself
    expect(told).to_contain_text("No pudimos hablar con el servidor.")
    expect(told).to_contain_text("Lo volvemos a intentar.")
    page.screenshot(path="test-output/screenshots/aviso-sin-red.png")
    # a person
    page.get_by_label("Buscar", exact=True).fill("norte")
    expect(told.get_by_role("button", name="Probar de nuevo")).to_be_visible()
    context.set_offline(False)
    told.get_by_role("button", name="Probar de nuevo").click()
    expect(page.locator(".pages-count")).to_contain_text("1 envío")
    expect(told.locator(".toast-line")).to_have_count(0)
    page.route("**/envios/?**", lambda route: route.fulfill(status=502, body="nada"))
    page.get_by_label("Buscar", exact=True).fill("sur")
    expect(told).to_contain_text("El servidor no pudo con esto.")
    context.close()


def test_an_error_page_offers_the_way_out(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/envios/")
    page.goto("/no-existe/")
    look(page, "error-404")
    page.get_by_role("button", name="Volver atrás").click()
    page.wait_for_url("**/envios/")
    page.context.clear_cookies()
    sign_in(page, "beto@oeste.example")
    page.goto("/envios/varios/cancelar/")
    expect(page.get_by_text("«Enviar comprobante» en «Facturas de venta»")).to_be_visible()
    look(page, "error-403")


@pytest.mark.parametrize("name", ["400", "413", "500"])
def test_the_pages_of_what_went_wrong_look_right(page: Page, live_server: Any, name: str) -> None:
    """Those that Django draws without the office, as it draws them."""
    drawn = render_to_string(f"{name}.html", {"files": True})
    page.route("**/de-prueba/", lambda route: route.fulfill(body=drawn, content_type="text/html; charset=utf-8"))
    page.goto("/de-prueba/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    look(page, f"error-{name}")
