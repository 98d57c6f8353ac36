"""Sending many: the preview of 500 with what doesn't go, the cost, the progress by itself, pause, cancel, the end."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.figures import rates
from acuse.deliveries.models import Batch, Delivery
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from acuse.web.vouchers import sending
from tests.browser.conftest import sign_in
from tests.browser.looks import DRAWN, look, manual
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import NO_WHATSAPP, ask, put
from tests.integration.deliveries.batch_steps import running_batch

pytestmark = [pytest.mark.browser, pytest.mark.timeout(420)]

GRID = "/comprobantes/sales_invoice/"
TOTAL = 500
LONG = "Cooperativa de Provisión de Servicios Eléctricos, Agua Potable y Otros Servicios Públicos de Villa Ñandú Ltda."


def _invoices(cast: Cast) -> list[Voucher]:
    """500: 476 that go by WhatsApp, 10 by mail, 4 that went before, 10 that can't go for three reasons."""
    make_whatsapp(cast.company)
    make_mailbox(cast.company, "smtp://127.0.0.1:2525")
    by_phone = [make_party(cast.company, name=f"Almacén {n:02}") for n in range(20)]
    for number, party in enumerate(by_phone):
        make_contact(party, mobile=f"+54934155501{number:02}", name="Compras")
    by_mail = make_party(cast.company, name=LONG)
    make_contact(by_mail, mobile="", email="proveedores@villanandu.example", name="Norma Ñáñez")
    bare = make_party(cast.company, name="Kiosco Sin Contacto")
    made = [make_voucher(cast.company, by_phone[n % 20], number=n) for n in range(1, 481)]
    made += [make_voucher(cast.company, by_mail, number=n) for n in range(481, 491)]
    made += [make_voucher(cast.company, bare, number=n) for n in range(491, 497)]
    made += [make_voucher(cast.company, by_phone[0], number=n, cae="") for n in range(497, 500)]
    made.append(make_voucher(cast.company, by_phone[1], number=500, content=None))
    for row in ask(made[:4]):
        put(row, State.DELIVERED)
    return made


def _send_some(batch: Batch, count: int, state: State) -> None:
    """As the machinery would, in one go."""
    ids = list(Delivery.objects.filter(batch=batch, state=State.QUEUED).order_by("pk").values_list("pk", flat=True))
    code, text, step = NO_WHATSAPP if state is State.FAILED else ("", "", "")
    now = clock.now()
    Delivery.objects.filter(pk__in=ids[:count]).update(
        state=state, sent_at=None if state is State.FAILED else now, updated_at=now,
        cause_code=code, cause_text=text, cause_next_step=step,
    )  # fmt: skip


def _work(batch: Batch) -> None:
    batch_work.work(batch.pk, wait=True)


def test_five_hundred_are_previewed_sent_paused_and_told(cast: Cast, page: Page) -> None:
    _invoices(cast)
    sign_in(page)
    _choose_all(page)
    expect(page.get_by_text("10 comprobantes no van: abajo dice por qué.")).to_be_visible()
    expect(page.get_by_text("sin tarifa cargada").first).to_be_visible()
    look(page, "tanda-sin-tarifa")
    _load_the_rate(cast, page)
    batch = Batch.objects.get()
    page.goto(f"/envios/tandas/{batch.pk}/")
    expect(page.get_by_text("US$ 12,38").first).to_be_visible()
    page.get_by_text("De dónde sale").click()
    look(page, "tanda-vista-previa")
    manual(page, "tanda-vista-previa")
    page.get_by_role("link", name="6 No tienen contactos").click()
    look(page, "tanda-no-van")
    page.go_back()
    page.get_by_role("button", name="Enviar 486", exact=True).click()
    _follow(page, batch)
    _pause_and_go_on(page, batch)
    _send_some(batch, 181, State.SENT)
    _work(batch)
    _read_how_it_ended(page)


def _choose_all(page: Page) -> None:
    page.goto(GRID)
    page.get_by_label("Elegir todos los de esta página").check()
    page.get_by_role("button", name="Enviar los 500 que coinciden").click()


def _load_the_rate(cast: Cast, page: Page) -> None:
    page.get_by_role("link", name="Cargar la tarifa").click()
    look(page, "tarifas-vacia")
    page.get_by_role("link", name="Cargar la primera").click()
    page.get_by_label("Precio por mensaje").fill("-1")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("El precio no puede ser negativo.").first).to_be_visible()
    look(page, "tarifa-error")
    page.get_by_label("Precio por mensaje").fill("0,026")
    page.get_by_label("Vale desde").fill("2026-10-01")
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_text("Argentina (+54)")).to_be_visible()
    rates.save_rate(
        company=cast.company, category="marketing", market="", currency="USD", price=Decimal("0.0618"),
        valid_from=date(2099, 1, 1), actor="test",
    )  # fmt: skip
    page.reload()
    look(page, "tarifas")
    manual(page, "tarifas")


