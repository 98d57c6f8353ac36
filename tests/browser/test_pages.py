from __future__ import annotations

import re
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
from acuse.web.deliveries import bulk
from tests.browser.conftest import sign_in, sign_in_by_form
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
        "enviar-pregunta": f"{GRID}enviar/?{ids}",
        "comprobante-sin-confirmar": f"{GRID}{uncertain.voucher_id}/",
        "comprobante-no-se-entrego": f"{GRID}{failed.voucher_id}/",
        "comprobante-no-se-puede": f"{GRID}{unsent.pk}/",
        "cancelar": f"/envios/{queued.pk}/cancelar/",
        "volver-a-enviar": f"/envios/{uncertain.pk}/volver-a-enviar/",
        "envios": "/envios/",
        "no-existe": "/nada/",
    }.items():
        page.goto(path)
        look(page, name)
    page.goto(f"{GRID}enviar/?{ids}")
    page.get_by_role("button", name="Ver la vista previa").click()
    expect(page.get_by_role("button", name="Enviar 3", exact=True)).to_be_visible()
    look(page, "enviar")


def test_what_is_ticked_stays_from_page_to_page_and_is_what_goes(cast: Cast, page: Page) -> None:
    make_whatsapp(cast.company)
    party = make_party(cast.company, name="Almacén Norte SRL")
    make_contact(party)
    made = [make_voucher(cast.company, party, number=n, total=Decimal(n)) for n in range(1, 53)]
    make_voucher(cast.company, make_party(cast.company, name="Kiosco Sur"), number=90, total=Decimal(90))
    sign_in(page)
    page.goto(f"{GRID}?sort=total")
    _tick(page, made[0])
    _tick(page, made[1])
    bar = page.locator("[data-selection-bar]")
    page.get_by_role("link", name="Siguientes").click()
    _tick(page, made[51])
    expect(bar).to_contain_text("3 elegidos (2 en otras páginas)")
    # the other way round: what was on the first page is on the last
    page.get_by_role("link", name="Total").click()
    expect(page.get_by_label(f"Elegir {made[51].title}", exact=True)).to_be_checked()
    expect(page.get_by_label(f"Elegir {made[50].title}", exact=True)).not_to_be_checked()
    expect(bar).to_contain_text("3 elegidos (2 en otras páginas)")
    page.get_by_role("searchbox").press_sequentially("kiosco")
    expect(page.locator("tbody tr")).to_have_count(1)
    _tick(page, Voucher.objects.get(number=90))
    expect(bar).to_contain_text("4 elegidos (3 con otros filtros)")
    look(page, "grilla-elegidos")
    page.get_by_label("Elegir Factura A 00003-00000090").uncheck()
    # another page, and back
    page.goto("/envios/")
    page.goto(GRID)
    expect(bar).to_contain_text("3 elegidos")
    bar.get_by_role("button", name="Enviar comprobante").click()
    page.get_by_role("button", name="Enviar 3").click()
    expect(page.get_by_role("status")).to_contain_text("3 envíos en cola.")
    asked = set(Delivery.objects.values_list("voucher__number", flat=True))
    assert asked == {1, 2, 52}
    # what was sent isn't chosen any more
    expect(bar).not_to_be_visible()


def _tick(page: Page, voucher: Voucher) -> None:
    page.get_by_label(f"Elegir {voucher.title}", exact=True).check()


def test_the_selection_is_taken_away_whole_and_each_grid_has_its_own(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    sign_in(page)
    page.goto(GRID)
    _tick(page, made[10])
    page.goto("/tablas/clientes/")
    bar = page.locator("[data-selection-bar]")
    expect(bar).not_to_be_visible()
    page.get_by_label("Elegir Almacén Norte SRL").check()
    expect(bar).to_contain_text("1 elegido")
    page.goto(f"{GRID}?state=none")
    expect(bar).to_contain_text("1 elegido")
    bar.get_by_role("button", name="Quitar la selección").click()
    expect(bar).not_to_be_visible()
    expect(page.get_by_label(f"Elegir {made[10].title}", exact=True)).not_to_be_checked()
    page.reload()
    expect(bar).not_to_be_visible()
    page.goto("/tablas/clientes/?q=nadie")
    page.goto("/tablas/clientes/")
    expect(bar).to_contain_text("1 elegido")


def _open_queue(cast: Cast, page: Page, count: int) -> None:
    """So many deliveries that wait, in Envíos."""
    make_whatsapp(cast.company)
    party = make_party(cast.company)
    make_contact(party)
    ask([make_voucher(cast.company, party, number=n) for n in range(1, count + 1)])
    sign_in(page)
    page.goto("/envios/")


def test_deliveries_of_other_pages_are_cancelled_with_those_in_sight(cast: Cast, page: Page) -> None:
    _open_queue(cast, page, 52)
    page.locator("[data-pick]").first.check()
    page.get_by_role("link", name="Siguientes").click()
    expect(page.locator("[data-pick]")).to_have_count(2)
    page.locator("[data-pick]").last.check()
    bar = page.locator("[data-selection-bar]")
    expect(bar).to_contain_text("2 elegidos (1 en otra página)")
    bar.get_by_text("Más", exact=True).click()
    bar.get_by_role("button", name="Cancelar").click()
    page.get_by_role("button", name="Cancelar 2").click()
    expect(page.get_by_text("2 envíos cancelados.")).to_be_visible()
    assert Delivery.objects.filter(state=State.CANCELLED).count() == 2
    page.goto("/envios/")
    expect(bar).not_to_be_visible()


def test_many_go_on_while_one_looks_at_another_tab(cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "_SLICE", 1)
    monkeypatch.setattr(bulk, "_BUDGET", 0.001)
    _open_queue(cast, page, 3)
    for pick in page.locator("[data-pick]").all():
        pick.check()
    bar = page.locator("[data-selection-bar]")
    bar.get_by_text("Más", exact=True).click()
    bar.get_by_role("button", name="Cancelar").click()
    page.add_init_script("Object.defineProperty(document, 'hidden', { get: () => true })")
    page.get_by_role("button", name="Cancelar 3").click()
    expect(page.get_by_text("3 envíos cancelados.")).to_be_visible()


def test_from_the_grid_to_the_voucher_with_news_by_themselves(cast: Cast, page: Page) -> None:
    made = _scene(cast)
    sign_in(page)
    page.goto(f"{GRID}?state=none&voided=no")
    bar = page.locator("[data-selection-bar]")
    expect(bar).not_to_be_visible()
    page.get_by_label(f"Elegir {made[10].title}").check()
    page.get_by_label(f"Elegir {made[11].title}").check()
    expect(bar).to_contain_text("2 elegidos")
    bar.get_by_role("button", name="Enviar comprobante").click()
    page.get_by_role("button", name="Enviar 2").click()
    expect(page.get_by_role("status")).to_contain_text("2 envíos en cola.")
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


def test_filtering_keeps_the_place_and_the_address(cast: Cast, page: Page) -> None:
    _scene(cast)
    sign_in(page)
    page.goto(GRID)
    page.get_by_role("searchbox").press_sequentially("iniguez")
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page).to_have_url(re.compile("q=iniguez"))
    page.get_by_role("link", name="Total").click()
    expect(page.locator("th[aria-sort]")).to_contain_text("Total")
    expect(page).to_have_url(re.compile("q=iniguez"))
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
    expect(page.get_by_role("status")).to_contain_text("1 envío en cola.")
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
