from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.vouchers import services as vouchers
from acuse.vouchers.models import Voucher
from tests.browser.conftest import sign_in, sign_in_by_form
from tests.browser.folders import SHOTS
from tests.browser.looks import look
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.pdfs import invoice_pdf, valid_qr_text
from tests.data.scenes import ask, put, suspend

pytestmark = pytest.mark.browser
GRID = "/comprobantes/sales_invoice/"
NAMES = [
    "Almacén Norte SRL",
    "Cooperativa de Provisión de Servicios Eléctricos, Agua Potable y Otros Servicios Públicos de Villa Ñandú Ltda.",
    "Íñiguez, María de los Ángeles",
]


def _scene(cast: Cast) -> list[Voucher]:
    """One invoice in each state, and some that can't be sent."""
    make_whatsapp(cast.company)
    make_mailbox(cast.company, "smtp://127.0.0.1:2525")
    parties = [make_party(cast.company, name=name, tax_id="") for name in NAMES]
    for number, party in enumerate(parties):
        make_contact(party, mobile=f"+549341555019{number}", email=f"compras{number}@norte.example")
    pdf = invoice_pdf(qr_text=valid_qr_text())
    made = [
        make_voucher(
            cast.company, parties[n % 3], number=n, content=pdf, total=Decimal(n * 123456) / 7,
            issued_on=date(2026, 11, n + 1),
        )
        for n in range(1, 13)
    ]  # fmt: skip
    for row, state in zip(ask(made[:8]), State, strict=True):
        put(row, state)
    put(Delivery.objects.get(voucher=made[0]), State.QUEUED, due_at=clock.now() + timedelta(minutes=40))
    vouchers.void(voucher=made[9], actor="test")
    make_voucher(cast.company, parties[0], number=50, cae="", content=None, issued_on=date(2026, 11, 22))
    return made


