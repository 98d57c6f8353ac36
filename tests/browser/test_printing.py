"""Paper: what is read, without what is clicked, light whatever the screen's colours, and whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from acuse.companies.models import User
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.states import State
from acuse.kernel import clock
from tests.browser.conftest import sign_in
from tests.browser.folders import SHOTS
from tests.browser.looks import fits, grave, pictures_are_wanted, resize
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put, suspend

pytestmark = pytest.mark.browser
GRID = "/comprobantes/sales_invoice/"
LONG = "Cooperativa de Provisión de Servicios Eléctricos, Agua Potable y Otros Servicios Públicos de Villa Ñandú Ltda."

#: What one clicks, types or chooses in; it has nothing to do on paper.
CLICKED = """() => [...document.querySelectorAll(
    "button, input:not([type=hidden]), select, textarea, .btn, summary, nav:not(.switch), aside, iframe, dialog")]
    .filter((node) => node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().width > 1)
    .map((node) => `${node.tagName} ${node.className}: ${node.textContent.trim().slice(0, 40)}`)"""
#: Words that are cut where they are wider than their place.
CUT = """() => [...document.querySelectorAll("main *")]
    .filter((node) => node.checkVisibility() && node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 1
        && getComputedStyle(node).overflowX !== "visible" && node.textContent.trim())
    .map((node) => `${node.tagName} ${node.className}: ${node.textContent.trim().slice(0, 40)}`)"""
#: A4 between the margins that browsers leave, at 96 dots an inch.
PAPER = (718, 1046)


def _scene(cast: Cast) -> list[Delivery]:
    make_whatsapp(cast.company)
    parties = [make_party(cast.company, name=name) for name in (LONG, "Almacén Norte SRL")]
    for number, party in enumerate(parties):
        make_contact(party, mobile=f"+549341555019{number}", name="Norma Ñáñez, de Compras")
    made = [make_voucher(cast.company, parties[n % 2], number=n) for n in range(1, 25)]
    rows = [put(row, state) for row, state in zip(ask(made[:8]), State, strict=True)]
    read = next(row for row in rows if row.state == State.READ)
    InboundMessage.objects.create(
        company=cast.company, lane=read.lane, provider_id="w1", sender="549341", sender_name="Norma", type="text",
        text="Recibido, gracias. ¿Me mandan también el remito?", delivery=read, at=clock.now(), raw={},
    )  # fmt: skip
    return rows


def _printed(page: Page, path: str, name: str) -> None:
    page.goto(path)
    page.emulate_media(media="print")
    resize(page, *PAPER)
    assert page.evaluate(CLICKED) == [], name
    assert page.evaluate(CUT) == [], name
    fits(page, name, PAPER[0])
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", name
    # among others, that what is written can be read on white
    assert grave(page) == [], name
    if pictures_are_wanted():
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.pdf(path=SHOTS / f"papel-{name}.pdf", format="A4")
    page.emulate_media(media="screen")
    resize(page, 1280, 800)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_are_printed_whole_and_light(cast: Cast, page: Page, theme: str) -> None:
    rows = _scene(cast)
    suspend(rows[0])
    User.objects.update(theme=theme)
    sign_in(page)
    failed, read = (next(row for row in rows if row.state == state) for state in (State.FAILED, State.READ))
    for name, path in {
        "inicio": "/",
        "grilla": GRID,
        "grilla-filtrada": f"{GRID}?q=almacen&state=none",
        "comprobante-no-se-entrego": f"{GRID}{failed.voucher_id}/",
        "comprobante-leido": f"{GRID}{read.voucher_id}/",
        "envios": "/envios/",
        "clientes": "/tablas/clientes/",
        "auditoria": "/seguridad/auditoria/",
    }.items():
        _printed(page, path, f"{name}-{theme}")


def test_paper_says_whose_it_is(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(GRID)
    head = page.locator(".paper-head")
    expect(head).to_be_hidden()
    page.emulate_media(media="print")
    expect(head).to_be_visible()
    expect(head).to_contain_text("Ferretería Oeste SA")
