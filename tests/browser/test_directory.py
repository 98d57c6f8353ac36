"""Tablas: the grids, the side panel of contacts, merging, classes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from acuse.deliveries.models import InboundMessage
from acuse.deliveries.states import State
from acuse.directory import optout
from acuse.directory.models import Contact, CustomerClass, Party
from acuse.kernel import clock
from tests.browser.arriving import first_of
from tests.browser.conftest import sign_in
from tests.browser.looks import DRAWN, grave, look, manual
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put

pytestmark = pytest.mark.browser
GRID = "/tablas/clientes/"
CLASSES = "/tablas/clases-de-cliente/"
BUTTON = "Editar contactos envío comprobantes"
_NAMES = ("Compras", "Tesorería")
LONG = "Cooperativa de Provisión de Servicios Eléctricos, Agua Potable y Otros Servicios Públicos de Villa Ñandú Ltda."


def _scene(cast: Cast) -> list[Party]:
    lane = make_whatsapp(cast.company)
    wholesale = CustomerClass.objects.create(company=cast.company, name="Mayoristas")
    CustomerClass.objects.create(company=cast.company, name="Zona sur")
    north = make_party(
        cast.company, name="Almacén Norte SRL", tax_id="30000000007", tax_id_type=80, external_id="C-0001",
        customer_class=wholesale,
    )  # fmt: skip
    make_contact(north, name="Compras", email="compras@norte.example", consent_origin="phone", consent_on=clock.now())
    out = make_contact(north, name="Tesorería", mobile="+5493415550101", email="")
    optout.suppress([out], reason="Pidió la baja por WhatsApp: «BAJA»", actor="system:hook")
    long = make_party(cast.company, name=LONG, tax_id="27111111117", tax_id_type=80, external_id="C-0002")
    make_contact(long, name="", mobile="+5493415550102", mobile_problem="El número no tiene WhatsApp.")
    for number in range(3):
        make_contact(long, name=f"Sucursal {number}", mobile="", email=f"sucursal.numero.{number}@cooperativa.example")
    make_party(cast.company, name="Íñiguez, María de los Ángeles", tax_id="12345678", tax_id_type=96)
    make_contact(make_party(cast.company, name="ALMACEN NORTE SRL", external_id="V-77"), mobile="+5493415550104")
    vouchers = [make_voucher(cast.company, north, number=number) for number in range(1, 5)]
    rows = ask(vouchers)
    for row, state in zip(rows, (State.READ, State.DELIVERED, State.FAILED, State.QUEUED), strict=True):
        put(row, state)
    said = (("image", "[imagen] El remito firmado", rows[0].contact), ("text", "BAJA", out))
    for number, (kind, text, contact) in enumerate(said):
        InboundMessage.objects.create(
            company=cast.company, lane=lane, provider_id=f"w{number}", type=kind, text=text, contact=contact,
            delivery=rows[0], at=clock.now(), raw={}, opted_out=text == "BAJA",
        )  # fmt: skip
    return [north, long]


#: Each with the address that `_addresses` gives it, in parts, since each is looked at four times.
_SCREENS = (
    ("clientes", "clientes-ninguno", "cliente-nuevo", "cliente", "cliente-largo", "cliente-unir", "cliente-unir-dos"),
    ("cliente-contactos", "contacto-editar", "contacto-borrar", "contacto-baja", "contacto-volver"),
    ("clientes-clase", "clases", "clase-nueva"),
)


def _addresses(north: Party, long: Party) -> dict[str, str]:
    twin = Party.objects.get(external_id="V-77")
    contact, out = (f"{GRID}{north.pk}/contactos/{north.contacts.get(name=name).pk}/" for name in _NAMES)
    return {
        "clientes": GRID,
        "clientes-ninguno": f"{GRID}?q=nadie",
        "cliente-nuevo": f"{GRID}nuevo/",
        "cliente": f"{GRID}{north.pk}/",
        "cliente-largo": f"{GRID}{long.pk}/",
        "cliente-unir": f"{GRID}{north.pk}/unir/",
        "cliente-unir-dos": f"{GRID}{north.pk}/unir/{twin.pk}/",
        "cliente-contactos": f"{GRID}{long.pk}/contactos/",
        "contacto-editar": contact,
        "contacto-borrar": f"{contact}borrar/",
        "contacto-baja": f"{contact}baja/",
        "contacto-volver": f"{out}volver/",
        "clientes-clase": f"{GRID}clase/?all=1",
        "clases": CLASSES,
        "clase-nueva": f"{CLASSES}nueva/",
    }


def test_what_is_empty_says_how_to_begin(cast: Cast, page: Page) -> None:
    sign_in(page)
    for name, url in (("clientes-vacio", GRID), ("clases-vacio", CLASSES)):
        page.goto(url)
        look(page, name)


@pytest.mark.parametrize("names", _SCREENS, ids=lambda names: names[0])
def test_every_screen_of_tablas_looks_right(cast: Cast, page: Page, names: tuple[str, ...]) -> None:
    addresses = _addresses(*_scene(cast))
    sign_in(page)
    for name in names:
        page.goto(addresses[name])
        look(page, name)


def test_who_edits_what_somebody_changed_meanwhile_sees_both_in_the_panel(cast: Cast, page: Page) -> None:
    north, _ = _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}{north.pk}/")
    page.get_by_role("link", name=BUTTON).click()
    panel = page.get_by_role("dialog")
    panel.get_by_role("link", name="Editar Compras").click()
    panel.get_by_label("Nombre").fill("Pagos a proveedores")
    Contact.objects.filter(name="Compras").update(name="Administración", email="administracion@norte.example")
    panel.get_by_role("button", name="Guardar").click()
    clash = panel.get_by_role("alert")
    expect(clash).to_contain_text("Alguien lo cambió mientras lo editabas")
    expect(clash.get_by_role("row")).to_contain_text(["Dato", "Administración", "administracion@norte.example"])
    expect(panel.get_by_label("Nombre")).to_have_value("Pagos a proveedores")
    look(page, "contacto-choque")
    panel.get_by_role("button", name="Guardar").click()
    expect(panel).to_contain_text("Guardado: Pagos a proveedores.")


def test_a_contact_is_created_in_the_panel_and_the_grid_shows_it(cast: Cast, page: Page) -> None:
    north, _ = _scene(cast)
    Contact.objects.filter(party=north).delete()
    other = make_party(cast.company, name="Ferretería del Sur")
    make_contact(other, mobile="+5493415550190")
    sign_in(page)
    page.goto(GRID)
    opener = page.get_by_role("link", name=f"{BUTTON} de Almacén Norte SRL")
    opener.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Todavía no tiene contactos")
    panel.get_by_role("link", name="Crear").click()
    panel.get_by_label("Nombre").fill("Pagos")
    panel.get_by_label("Celular").press_sequentially("341 155 550190")
    expect(panel.locator("#mobile-look")).to_contain_text("+54 9 341 555-0190")
    expect(panel.locator("#mobile-look")).to_contain_text("También es de Ferretería del Sur")
    expect(panel.get_by_label("Presupuestos")).to_be_hidden()
    manual(page, "contacto")
    panel.get_by_label("Solo estos").check()
    panel.get_by_label("Presupuestos").check()
    panel.get_by_label("Consentimiento").select_option("phone")
    panel.get_by_role("button", name="Crear").click()
    expect(panel.get_by_role("alert")).to_contain_text("lleva las dos cosas")
    panel.get_by_label("Qué día lo dio").fill("2026-11-03")
    look(page, "panel-contacto")
    panel.get_by_role("button", name="Crear").click()
    expect(panel).to_contain_text("Guardado: Pagos.")
    expect(panel).to_contain_text("Recibe presupuestos")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator(".grid-parties tr", has_text="Almacén Norte SRL")).to_contain_text("+54 9 341 555-0190")
    expect(page.get_by_role("link", name=f"{BUTTON} de Almacén Norte SRL")).to_be_focused()


def test_the_panel_keeps_the_focus_and_what_was_typed(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(GRID)
    page.get_by_role("link", name=f"{BUTTON} de Almacén Norte SRL").click()
    panel = page.get_by_role("dialog")
    expect(panel.locator("#panel-title")).to_be_focused()
    look(page, "panel-contactos")
    manual(page, "contactos")
    for _ in range(20):
        page.keyboard.press("Tab")
        # the browser's own dialog lets the focus out to its own bars, never to the page behind
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    panel.get_by_role("link", name="Editar Compras").click()
    panel.get_by_label("Nombre").fill("Otro nombre")
    page.keyboard.press("Escape")
    expect(panel.get_by_text("Hay cambios sin guardar.")).to_be_visible()
    assert grave(page) == []
    panel.get_by_role("button", name="Seguir editando").click()
    expect(panel.get_by_label("Nombre")).to_have_value("Otro nombre")
    panel.get_by_role("button", name="Cerrar el panel").click()
    panel.get_by_role("button", name="Cerrar sin guardar").click()
    expect(panel).to_be_hidden()
    assert Contact.objects.filter(name="Compras").exists()


def test_the_panel_is_the_whole_screen_of_a_phone(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(GRID)
    page.get_by_role("link", name=f"{BUTTON} de Almacén Norte SRL").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text("Almacén Norte SRL")
    panel.evaluate("panel => Promise.all(panel.getAnimations().map(one => one.finished))")
    box = panel.bounding_box()
    assert box is not None
    assert (box["x"], box["width"], box["height"]) == (0, 360, 740)


def test_without_javascript_everything_is_done_by_pages(
    cast: Cast, page: Page, browser: object, live_server: object
) -> None:
    north, _ = _scene(cast)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)  # type: ignore[attr-defined]
    plain = context.new_page()
    sign_in(plain)
    plain.goto(GRID)
    plain.get_by_role("link", name=f"{BUTTON} de Almacén Norte SRL").click()
    plain.get_by_role("link", name="Crear").click()
    plain.get_by_label("Correo").fill("pagos@norte.example")
    plain.get_by_role("button", name="Crear").click()
    expect(plain.get_by_text("Guardado:")).to_be_visible()
    assert north.contacts.filter(email="pagos@norte.example").exists()
    context.close()


def test_a_class_is_searched_and_made_in_place(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}nuevo/")
    page.get_by_label("Nombre o razón social").fill("Distribuidora Este")
    page.get_by_label("CUIT o documento").press_sequentially("20-11111111-2")
    expect(page.locator("#document-look")).to_contain_text("CUIT, CUIL o CDI")
    chooser = page.get_by_role("combobox", name="Clase")
    chooser.fill("mayor")
    expect(page.get_by_role("option", name="Mayoristas")).to_be_visible()
    assert grave(page) == []
    chooser.fill("Crédito")
    page.get_by_text("Crear «Crédito»").click()
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("heading", name="Distribuidora Este")).to_be_visible()
    made = Party.objects.get(name="Distribuidora Este")
    assert (made.tax_id, str(made.customer_class)) == ("20111111112", "Crédito")


def test_duplicates_are_found_compared_and_merged(cast: Cast, page: Page) -> None:
    north, _ = _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}?duplicates=on")
    expect(page.locator(".grid-parties tbody tr")).to_have_count(2)
    page.get_by_role("link", name="Almacén Norte SRL", exact=True).click()
    page.get_by_role("link", name="Comparar y unir con ALMACEN NORTE SRL").click()
    expect(page.get_by_text("No se puede deshacer.")).to_be_visible()
    manual(page, "unir")
    page.get_by_role("button", name="Unir").click()
    expect(page.get_by_text("Unidos: todo quedó en Almacén Norte SRL.")).to_be_visible()
    expect(page.get_by_text("Lo que llegue con sus datos viene acá.")).to_be_visible()
    page.goto(f"{GRID}{north.pk}/unir/")
    chooser = page.get_by_role("combobox", name="Otro cliente")
    chooser.fill("íñig")
    page.get_by_role("option", name="Íñiguez, María de los Ángeles").click()
    page.get_by_role("button", name="Comparar").click()
    expect(page.get_by_role("heading", name="¿Unir estos dos clientes?")).to_be_visible()


def test_what_an_older_search_finds_comes_too_late(cast: Cast, page: Page) -> None:
    north, _ = _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}{north.pk}/unir/")
    held: list[Route] = []
    page.route(re.compile(r"\?q=almacen"), lambda route: held.append(route))
    chooser = page.get_by_role("combobox", name="Otro cliente")
    chooser.fill("almacen")
    first_of(page, held)
    chooser.fill("íñig")
    options = page.get_by_role("option")
    expect(options).to_have_text([re.compile("Íñiguez")])
    with page.expect_response(re.compile(r"\?q=almacen")) as answered:
        held[0].continue_()
    assert "ALMACEN" in answered.value.text()
    page.evaluate(DRAWN)
    expect(options).to_have_text([re.compile("Íñiguez")])


def test_the_grid_is_filtered_by_class_and_many_change_of_class(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(GRID)
    manual(page, "clientes")
    page.get_by_text("Filtros", exact=True).click()
    chooser = page.get_by_role("combobox", name="Clase")
    chooser.click()
    page.get_by_role("option", name="Mayoristas").click()
    expect(page.locator(".grid-parties tbody tr")).to_have_count(1)
    page.goto(GRID)
    page.get_by_label("Elegir Íñiguez, María de los Ángeles").check()
    page.get_by_label("Elegir Almacén Norte SRL", exact=True).check()
    page.get_by_role("button", name="Cambiar la clase").click()
    page.get_by_role("combobox", name="Clase").click()
    page.get_by_role("option", name="Zona sur").click()
    page.get_by_role("button", name="Cambiar 2 clientes").click()
    expect(page.get_by_text("2 clientes cambiaron de clase.")).to_be_visible()
    assert CustomerClass.objects.get(name="Zona sur").parties.count() == 2
