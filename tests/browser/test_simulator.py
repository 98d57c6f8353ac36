"""The simulator's pages as its operator and the customer see them: each control is used, and does what it says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from acuse_simulator.config import DEFAULT_NUMBER
from acuse_simulator.events import EVENTS
from acuse_simulator.process import SimulatorProcess
from tests.browser.arriving import wait_for_arrivals
from tests.browser.looks import look
from tests.integration.simulator.graph_client import WABA, Graph


@pytest.fixture(scope="module")
def meta() -> Iterator[SimulatorProcess]:
    with SimulatorProcess({"delays": {"sent": 0.0, "delivered": 0.01, "read": None}}) as started:
        yield started


@pytest.fixture
def desk(browser: Browser, meta: SimulatorProcess) -> Iterator[Page]:
    meta.control("reset")
    context = browser.new_context(base_url=meta.url, locale="es-AR", viewport={"width": 1280, "height": 800})
    opened = context.new_page()
    wait_for_arrivals(opened)
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.goto("/")
    yield opened
    context.close()
    assert faults == []


def test_every_event_has_its_choice_and_happens(desk: Page, meta: SimulatorProcess) -> None:
    found = []
    for group in ("De una plantilla", "De un número", "De la cuenta", "Del token", "De un cliente"):
        options = desk.get_by_role("group", name=group, exact=True).get_by_label("Qué pasa").locator("option")
        found += [(group, str(options.nth(n).get_attribute("value"))) for n in range(options.count())]
    assert {name for _, name in found} == set(EVENTS)
    for group, name in found:
        fields = desk.get_by_role("group", name=group, exact=True)
        fields.get_by_label("Qué pasa").select_option(name)
        fields.get_by_role("button", name="Provocar").click()
        expect(desk.get_by_role("status")).to_have_text(f"Hecho: {EVENTS[name].says}.")


def test_what_happened_shows_on_the_page(desk: Page) -> None:
    fields = desk.get_by_role("group", name="De una plantilla", exact=True)
    fields.get_by_label("Qué pasa").select_option("template_rejected")
    fields.get_by_role("button", name="Provocar").click()
    row = desk.get_by_role("region", name="Plantillas").get_by_role("row", name=re.compile("comprobantes"))
    expect(row).to_contain_text("REJECTED")
    expect(row).to_contain_text("INVALID_FORMAT")


def test_the_code_of_a_new_number_shows_by_itself(desk: Page, meta: SimulatorProcess) -> None:
    graph = Graph(meta.url)
    body = {"cc": "54", "phone_number": "3415550100", "verified_name": "Oeste SA"}
    number = graph.post(f"{WABA}/phone_numbers", body).json["id"]
    graph.post(f"{number}/request_code", {"code_method": "SMS", "language": "es_AR"})
    code = next(n["code"] for n in meta.get("/control/state")["numbers"] if n["id"] == number)
    expect(desk.get_by_role("region", name="Números").get_by_text(code)).to_be_visible()


def test_meta_fails_as_often_as_asked_and_is_well_again(desk: Page, meta: SimulatorProcess) -> None:
    desk.get_by_label("Qué falla").select_option(label="los números")
    desk.get_by_label("Cómo").select_option(label="Rechaza con el código…")
    desk.get_by_label("Código, si rechaza").fill("133016")
    desk.get_by_label("Cuántas veces").fill("2")
    desk.get_by_role("button", name="Hacer fallar").click()
    expect(desk.get_by_text("Rechaza con el código… 133016, en los números: 2 veces")).to_be_visible()
    graph = Graph(meta.url)
    assert graph.get(f"{WABA}/phone_numbers").error["code"] == 133016
    assert graph.get(DEFAULT_NUMBER).status == 200
    desk.get_by_role("button", name="Quitarlas todas").click()
    expect(desk.get_by_role("status")).to_have_text("No falla más nada.")
    assert graph.get(f"{WABA}/phone_numbers").status == 200


def test_how_it_behaves_is_chosen_and_stays(desk: Page, meta: SimulatorProcess) -> None:
    desk.get_by_label("La revisión de una plantilla nueva").select_option("PROMOTIONAL")
    desk.get_by_label("El límite de personas por día").select_option("1")
    desk.get_by_label("Números por cuenta").fill("1")
    desk.get_by_role("button", name="Guardar").click()
    expect(desk.get_by_role("status")).to_have_text("Guardado.")
    expect(desk.get_by_label("La revisión de una plantilla nueva")).to_have_value("PROMOTIONAL")
    expect(desk.get_by_label("Números por cuenta")).to_have_value("1")
    settings = meta.control("settings")
    assert settings == {"review_seconds": 5.0, "reject": "PROMOTIONAL", "enforce_tier": True, "max_numbers": 1}


def test_what_becomes_of_a_mobile_is_chosen_and_taken_back(desk: Page, meta: SimulatorProcess) -> None:
    desk.get_by_label("Celular, o sus últimos cuatro dígitos").fill("+54 9 341 555-0190")
    desk.get_by_label("Qué le pasa").select_option("payment")
    desk.get_by_role("button", name="Elegir").click()
    expect(desk.get_by_role("status")).to_be_visible()
    graph = Graph(meta.url)
    assert graph.send_voucher("5493415550190").error["code"] == 131042
    desk.get_by_role("button", name="Quitar", exact=True).click()
    expect(desk.get_by_role("status")).to_have_text("5493415550190 va como los demás.")
    assert graph.send_voucher("5493415550190").status == 200


def test_what_is_no_mobile_is_told(desk: Page) -> None:
    desk.get_by_label("Celular, o sus últimos cuatro dígitos").fill("nadie")
    desk.get_by_role("button", name="Elegir").click()
    expect(desk.get_by_role("status")).to_contain_text("Escribí un celular")


def test_starting_over_asks_to_be_opened_first(desk: Page, meta: SimulatorProcess) -> None:
    Graph(meta.url).send_voucher()
    assert not desk.get_by_role("button", name="Borrar y volver a empezar").is_visible()
    desk.get_by_text("Volver a empezar", exact=True).click()
    desk.get_by_role("button", name="Borrar y volver a empezar").click()
    expect(desk.get_by_role("status")).to_have_text("Todo está como cuando arrancó.")
    assert meta.ledger()["counts"] == {} or not meta.ledger()["messages"]


def test_the_links_lead_to_the_phones_and_back(desk: Page, meta: SimulatorProcess) -> None:
    Graph(meta.url).send_voucher()
    desk.get_by_role("link", name="Ver los teléfonos").click()
    desk.get_by_role("link", name=re.compile("Factura A.pdf")).click()
    desk.get_by_label("Respuesta").fill("Gracias")
    desk.get_by_role("button", name="Responder").click()
    expect(desk.get_by_text("Gracias")).to_be_visible()
    desk.get_by_role("button", name="Marcar leído").click()
    expect(desk.get_by_text("Leído", exact=True)).to_be_visible()
    desk.get_by_role("link", name="Volver a los mensajes").click()
    desk.get_by_role("link", name="Volver al simulador").click()
    for name in ("Ver lo que llegó", "Ver los avisos enviados"):
        desk.get_by_role("link", name=name).click()
        desk.wait_for_url(f"{meta.url}/control/**")
        desk.go_back()


def test_the_pages_look_right(desk: Page, meta: SimulatorProcess) -> None:
    graph = Graph(meta.url)
    body = {"cc": "54", "phone_number": "3415550100", "verified_name": "Oeste SA"}
    number = graph.post(f"{WABA}/phone_numbers", body).json["id"]
    graph.post(f"{number}/request_code", {"code_method": "SMS", "language": "es_AR"})
    meta.control("fault", kind="html_500", where="/register$", times=3)
    meta.control("outcomes", to="5493415550190", outcome="payment")
    desk.goto("/?ok=Hecho: Aprobar la plantilla.")
    look(desk, "simulator")