def _follow(page: Page, batch: Batch) -> None:
    expect(page.get_by_role("heading", name="Tanda de facturas de venta")).to_be_visible()
    expect(page.get_by_text("Van 0 de 486.")).to_be_visible()
    expect(page.get_by_text("Ningún proceso de envío está andando")).to_be_visible()
    look(page, "tanda-sin-proceso")
    # a worker is heard of
    with connection.cursor() as cursor:
        cursor.execute("insert into procrastinate_workers (last_heartbeat) values (now() + interval '1 hour')")
    _work(batch)
    _send_some(batch, 200, State.READ)
    _send_some(batch, 60, State.DELIVERED)
    _send_some(batch, 40, State.SENT)
    _send_some(batch, 5, State.FAILED)
    # by itself
    expect(page.get_by_text("Van 300 de 486.")).to_be_visible()
    expect(page.get_by_text("Ningún proceso de envío está andando")).not_to_be_visible()
    look(page, "tanda-en-curso")
    manual(page, "tanda-en-curso")


def _pause_and_go_on(page: Page, batch: Batch) -> None:
    page.get_by_role("button", name="Pausar").click()
    expect(page.get_by_text("En pausa: 300 salieron y 181 esperan.")).to_be_visible()
    look(page, "tanda-en-pausa")
    page.goto(f"{GRID}?q=kiosco")
    notice = page.get_by_role("link", name="Tanda en pausa: 500 comprobantes")
    look(page, "tanda-aviso")
    notice.click()
    page.get_by_role("button", name="Reanudar").click()
    expect(page.get_by_text("Van 300 de 486.")).to_be_visible()
    _work(batch)
    page.get_by_role("link", name="Cancelar la tanda").click()
    look(page, "tanda-cancelar")
    page.get_by_role("link", name="No, volver").click()


def _read_how_it_ended(page: Page) -> None:
    expect(page.get_by_text("481 enviados, 15 no.")).to_be_visible()
    page.get_by_role("link", name="Ver por qué").click()
    look(page, "tanda-terminada")
    manual(page, "tanda-terminada")
    page.get_by_role("link", name="5 El número no tiene WhatsApp").click()
    look(page, "tanda-fallidos")
    page.goto("/envios/tandas/")
    expect(page.get_by_role("row", name="Terminada")).to_contain_text("481")
    look(page, "tandas")


def test_a_button_that_is_pressed_is_not_replaced_before_it_is_let_go(cast: Cast, page: Page) -> None:
    make_whatsapp(cast.company)
    party = make_party(cast.company)
    make_contact(party)
    for number in (1, 2, 3, 4):
        make_voucher(cast.company, party, number=number)
    batch = running_batch(cast)
    sign_in(page)
    page.goto(f"/envios/tandas/{batch.pk}/")
    page.get_by_role("button", name="Pausar").hover()
    page.mouse.down()
    with page.expect_response(lambda answer: "seen=" in answer.url and answer.status == 200) as answered:
        put(Delivery.objects.filter(batch=batch)[0], State.SENT)
    answered.value.finished()
    page.evaluate(DRAWN)
    page.mouse.up()
    expect(page.locator(".batch-words")).to_contain_text("En pausa: 1 salió")


def test_a_draft_is_worked_out_while_one_looks_and_a_contact_mended_beside_it(
    cast: Cast, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_whatsapp(cast.company)
    party = make_party(cast.company, name="Kiosco Sin Contacto")
    for number in (1, 2, 3):
        make_voucher(cast.company, party, number=number)
    sign_in(page)
    page.goto("/envios/tandas/")
    look(page, "tandas-vacia")
    with monkeypatch.context() as patched:
        patched.setattr(sending, "AT_ONCE", 1)
        page.goto(f"{GRID}enviar/?all=1")
        page.get_by_role("button", name="Ver la vista previa").click()
        expect(page.get_by_text("0 de 3.")).to_be_visible()
    look(page, "tanda-en-revision")
    batch = Batch.objects.get()
    _work(batch)
    # the page finds out by itself
    expect(page.get_by_text("No se puede enviar.")).to_be_visible()
    page.get_by_role("link", name="Editar contactos").first.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    look(page, "tanda-contactos")
    panel.get_by_role("link", name="Crear").click()
    panel.get_by_label("Celular").fill("341 15 555-0199")
    panel.get_by_role("button", name="Crear").click()
    # the number alone is shown beside the field before it is saved, too
    expect(panel).to_contain_text("Guardado:")
    page.keyboard.press("Escape")
    # what was mended goes, without asking for the page again
    page.get_by_role("button", name="Enviar 3").click()
    expect(page.get_by_role("status").first).to_contain_text("3 envíos en cola.")
