"""The box in the head of every page, with a mouse, by keyboard, on a phone and without JavaScript."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from acuse.vouchers.models import Voucher
from tests.browser.conftest import sign_in
from tests.browser.looks import grave, look, manual
from tests.conftest import Cast
from tests.data.cast import make_party, make_voucher

pytestmark = pytest.mark.browser
LONG = "Cooperativa de Provisión de Servicios Eléctricos, Agua Potable y Otros Servicios Públicos de Villa Ñandú Ltda."


def _scene(cast: Cast) -> list[Voucher]:
    parties = [make_party(cast.company, name=name) for name in (LONG, "Almacén Ñandú SRL")]
    return [make_voucher(cast.company, parties[n % 2], number=1080 + n) for n in range(12)]


def test_what_is_looked_for_is_reached_by_keyboard_alone(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    sign_in(page)
    page.goto("/envios/mensajes/")
    page.keyboard.press("Control+k")
    box = page.get_by_role("textbox", name="Ir a", exact=True)
    expect(box).to_be_focused()
    page.keyboard.type("ñandú")
    results = page.locator("#find-results")
    expect(results.get_by_role("link")).to_have_count(8)
    assert grave(page) == []
    look(page, "ir-a")
    page.goto("/envios/mensajes/")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("ñandú")
    expect(results.get_by_role("link")).to_have_count(8)
    manual(page, "ir-a")
    page.keyboard.press("ArrowDown")
    expect(results.get_by_role("link").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(results).to_be_hidden()
    expect(box).to_be_focused()
    box.fill("3-1085")
    expect(results.get_by_role("link")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(made[5].title)


def test_what_was_found_goes_when_the_box_is_emptied_or_left(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    box = page.get_by_role("textbox", name="Ir a", exact=True)
    box.fill("param")
    results = page.locator("#find-results")
    expect(results.get_by_role("link", name="Parámetros")).to_be_visible()
    box.fill("")
    expect(results).to_be_hidden()
    box.fill("param")
    expect(results).to_be_visible()
    page.get_by_role("heading", level=1).click()
    expect(results).to_be_hidden()
    box.focus()
    results.get_by_role("link", name="Parámetros").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Parámetros")


def test_what_comes_while_one_walks_what_was_found_leaves_one_where_one_is(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    box = page.get_by_role("textbox", name="Ir a", exact=True)
    box.fill("ñandú")
    results = page.locator("#find-results").get_by_role("link")
    expect(results).to_have_count(8)
    box.press("ArrowDown")
    expect(results.first).to_be_focused()
    # as what was typed last and found later
    box.evaluate("box => { box.value = '3-1085'; box.dispatchEvent(new Event('input', { bubbles: true })); }")
    expect(results).to_have_count(1)
    expect(results.first).to_be_focused()


def test_on_a_phone_it_is_a_page(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.set_viewport_size({"width": 360, "height": 740})
    page.get_by_role("link", name="Buscar en toda la empresa").click()
    page.get_by_label("Qué buscás").fill("ñandú")
    page.keyboard.press("Enter")
    expect(page.locator(".found-page").get_by_role("link")).to_have_count(8)
    look(page, "buscar")
    page.goto("/buscar/?q=xyzzy")
    look(page, "buscar-nada")


def test_without_javascript_it_is_a_form(cast: Cast, browser: Browser, live_server: Any) -> None:
    made = _scene(cast)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in(page)
    page.get_by_role("textbox", name="Ir a", exact=True).fill("1085")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(made[5].title)
    context.close()
