"""One voucher in a real browser: created from its PDF, looked at, sent elsewhere, answered."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from acuse.channels.models import WhatsAppTemplate
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.states import EventKind, State
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from tests.browser.arriving import first_of
from tests.browser.conftest import sign_in
from tests.browser.looks import look, manual
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.pdfs import encrypted_pdf, invoice_pdf, valid_qr_text
from tests.data.scenes import ask, put

pytestmark = pytest.mark.browser
GRID = "/comprobantes/sales_invoice/"
CUIT = 27111111117

_DROP = """([target, files]) => {
  const given = new DataTransfer();
  for (const [name, text] of files)
    given.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name, { type: "application/pdf" }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector(target).dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: given }));
}"""


#: Of each form that is kept in this tab: whether it was sent.
_KEPT_DRAFTS = """() => Object.entries(sessionStorage)
  .filter(([key]) => key.startsWith("acuse-draft:")).map(([, kept]) => JSON.parse(kept).sent)"""


def _drop(page: Page, *files: tuple[str, bytes]) -> None:
    """As dragged from the desktop."""
    page.evaluate(_DROP, ["[data-drop]", [[name, base64.b64encode(content).decode()] for name, content in files]])


def test_pdfs_dropped_on_the_form_become_vouchers(cast: Cast, page: Page) -> None:
    make_whatsapp(cast.company)
    make_contact(make_party(cast.company, tax_id=str(CUIT)))
    pdfs = [invoice_pdf(qr_text=valid_qr_text(document_number=CUIT, number=n)) for n in (42, 43)]
    sign_in(page)
    page.goto(f"{GRID}crear/")
    look(page, "crear")
    _drop(page, ("uno.pdf", pdfs[0]), ("dos.pdf", pdfs[1]), ("clave.pdf", encrypted_pdf()))
    expect(page.get_by_text("Completamos los datos con el QR de ARCA.")).to_be_visible(timeout=30_000)
    expect(page.get_by_text("clave.pdf: El PDF tiene contraseña.")).to_be_visible()
    expect(page.get_by_label("Total")).to_have_value("1.234.567,10")
    expect(page.get_by_label("CAE", exact=True)).to_have_value("76123456789012")
    look(page, "crear-con-pdf")
    page.goto(page.url)
    manual(page, "cargar")
    page.get_by_label("Total").fill("no sé")
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page.locator("[data-errors]")).to_contain_text("no es un importe")
    look(page, "crear-con-error")
    page.get_by_label("Total").fill("1234567,10")
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page.get_by_text("Se guardó Factura A 00003-00000042.")).to_be_visible()
    expect(page.locator(".drop-file")).to_contain_text("dos.pdf")
    page.get_by_role("button", name="Guardar y enviar").click()
    expect(page.get_by_role("heading", name="Enviar comprobante")).to_be_visible()
    assert Voucher.objects.count() == 2


def test_choosing_a_pdf_keeps_nothing_that_would_come_back_over_what_is_read_of_it(
    cast: Cast, page: Page, tmp_path: Path
) -> None:
    sign_in(page)
    page.clock.install()
    page.goto(f"{GRID}crear/")
    # the page stays, as while the PDF is read; what is typed is kept after a pause
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    # from a file, as a person does: the events of a file made up in the page are nobody's
    (pdf := tmp_path / "uno.pdf").write_bytes(invoice_pdf(qr_text=None))
    page.get_by_label("Elegir el PDF").set_input_files(pdf)
    page.clock.run_for(1000)
    assert page.evaluate(_KEPT_DRAFTS) == [True]


def test_what_is_typed_while_the_pdf_is_still_being_drawn_stays(cast: Cast, page: Page, tmp_path: Path) -> None:
    sign_in(page)
    page.clock.install()
    drawing: list[Route] = []
    page.route("**/pdf/", lambda route: drawing.append(route))
    page.goto(f"{GRID}crear/")
    (pdf := tmp_path / "uno.pdf").write_bytes(invoice_pdf(qr_text=None))
    page.get_by_label("Elegir el PDF").set_input_files(pdf)
    expect(page.get_by_text("Leímos uno.pdf")).to_be_visible(timeout=30_000)
    page.get_by_label("Punto de venta").fill("1")
    # what is typed is kept after a pause
    page.clock.run_for(1000)
    page.get_by_label("Número", exact=True).fill("77")
    first_of(page, drawing).continue_()
    page.wait_for_load_state("load")
    expect(page.get_by_label("Número", exact=True)).to_have_value("77")
    expect(page.get_by_text("Recuperamos lo que habías escrito")).to_have_count(0)


def test_a_customer_is_made_in_the_form_of_its_voucher(cast: Cast, page: Page) -> None:
    sign_in(page)
    page.goto("/comprobantes/quote/crear/")
    page.get_by_text("No está en la lista: crear cliente").click()
    page.get_by_label("Nombre o razón social").fill("Kiosco Sur")
    page.get_by_label("CUIT o documento").press_sequentially("30-11111111-9")
    expect(page.get_by_text("El último dígito del CUIT no coincide con los demás.")).to_be_visible()
    page.get_by_label("CUIT o documento").fill("")
    page.get_by_label("Celular").press_sequentially("341 555-0177")
    expect(page.get_by_text("+54 9 341 555-0177", exact=True)).to_be_visible()
    page.get_by_label("Número").fill("8")
    page.get_by_label("Total").fill("15.000")
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page.get_by_role("heading", name="Presupuesto 00000008")).to_be_visible()
    expect(page.locator("#contactos-panel")).to_contain_text("+54 9 341 555-0177")
    look(page, "comprobante-sin-pdf")


def _delivered(cast: Cast) -> Delivery:
    lane = make_whatsapp(cast.company)
    account = lane.whatsapp_number.account
    WhatsAppTemplate.objects.create(
        account=account, name="comprobantes", language="es_AR", status="APPROVED", category="UTILITY",
        components=[{"type": "HEADER", "format": "DOCUMENT"},
                    {"type": "BODY", "text": "Hola, te enviamos {{1}}. Cualquier duda respondé este mensaje."},
                    {"type": "FOOTER", "text": "Si no querés recibir más, respondé BAJA."}],
    )  # fmt: skip
    party = make_party(
        cast.company, tax_id=str(CUIT),
        name="Cooperativa de Provisión de Servicios Eléctricos y Otros Servicios Públicos de Villa Ñandú Ltda.",
    )  # fmt: skip
    make_contact(party, name="Norma, de Compras", email="compras@norte.example")
    make_contact(party, name="Depósito", mobile="+5493415550111", kinds=[])
    pdf = invoice_pdf(qr_text=valid_qr_text(document_number=CUIT))
    delivery = ask([make_voucher(cast.company, party, content=pdf, cae="76123456789012")])[0]
    now = clock.now()
    put(delivery, State.READ, sent_at=now - timedelta(minutes=12))
    for minutes, kind in ((12, EventKind.SENT), (11, EventKind.DELIVERED)):
        delivery.events.create(at=now - timedelta(minutes=minutes), kind=kind.value)
    delivery.events.filter(kind=EventKind.REQUESTED).update(at=now - timedelta(minutes=13))
    say = {
        "company": cast.company, "lane": lane, "delivery": delivery, "contact": delivery.contact, "raw": {},
        "sender": "5493415550199", "sender_name": "Norma",
    }  # fmt: skip
    InboundMessage.objects.create(
        provider_id="a", type="text", text="Recibido, gracias. ¿Me mandan también el remito?",
        at=now - timedelta(minutes=9), **say,
    )  # fmt: skip
    InboundMessage.objects.create(
        provider_id="b", type="image", text="[imagen] El comprobante del pago", at=now - timedelta(days=1), **say
    )
    return delivery


def test_the_page_of_a_voucher_shows_all_of_it(cast: Cast, page: Page) -> None:
    delivery = _delivered(cast)
    url = f"{GRID}{delivery.voucher_id}/"
    sign_in(page)
    page.goto(url)
    expect(page.locator(".bubble")).to_contain_text("Hola, te enviamos Factura A 00003-00000042.")
    expect(page.locator(".answers")).to_contain_text("Mandó una imagen: El comprobante del pago")
    expect(page.locator(".timeline")).to_contain_text("hace 13 min")
    assert page.locator(".timeline time").first.get_attribute("title")
    look(page, "comprobante")
    page.goto(url)
    manual(page, "comprobante")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Descargar", exact=True).click()
    assert downloading.value.suggested_filename == "Factura A 00003-00000042.pdf"
    assert Path(downloading.value.path()).read_bytes().startswith(b"%PDF-")
    page.get_by_role("link", name="Enviar a otro contacto").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_role("heading", name="Enviar a otro contacto")).to_be_visible()
    look(page, "comprobante-otro-contacto")
    # what looks at the page leaves empty styles in it, and the policy would blame whoever copies them
    page.goto(url)
    page.get_by_role("link", name="Enviar a otro contacto").click()
    panel.get_by_role("button", name="Enviar").click()
    expect(panel.locator("[data-errors]")).to_contain_text("Elegí un contacto")
    panel.get_by_label("Depósito").check()
    panel.get_by_role("button", name="Enviar").click()
    expect(page.get_by_text("1 envío en cola.")).to_be_visible(timeout=20_000)
    expect(page.locator(".delivery")).to_have_count(2)
    page.get_by_role("link", name="Anular").click()
    expect(page.get_by_role("heading", name="¿Anular Factura A 00003-00000042?")).to_be_visible()
    look(page, "anular")
    page.get_by_role("button", name="Anular").click()
    expect(page.get_by_text("Se canceló 1 envío que estaba en cola.")).to_be_visible()
    look(page, "comprobante-anulado")
    page.get_by_role("button", name="Volver a activar").click()
    expect(page.get_by_role("button", name="Enviar comprobante")).to_be_visible()


def test_two_who_edit_at_once_see_both(cast: Cast, page: Page) -> None:
    delivery = _delivered(cast)
    edit = f"{GRID}{delivery.voucher_id}/editar/"
    sign_in(page)
    page.goto(edit)
    page.get_by_label("Total").fill("10")
    Voucher.objects.update(total=20)
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page.get_by_role("heading", name="Alguien lo cambió mientras lo editabas")).to_be_visible()
    look(page, "editar-choque")
    page.get_by_role("button", name="Guardar", exact=True).last.click()
    expect(page.get_by_text("Guardado: ahora es la versión 2.")).to_be_visible()
    expect(page.locator(".versions")).to_contain_text("Cambió el total")
    look(page, "comprobante-versiones")


def test_messages_are_read_and_resolved(cast: Cast, page: Page) -> None:
    delivery = _delivered(cast)
    sign_in(page)
    page.goto("/envios/mensajes/")
    expect(page.locator(".inbox > li")).to_have_count(2)
    InboundMessage.objects.create(
        company=cast.company, lane=delivery.lane, provider_id="c", sender="5491122223333", sender_name="", type="text",
        text="BAJA", opted_out=True, at=clock.now(), raw={},
    )  # fmt: skip
    page.goto("/envios/mensajes/")
    look(page, "mensajes")
    page.goto("/envios/mensajes/")
    manual(page, "mensajes")
    page.get_by_role("button", name="Resuelto: Norma, de Compras").first.click()
    expect(page.get_by_text("Quedó como resuelto.")).to_be_visible()
    expect(page.locator(".inbox > li")).to_have_count(2)
    page.get_by_role("link", name="Resueltos").click()
    page.get_by_role("button", name="Volver a pendientes").click()
    expect(page.get_by_text("No hay ninguno acá")).to_be_visible()


def test_moments_stay_true_on_an_open_page(cast: Cast, page: Page) -> None:
    delivery = _delivered(cast)
    page.clock.install(time=clock.now())
    sign_in(page)
    page.goto(f"{GRID}{delivery.voucher_id}/")
    shown = page.locator(".timeline time span").first
    expect(shown).to_have_text("hace 13 min")
    page.clock.fast_forward("05:00")
    expect(shown).to_have_text("hace 18 min")
    page.emulate_media(media="print")
    assert page.locator(".timeline time span").first.is_hidden()
