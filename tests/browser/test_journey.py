"""What the original's own page tells its users to do, step by step and by its names, in the demo: real processes and a
simulated phone. Then what a role without *Enviar comprobante* meets, and a person of two companies.
"""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.installation import wait_for
from tests.acceptance.test_demo import command, environment, read_addresses
from tests.browser.arriving import wait_for_arrivals
from tests.data.pdfs import invoice_pdf

pytestmark = [pytest.mark.browser, pytest.mark.timeout(400)]

CLERK, LOOKER = "administracion@acuse.example", "consulta@acuse.example"
QUOTES = "/comprobantes/quote/"


@dataclass(frozen=True, slots=True)
class Demo:
    url: str
    phone: str
    owner: str
    password: str


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    errors = tmp_path_factory.mktemp("journey") / "errors"
    folder = tmp_path_factory.mktemp("demo")
    with errors.open("w") as log:
        running = subprocess.Popen(
            command("--no-browser"), env=environment(folder), stdout=subprocess.PIPE, stderr=log, text=True
        )
    assert running.stdout is not None
    try:
        told = read_addresses(running.stdout)
        yield Demo(told["Acuse"], told["El teléfono simulado"], told["Usuario"], told["Contraseña"])
    finally:
        running.send_signal(signal.SIGTERM)
        running.wait(80)
        running.stdout.close()


