"""The day's work without a mouse: the focus is always in sight, goes into what opens, and comes back from it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory.models import Party
from acuse.vouchers.models import Voucher
from tests.browser.conftest import sign_in
from tests.browser.keyboard import focused, tab_and_press, tab_to, to_content, wait_for_the_viewer
from tests.conftest import Cast
from tests.data.cast import PASSWORD, make_contact, make_party, make_voucher, make_whatsapp
from tests.data.pdfs import invoice_pdf
from tests.data.scenes import put
from tests.integration.deliveries.batch_steps import running_batch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
GRID = "/comprobantes/sales_invoice/"
#: Types in the list and chooses at once, faster than it looks for what was typed, and waits until it has.
CHOSEN_AT_ONCE = """(box, next) => new Promise((done, failed) => {
    const chooser = document.querySelector("#id_party").tomselect;
    box.value = "almac";
    box.dispatchEvent(new Event("input", { bubbles: true }));
    box.dispatchEvent(new KeyboardEvent("keydown", { keyCode: 13, bubbles: true, cancelable: true }));
    if (next) document.querySelector(next).focus();
    if (chooser.refreshTimeout === null) failed("it had nothing to look for");
    // it is in its field a moment later
    const look = () => setTimeout(chooser.refreshTimeout === null ? done : look, 50);
    look();
})"""


@pytest.fixture(autouse=True)
def _without_gliding(page: Page) -> None:
    """Scrolling is done when the key was pressed."""
    page.emulate_media(reduced_motion="reduce")


def _scene(cast: Cast, count: int = 3) -> list[Voucher]:
    make_whatsapp(cast.company)
    party = make_party(cast.company)
    make_contact(party, name="Compras")
    return [make_voucher(cast.company, party, number=number) for number in range(1, count + 1)]


def test_one_signs_in_finds_a_voucher_and_sends_it(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    page.goto("/ingresar/")
    expect(page.get_by_label("Correo")).to_be_focused()
    page.keyboard.type("ana@oeste.example")
    tab_to(page, page.get_by_label("Contraseña"), most=1)
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inicio")
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("textbox", name="Ir a", exact=True)).to_be_focused()
    page.keyboard.type("3-2")
    expect(page.locator("#find-results").get_by_role("link")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(made[1].title)
    wait_for_the_viewer(page)
    to_content(page)
    tab_and_press(page, page.get_by_role("button", name="Enviar comprobante"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Enviar comprobante")
    to_content(page)
    tab_and_press(page, page.get_by_role("button", name="Enviar 1"))
    expect(page.get_by_role("status").first).to_contain_text("1 envío en cola.")
    assert Delivery.objects.get().voucher == made[1]


def test_one_is_created_by_hand_with_its_pdf(cast: Cast, page: Page, tmp_path: Path) -> None:
    _scene(cast)
    (pdf := tmp_path / "factura.pdf").write_bytes(invoice_pdf(qr_text=None))
    sign_in(page)
    tab_and_press(page, page.get_by_label("Módulos", exact=True).get_by_role("link", name="Facturas de venta"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Facturas de venta")
    to_content(page)
    tab_and_press(page, page.get_by_role("link", name="Crear"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Crear factura de venta")
    to_content(page)
    chooser = page.get_by_label("Elegir el PDF")
    tab_to(page, chooser)
    # Space opens the system's own dialog, which is no page
    chooser.set_input_files(pdf)
    expect(page.locator(".drop-file")).to_contain_text("factura.pdf", timeout=30_000)
    wait_for_the_viewer(page)
    to_content(page)
    tab_to(page, page.get_by_role("combobox", name="Cliente"))
    page.keyboard.type("almac")
    page.get_by_role("option", name="Almacén Norte SRL").wait_for()
    page.keyboard.press("Enter")
    _fill_in(page)
    tab_and_press(page, page.get_by_label("Es electrónico"), "Space")
    tab_and_press(page, page.locator(".form-acts").get_by_role("button", name="Guardar", exact=True))
    expect(page.get_by_role("status").first).to_contain_text("Se guardó")
    made = Voucher.objects.get(number=77)
    assert made.file is not None
    assert made.party.name == "Almacén Norte SRL"
    assert made.total == 1500


def test_who_has_chosen_from_a_list_and_gone_on_isnt_called_back(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}crear/")
    party = page.get_by_role("combobox", name="Cliente")
    number = page.get_by_label("Punto de venta")
    party.focus()
    page.get_by_role("option", name="Almacén Norte SRL").wait_for()
    for goes_on in (True, False):
        party.evaluate(CHOSEN_AT_ONCE, "#id_point_of_sale" if goes_on else None)
        expect(page.locator(".ts-dropdown")).not_to_be_visible()
        expect(number if goes_on else party).to_be_focused()
        expect(page.locator("#id_party")).to_have_value(str(Party.objects.get().pk))
        party.focus()


def _fill_in(page: Page) -> None:
    """From field to field, as they come."""
    tab_to(page, page.get_by_label("Punto de venta"))
    page.keyboard.type("3")
    tab_to(page, page.get_by_label("Número", exact=True))
    page.keyboard.type("77")
    tab_to(page, page.locator("#id_issued_on"))
    page.keyboard.type("24112026")
    tab_to(page, page.get_by_label("Total"))
    page.keyboard.type("1500")


def test_a_pdf_that_opens_beside_takes_the_focus_from_nobody(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}{made[0].pk}/editar/", wait_until="domcontentloaded")
    total = page.get_by_label("Total")
    total.focus()
    wait_for_the_viewer(page)
    page.keyboard.press("End")
    page.keyboard.type("9")
    expect(total).to_have_value(re.compile("9$"))
    page.goto(f"{GRID}{made[0].pk}/")
    wait_for_the_viewer(page)
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Ir a", exact=True)).to_be_focused()


def test_the_panel_takes_the_focus_keeps_it_and_gives_it_back(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}{made[0].pk}/")
    wait_for_the_viewer(page)
    to_content(page)
    opener = page.get_by_role("link", name="Enviar a otro contacto")
    tab_and_press(page, opener)
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", level=2)).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        inside = page.evaluate(
            "document.activeElement === document.body || Boolean(document.activeElement.closest('dialog'))"
        )
        assert inside, "what is behind the panel can't be reached"
    page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
    expect(opener).to_be_focused()
    contacts = page.get_by_role("link", name="Editar contactos envío comprobantes")
    tab_and_press(page, contacts)
    expect(panel).to_be_visible()
    tab_and_press(page, panel.get_by_role("link", name="Crear"))
    expect(panel.get_by_label("Nombre")).to_be_visible()
    assert page.evaluate("Boolean(document.activeElement.closest('dialog'))")
    tab_to(page, panel.get_by_label("Correo"))
    page.keyboard.type("pagos@norte.example")
    page.keyboard.press("Enter")
    expect(panel).to_contain_text("Guardado")
    page.keyboard.press("Escape")
    expect(panel).not_to_be_visible()
    # the panel of the contacts was drawn anew meanwhile
    expect(page.locator("#contactos-panel")).to_contain_text("pagos@norte.example")
    expect(contacts).to_be_focused()


def test_the_grid_is_sorted_paged_ticked_and_filtered_with_the_focus_where_it_was(cast: Cast, page: Page) -> None:
    _scene(cast, 60)
    sign_in(page)
    page.goto(GRID)
    to_content(page)
    tab_and_press(page, page.get_by_role("link", name="Total"))
    expect(page.locator("th[aria-sort]")).to_contain_text("Total")
    expect(page.get_by_role("link", name="Total")).to_be_focused()
    pick = page.locator("[data-pick]").first
    tab_and_press(page, pick, "Space")
    bar = page.locator("[data-selection-bar]")
    expect(bar).to_contain_text("1 elegido")
    menu = page.locator(".row-menu > summary").first
    tab_and_press(page, menu)
    expect(page.locator(".row-menu .menu-body").first).to_be_visible()
    tab_to(page, page.locator(".row-menu .menu-body").first.get_by_role("link", name="Ver"))
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    further = page.get_by_role("link", name="Siguientes")
    tab_to(page, further, key="Shift+Tab", most=1) if focused(further) else tab_to(page, further, most=200)
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Anteriores")).to_be_visible()
    assert page.evaluate("document.activeElement !== document.body"), "the focus was lost with the rows"
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    tab_and_press(page, page.locator(".filter-menu > summary"))
    tab_to(page, page.locator(".filter-menu").get_by_label("Estado del envío").or_(page.locator("#id_state")).first)
    page.keyboard.press("Escape")
    expect(page.locator(".filter-menu > summary")).to_be_focused()


def test_the_focus_stays_where_it_is_while_a_batch_goes_on(cast: Cast, page: Page) -> None:
    _scene(cast, 4)
    batch = running_batch(cast)
    sign_in(page)
    page.goto(f"/envios/tandas/{batch.pk}/")
    to_content(page)
    cancel = page.get_by_role("link", name="Cancelar la tanda")
    tab_to(page, cancel)
    put(Delivery.objects.filter(batch=batch).order_by("pk")[0], State.SENT)
    expect(page.locator(".batch-words")).to_contain_text("Va 1 de 4.")
    expect(cancel).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Pausar"), key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".batch-words")).to_contain_text("En pausa")


def test_where_what_had_the_focus_goes_the_place_keeps_it_however_often_it_is_drawn(cast: Cast, page: Page) -> None:
    _scene(cast, 4)
    batch = running_batch(cast)
    sign_in(page)
    page.goto(f"/envios/tandas/{batch.pk}/")
    to_content(page)
    tab_to(page, page.locator("#batch a[href$='que=pendientes']"))
    first, second, *_ = Delivery.objects.filter(batch=batch).order_by("pk")
    for number, delivery in enumerate((first, second), start=1):
        put(delivery, State.SENT)
        expect(page.locator(".batch-words")).to_contain_text(re.compile(rf"Van? {number} de 4"))
        expect(page.locator("#batch")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Pausar"), most=12)


def test_a_role_is_chosen_by_the_arrows_without_opening_those_on_the_way(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/seguridad/acciones/")
    to_content(page)
    chooser = page.get_by_label("Rol", exact=True)
    tab_to(page, chooser)
    before = page.url
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    # nothing has been asked yet: what would be is asked at once
    page.wait_for_timeout(500)
    assert page.url == before
    expect(chooser).to_be_focused()
    chosen = chooser.evaluate("node => node.value")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(rf"\?rol={chosen}\b"))