def test_every_page_looks_right_and_axe_finds_nothing(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    suspend(Delivery.objects.get(voucher=made[0]))
    uncertain = Delivery.objects.get(state=State.UNCERTAIN)
    InboundMessage.objects.create(
        company=cast.company, lane=uncertain.lane, provider_id="w1", sender="549341", sender_name="Norma", type="text",
        text="Recibido, gracias. ¿Me mandan también el remito?", delivery=uncertain, at=clock.now(), raw={},
    )  # fmt: skip
    page.goto("/ingresar/")
    look(page, "ingresar")
    sign_in(page)
    failed = Delivery.objects.get(state=State.FAILED)
    queued = Delivery.objects.get(state=State.QUEUED)
    unsent = Voucher.objects.get(number=50)
    ids = "&".join(f"id={v.pk}" for v in [*made[7:12], unsent, made[3]])
    for name, path in {
        "inicio": "/",
        "grilla": GRID,
        "grilla-filtrada": f"{GRID}?q=norte&state=none&since=2026-11-01",
        "grilla-nada": f"{GRID}?q=nadie",
        "grilla-vacia": "/comprobantes/quote/",
        "enviar": f"{GRID}enviar/?{ids}",
        "comprobante-sin-confirmar": f"{GRID}{uncertain.voucher_id}/",
        "comprobante-no-se-entrego": f"{GRID}{failed.voucher_id}/",
        "comprobante-no-se-puede": f"{GRID}{unsent.pk}/",
        "cancelar": f"/envios/{queued.pk}/cancelar/",
        "envios": "/envios/",
        "no-existe": "/nada/",
    }.items():
        page.goto(path)
        look(page, name)


def test_from_the_grid_to_the_voucher_with_news_by_themselves(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}?state=none&voided=no")
    bar = page.locator("[data-selection-bar]")
    expect(bar).not_to_be_visible()
    page.get_by_label(f"Elegir {made[10].title}").check()
    page.get_by_label(f"Elegir {made[11].title}").check()
    expect(bar).to_contain_text("2 elegidos")
    page.screenshot(path=SHOTS / "grilla-elegidos-light-1280.png")
    bar.get_by_role("button", name="Enviar comprobante").click()
    page.get_by_role("button", name="Enviar 2").click()
    expect(page.get_by_role("status")).to_contain_text("2 en cola.")
    state = page.locator(f"#state-{made[11].pk}")
    expect(state).to_contain_text("En cola")
    put(Delivery.objects.get(voucher=made[11]), State.DELIVERED)
    expect(state).to_contain_text("Entregado")
    page.get_by_role("link", name=made[11].title, exact=True).click()
    expect(page.get_by_role("heading", name=made[11].title)).to_be_visible()
    put(Delivery.objects.get(voucher=made[10]), State.SENDING)
    page.goto(f"{GRID}{made[10].pk}/")
    expect(page.locator("#deliveries")).to_contain_text("Enviando")
    expect(page.locator("#estado")).to_contain_text("Enviando")
    put(Delivery.objects.get(voucher=made[10]), State.READ)
    expect(page.locator("#deliveries")).to_contain_text("Lo leyeron.")
    # without scrolling, beside the title
    expect(page.locator("#estado")).to_contain_text("Leído")
    expect(page.locator("#estado")).to_be_in_viewport()


def test_what_is_ticked_on_one_page_goes_with_what_is_ticked_on_the_next(cast: Cast, page: Page) -> None:
    make_whatsapp(cast.company)
    party = make_party(cast.company)
    make_contact(party)
    for number in range(1, 54):
        make_voucher(cast.company, party, number=number, issued_on=date(2026, 11, 1))
    sign_in(page)
    page.goto(f"{GRID}?sort=number")
    bar = page.locator("[data-selection-bar]")
    page.get_by_label("Elegir Factura A 00003-00000001").check()
    page.get_by_role("link", name="Siguientes").click()
    expect(bar).to_contain_text("1 elegido, 1 en otra página")
    page.get_by_label("Elegir Factura A 00003-00000052").check()
    expect(bar).to_contain_text("2 elegidos, 1 en otra página")
    page.get_by_role("link", name="Anteriores").click()
    expect(page.get_by_label("Elegir Factura A 00003-00000001")).to_be_checked()
    bar.get_by_role("button", name="Enviar comprobante").click()
    expect(page.get_by_role("button", name="Enviar 2")).to_be_visible()
    page.goto(GRID)
    page.get_by_label("Elegir todos los de esta página").check()
    bar.get_by_role("button", name="Desmarcar").click()
    expect(bar).not_to_be_visible()


def test_filtering_keeps_the_place_and_the_address(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(GRID)
    page.get_by_role("searchbox").press_sequentially("iniguez")
    expect(page.locator("tbody tr")).to_have_count(4)
    assert "q=iniguez" in page.url
    page.get_by_role("link", name="Total").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Total")
    assert "q=iniguez" in page.url
    page.locator(".chip").first.click()
    expect(page.locator("tbody tr")).to_have_count(13)


def test_all_the_filters_are_seen_at_once_and_the_field_with_the_focus_looks_like_one(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    for path in (GRID, "/envios/"):
        page.goto(path)
        page.locator(".filter-menu > summary").click()
        expect(page.get_by_role("button", name="Filtrar")).to_be_in_viewport(ratio=1)
    ground = "field => getComputedStyle(field).backgroundColor"
    page.goto("/tablas/clientes/nuevo/")
    field = page.locator(".form-control:not([readonly])").first
    field.blur()
    before = field.evaluate(ground)
    field.focus()
    page.wait_for_timeout(300)
    assert field.evaluate(ground) == before


def test_it_works_without_javascript(cast: Cast, browser: Any, live_server: Any) -> None:
    made = _scene(cast)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    sign_in_by_form(page)
    page.goto(GRID)
    page.get_by_label(f"Elegir {made[11].title}").check()
    page.get_by_role("button", name="Enviar comprobante").click()
    page.get_by_role("button", name="Enviar 1").click()
    expect(page.get_by_role("status")).to_contain_text("1 en cola.")
    context.close()


def test_the_pdf_opens_in_the_browsers_own_viewer(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    sign_in(page)
    # in Chromium the viewer is an extension's frame inside ours
    viewer = "chrome-extension://"
    with page.expect_event("framenavigated", lambda frame: frame.url.startswith(viewer)):
        page.goto(f"{GRID}{made[0].pk}/")
    document = page.locator(".voucher-pdf iframe").get_attribute("src")
    answer = page.request.get(str(document))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