@pytest.fixture
def page(browser: Browser, demo: Demo) -> Iterator[Page]:
    context = browser.new_context(base_url=demo.url, locale="es-AR", viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    wait_for_arrivals(opened)
    yield opened
    context.close()


def enter(page: Page, demo: Demo, email: str) -> None:
    page.context.clear_cookies()
    page.goto("/ingresar/")
    page.get_by_label("Correo").fill(email)
    page.get_by_label("Contraseña").fill(demo.password)
    page.get_by_role("button", name="Ingresar").click()
    # the address of the form ends as every other
    expect(page.get_by_label("Tu usuario")).to_be_visible()


def go(page: Page, module: str, name: str) -> None:
    """By the menu, as one who knows only the names."""
    menu = page.locator(".sidebar")
    # all of it is there with what comes behind it
    expect(page.locator("main h1")).to_be_visible()
    link = menu.get_by_role("link", name=name, exact=True)
    if not link.is_visible():
        menu.locator("summary").filter(has_text=module).click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_the_five_steps_of_the_original_by_their_names(demo: Demo, page: Page, tmp_path: Path) -> None:
    enter(page, demo, demo.owner)
    _parameters(page)
    _contact(page)
    _configuration(page)
    voucher = _voucher_sent(page, tmp_path)
    _read_on_the_phone(page, demo, voucher)


def _parameters(page: Page) -> None:
    """1 and 2."""
    go(page, "Administración", "Parámetros")
    expect(page.get_by_text("WhatsApp: Token Seguridad", exact=True).first).to_be_visible()
    number = page.get_by_label("WhatsApp: Número Teléfono (Sólo Números)")
    expect(number).not_to_have_value("")
    page.get_by_role("button", name="Probar", exact=True).first.click()
    expect(page.locator("#whatsapp")).to_contain_text("Ferretería del Oeste SA")


def _contact(page: Page) -> None:
    """3."""
    go(page, "Tablas", "Clientes")
    page.get_by_label("Buscar", exact=True).fill("kiosco pichincha")
    row = page.get_by_role("row").filter(has_text="Kiosco Pichincha")
    expect(page.get_by_role("row")).to_have_count(2)
    row.get_by_role("link", name="Editar contactos envío comprobantes").click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("link", name="Crear").click()
    panel.get_by_label("Nombre").fill("Caja")
    panel.get_by_label("Celular").fill("0341 15 555-0188")
    expect(panel).to_contain_text("+54 9 341 555-0188")
    panel.get_by_role("button", name="Crear").click()
    expect(panel).to_contain_text("Guardado: Caja.")
    page.keyboard.press("Escape")
    expect(row).to_contain_text("+54 9 341 555-0188")


def _configuration(page: Page) -> None:
    """4."""
    go(page, "Administración", "Configuraciones de envío de comprobantes")
    page.get_by_role("link", name="Presupuestos").last.click()
    expect(page.get_by_label("Habilitado")).to_be_checked()
    expect(page.get_by_label("Envío Automático")).not_to_be_checked()
    page.get_by_label("Asunto").fill("Tu {{comprobante}}")
    page.get_by_label("Cuerpo").fill("Hola {{contacto}}, va el {{comprobante}}.")
    expect(page.locator(".policy-preview, aside").last).to_contain_text("Tu Presupuesto 00001-")
    page.get_by_role("button", name="Guardar").first.click()
    expect(page.locator(".notices")).to_contain_text("Guardado")


def _voucher_sent(page: Page, folder: Path) -> str:
    """5: made by hand with its PDF, and sent from the grid. Its address."""
    pdf = folder / "presupuesto.pdf"
    pdf.write_bytes(invoice_pdf(qr_text=None))
    go(page, "Ventas", "Presupuestos")
    page.get_by_role("link", name="Crear").click()
    page.get_by_label("Elegir el PDF").set_input_files(pdf)
    expect(page.get_by_text("Leímos presupuesto.pdf")).to_be_visible()
    page.get_by_role("combobox", name="Cliente").fill("kiosco")
    page.get_by_role("option", name="Kiosco Pichincha").click()
    page.get_by_label("Punto de venta").fill("1")
    page.get_by_label("Número", exact=True).fill("77")
    page.get_by_label("Total").fill("15.000,50")
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Presupuesto 00001-00000077")
    address = page.url
    go(page, "Ventas", "Presupuestos")
    row = page.get_by_role("row").filter(has_text="00001-00000077")
    expect(row).to_contain_text("Sin enviar")
    row.locator("summary").click()
    row.get_by_role("button", name="Enviar comprobante").click()
    expect(page.locator("main")).to_contain_text("Va 1 mensaje de 1 comprobante.")
    page.get_by_role("button", name="Enviar 1").click()
    # it moves by itself, without anybody touching the page
    expect(page.locator(".deliveries")).to_contain_text("Leído", timeout=60_000)
    assert page.url == address
    return address


def _read_on_the_phone(page: Page, demo: Demo, voucher: str) -> None:
    """As its receiver sees it, who answers BAJA."""
    page.goto(demo.phone)
    page.get_by_role("link").filter(has_text="Presupuesto 00001-00000077.pdf").click()
    expect(page.locator(".bubble.theirs").last).to_contain_text("Presupuesto 00001-00000077.pdf")
    page.get_by_label("Respuesta").fill("BAJA")
    page.get_by_role("button", name="Responder").click()
    expect(page.locator(".bubble.mine")).to_contain_text("BAJA")
    page.goto(voucher)
    # a voucher that was read looks for no news by itself
    assert wait_for(lambda: _has_after_reload(page, "BAJA"), 20)
    page.get_by_role("link", name="Editar contactos envío comprobantes").click()
    expect(page.get_by_role("dialog")).to_contain_text("Pidió la baja por WhatsApp")


def _has_after_reload(page: Page, words: str) -> bool:
    page.reload()
    return words in page.locator("main").inner_text()


def test_many_that_are_ticked_leave_by_the_worker_and_are_read_on_the_phone(demo: Demo, page: Page) -> None:
    """Few enough to wait for; the pages of 500 are `test_bulk`'s, and a worker's batches `test_batch_crashes`'s."""
    enter(page, demo, demo.owner)
    page.goto("/comprobantes/sales_invoice/?ready=ready&state=none")
    page.get_by_label("Elegir todos los de esta página").check()
    chosen = page.locator("[data-pick]:checked")
    count = chosen.count()
    assert count > 3
    titles = [str(box.get_attribute("aria-label")).removeprefix("Elegir ") for box in chosen.all()]
    page.locator("[data-selection-bar]").get_by_role("button", name="Enviar comprobante").click()
    # what is listed as ready is what goes
    expect(page.locator("main")).to_contain_text(f"Van {count} mensajes de {count} comprobantes.")
    page.get_by_role("button", name=f"Enviar {count}").click()
    expect(page.locator(".notices")).to_contain_text(f"{count} envíos en cola.")
    go(page, "Envíos", "Tandas")
    page.get_by_role("row").filter(has_text="Facturas de venta").first.get_by_role("link").click()
    # by itself: the worker sends, the phone tells
    batch = page.locator("#batch")
    expect(batch).to_contain_text(f"{count} enviados.", timeout=60_000)
    expect(batch.locator("dl div").filter(has_text="Leídos").locator("dd")).to_have_text(str(count), timeout=60_000)
    page.get_by_role("link", name=str(count), exact=True).first.click()
    for title in titles:
        expect(page.locator("main")).to_contain_text(title)


def test_a_role_without_enviar_has_no_button_and_no_way_by_the_address(demo: Demo, page: Page) -> None:
    enter(page, demo, LOOKER)
    go(page, "Ventas", "Presupuestos")
    voucher = page.get_by_role("link", name="Presupuesto 00001-00000213")
    page.goto(str(voucher.get_attribute("href")))
    mine = page.url.rstrip("/").rpartition("/")[2]
    expect(page.get_by_role("heading", level=1)).to_contain_text("Presupuesto")
    expect(page.get_by_role("button", name="Enviar comprobante")).to_have_count(0)
    answer = page.goto(f"{QUOTES}enviar/?id={mine}")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator("main")).to_contain_text("«Enviar comprobante» en «Presupuestos»")
    enter(page, demo, demo.owner)
    go(page, "Seguridad", "Acciones por páginas por rol")
    page.get_by_label("Rol", exact=True).select_option(label="Consulta")
    page.wait_for_url("**?rol=*")
    page.get_by_role(
        "checkbox", name=re.compile("Enviar comprobante.*Presupuestos|Presupuestos.*Enviar comprobante")
    ).check()
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".notices")).to_contain_text("Guardado")
    enter(page, demo, LOOKER)
    page.goto(f"{QUOTES}{mine}/")
    expect(page.get_by_role("button", name="Enviar comprobante")).to_have_count(1)


def test_a_person_of_two_companies_changes_between_them_and_sees_one_at_a_time(demo: Demo, page: Page) -> None:
    # not the owner, who acts in the other tests: who has two companies enters in one of them
    enter(page, demo, demo.owner)
    go(page, "Ventas", "Presupuestos")
    of_the_first = str(page.get_by_role("link", name="Presupuesto 00001-00000213").get_attribute("href"))
    page.goto("/instalacion/empresas/nueva/")
    page.get_by_label("Razón social").fill("Tornillería Sur SRL")
    page.get_by_label("CUIT").fill("30-00000001-5")
    page.get_by_label("Correo de quien la administra").fill(CLERK)
    page.get_by_role("button", name="Crear e invitar").click()
    invitation = page.locator("input[readonly]").input_value()
    enter(page, demo, CLERK)
    page.goto(invitation)
    page.get_by_role("button", name="Aceptar", exact=True).click()
    expect(page.locator(".topbar")).to_contain_text("Tornillería Sur SRL")
    go(page, "Ventas", "Presupuestos")
    expect(page.locator("main")).to_contain_text("Todavía no hay presupuestos")
    answer = page.goto(of_the_first)
    assert answer is not None
    assert answer.status == 404
    page.locator(".topbar summary").filter(has_text="Tornillería Sur SRL").click()
    page.locator(".topbar").get_by_role("button", name="Ferretería del Oeste SA").click()
    answer = page.goto(of_the_first)
    assert answer is not None
    assert answer.status == 200
