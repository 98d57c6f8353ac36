from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.test import AsyncClient, Client

from acuse.channels.models import WhatsAppTemplate
from acuse.companies.models import RoleGrant
from acuse.deliveries.models import Delivery, InboundMessage, Suspension
from acuse.deliveries.states import EventKind, State
from acuse.directory import optout
from acuse.directory.models import Contact
from acuse.kernel import clock
from acuse.vouchers import files
from acuse.vouchers.models import Voucher
from acuse.web.templatetags.acuse_web import whole
from acuse.web.vouchers.facts import qr_rows
from tests.conftest import Cast
from tests.data.cast import PDF, make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put
from tests.integration.web.conftest import BACKEND


@pytest.fixture
def delivery(people: Cast) -> Delivery:
    make_whatsapp(people.company)
    party = make_party(people.company, tax_id="30000000007")
    make_contact(party)
    return ask([make_voucher(people.company, party)])[0]


def _page(delivery: Delivery, end: str = "") -> str:
    return f"/comprobantes/sales_invoice/{delivery.voucher_id}/{end}"


def _post(client: Client, delivery: Delivery, what: str) -> Any:
    return client.post(f"/envios/{delivery.pk}/{what}/", follow=True)


def test_it_shows_the_facts_the_contacts_the_message_and_the_timeline(ana: Client, delivery: Delivery) -> None:
    page = ana.get(_page(delivery)).content.decode()
    for words in (
        "30-00000000-7", "70417054367476", "Compras", "En cola", "Lo pidió ana@oeste.example.",
        'Factura A <span class="whole">00003-00000042.pdf</span>', "20/11/2026",
    ):  # fmt: skip
        assert words in page, words


def test_a_number_is_never_broken_between_lines(ana: Client, delivery: Delivery) -> None:
    number = '<span class="whole">00003-00000042</span>'
    assert f"<h1>Factura A {number}</h1>" in ana.get(_page(delivery)).content.decode()
    assert f"Factura A {number}?</h1>" in ana.get(f"{_page(delivery)}anular/").content.decode()
    assert f"Factura A {number}</a>" in ana.get("/envios/").content.decode()
    assert whole("<b> sin número") == "&lt;b&gt; sin número"


def test_what_happened_has_its_exact_time_in_sight_in_the_companys_zone(
    people: Cast, delivery: Delivery, ana: Client
) -> None:
    people.company.time_zone = "Pacific/Kiritimati"
    people.company.save()
    delivery.events.update(at="2026-10-20T13:00:00Z")
    page = ana.get(_page(delivery)).content.decode()
    exact = "<span>21/10/2026</span> <small>03:00:00</small>"
    assert f'datetime="2026-10-21T03:00:00+14:00" title="21/10/2026 03:00:00">{exact}' in page
    assert "<span>recién</span>" in page


def test_a_failure_says_why_and_what_to_do(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.FAILED)
    page = ana.get(_page(delivery)).content.decode()
    assert "El número no tiene WhatsApp." in page
    assert "Revisá el celular de Compras." in page
    assert "Reenviar" in page


def test_resending_asks_a_new_one_once(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.FAILED)
    assert "1 envío en cola." in _post(ana, delivery, "reenviar").content.decode()
    put(Delivery.objects.get(state=State.QUEUED), State.SENT)
    assert "Ya se había vuelto a pedir." in _post(ana, delivery, "reenviar").content.decode()
    assert Delivery.objects.count() == 2


def test_what_went_to_who_asked_for_no_more_is_not_even_asked_about(
    people: Cast, ana: Client, carla: Client, delivery: Delivery
) -> None:
    put(delivery, State.READ)
    url = f"/envios/{delivery.pk}/reenviar/"
    assert "¿Enviarlo otra vez?" in ana.get(url).content.decode()
    optout.suppress([Contact.objects.get()], reason="BAJA", actor="system")
    told = ana.get(url, follow=True)
    assert "¿Enviarlo otra vez?" not in told.content.decode()
    assert "pidió la baja" in told.content.decode()
    assert carla.get(url).status_code == 404
    assert Delivery.objects.count() == 1


def test_what_waits_is_cancelled_after_a_question(ana: Client, delivery: Delivery) -> None:
    question = ana.get(f"/envios/{delivery.pk}/cancelar/").content.decode()
    assert "¿Cancelar este envío?" in question
    assert Delivery.objects.get().state == State.QUEUED
    assert "Cancelado. No va a salir." in _post(ana, delivery, "cancelar").content.decode()
    assert Delivery.objects.get().state == State.CANCELLED


def test_what_left_is_not_cancelled(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.SENT)
    assert "lo que salió no se puede cancelar" in _post(ana, delivery, "cancelar").content.decode()
    assert Delivery.objects.get().state == State.SENT


def test_an_uncertain_one_is_settled_as_arrived(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.UNCERTAIN)
    page = ana.get(_page(delivery)).content.decode()
    assert "Ya llegó" in page
    assert "Volver a enviar" in page
    _post(ana, delivery, "llego")
    assert Delivery.objects.get().state == State.SENT


def test_an_uncertain_one_is_sent_again_once_after_a_question(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.UNCERTAIN)
    url = f"/envios/{delivery.pk}/volver-a-enviar/"
    assert f'<a class="btn btn-secondary btn-sm" href="{url}">' in ana.get(_page(delivery)).content.decode()
    assert "Si el primero había llegado, llega dos veces." in ana.get(url).content.decode()
    assert Delivery.objects.get().state == State.UNCERTAIN, "a question changes nothing"
    _post(ana, delivery, "volver-a-enviar")
    _post(ana, delivery, "volver-a-enviar")
    assert list(Delivery.objects.order_by("created_at").values_list("state", flat=True)) == ["failed", "queued"]


def test_an_uncertain_one_that_cannot_go_again_stays_uncertain(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.UNCERTAIN)
    Voucher.objects.update(voided_at=clock.now())
    assert "lo anulado no se envía" in _post(ana, delivery, "volver-a-enviar").content.decode()
    assert Delivery.objects.get().state == State.UNCERTAIN


def test_it_updates_by_itself_and_stands_still_when_nothing_is_new(ana: Client, delivery: Delivery) -> None:
    page = ana.get(_page(delivery))
    assert "every 2s" in page.content.decode()
    seen = {"seen": page.context["poll"].seen}
    assert ana.get(_page(delivery, "envios/"), seen).status_code == 204
    put(delivery, State.READ)
    changed = ana.get(_page(delivery, "envios/"), seen).content.decode()
    assert "Lo leyeron." in changed
    # whoever read it may answer
    assert "every 15s" in changed
    Delivery.objects.update(updated_at=clock.now() - timedelta(days=1))
    assert "hx-trigger" not in ana.get(_page(delivery, "envios/"), seen).content.decode()


def test_an_answer_shows_on_a_page_that_is_open(people: Cast, ana: Client, delivery: Delivery) -> None:
    put(delivery, State.READ)
    seen = {"seen": ana.get(_page(delivery)).context["poll"].seen}
    assert ana.get(_page(delivery, "envios/"), seen).status_code == 204
    _answer(people, delivery, text="Ya lo recibimos")
    assert "Ya lo recibimos" in ana.get(_page(delivery, "envios/"), seen).content.decode()


def test_nobody_waits_for_answers_that_one_may_not_see(people: Cast, beto: Client, delivery: Delivery) -> None:
    put(delivery, State.READ)
    RoleGrant.objects.filter(page="deliveries").delete()
    assert "every" not in beto.get(_page(delivery, "envios/")).content.decode()


def test_answers_show_as_text(people: Cast, ana: Client, delivery: Delivery) -> None:
    InboundMessage.objects.create(
        company=people.company, lane=delivery.lane, provider_id="wamid.1", sender="5493415550199",
        sender_name="Norma", type="text", text="Gracias <b>che</b>", delivery=delivery, at=clock.now(), raw={},
    )  # fmt: skip
    page = ana.get(_page(delivery)).content.decode()
    assert "Norma" in page
    assert "Gracias &lt;b&gt;che&lt;/b&gt;" in page


def test_the_pdf_comes_inline_and_can_do_nothing_else(ana: Client, delivery: Delivery) -> None:
    response = ana.get(_page(delivery, "pdf/"))
    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="Factura A 00003-00000042.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


def test_a_pdf_that_is_missing_is_a_page_that_does_not_exist(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    bare = make_voucher(people.company, party, content=None)
    assert ana.get(f"/comprobantes/sales_invoice/{bare.pk}/pdf/").status_code == 404
    lost = make_voucher(people.company, party, number=43, content=PDF + b"%lost")
    assert lost.file_id is not None
    files.path_of(lost.file_id).unlink()
    assert ana.get(f"/comprobantes/sales_invoice/{lost.pk}/pdf/").status_code == 404


def test_a_currency_that_nobody_knows_shows_its_code(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    voucher = make_voucher(people.company, party)
    Voucher.objects.update(currency="999")
    page = ana.get(f"/comprobantes/sales_invoice/{voucher.pk}/").content.decode()
    assert "999 12.100,00" in page.replace("\xa0", " ")


def _told(delivery: Delivery, status: str, at: datetime) -> None:
    delivery.events.create(at=at, kind=EventKind.PROVIDER, dedupe_key=status, detail={"status": status})


def test_a_receipt_of_the_same_second_does_not_come_before_the_request(ana: Client, delivery: Delivery) -> None:
    asked = delivery.events.get().at
    second = asked.replace(microsecond=0)
    delivery.events.create(at=second, kind=EventKind.DELIVERED, dedupe_key="delivered")
    delivery.events.create(at=asked + timedelta(microseconds=1), kind=EventKind.SENT)
    page = ana.get(_page(delivery)).content.decode()
    assert page.index("Lo pidió") < page.index("WhatsApp lo aceptó.") < page.index("Llegó al teléfono.")


def test_the_receipt_of_what_the_answer_said_is_not_repeated(ana: Client, delivery: Delivery) -> None:
    now = clock.now()
    _told(delivery, "sent", now)
    assert "WhatsApp avisó que lo envió." in ana.get(_page(delivery)).content.decode()
    delivery.events.create(at=now, kind=EventKind.SENT)
    page = ana.get(_page(delivery)).content.decode()
    assert "WhatsApp lo aceptó." in page
    assert "WhatsApp avisó" not in page


def test_what_waits_for_a_suspension_says_so_though_it_was_never_tried(ana: Client, delivery: Delivery) -> None:
    seen = ana.get(_page(delivery)).context["poll"].seen
    Suspension.objects.create(
        company_id=delivery.company_id, scope="account", key=delivery.account_key, cause_code="whatsapp.190",
        cause_text="El token venció o fue anulado.", cause_next_step="Cargá un token nuevo.",
        since=clock.now(), probe_at=clock.now(),
    )  # fmt: skip
    changed = ana.get(_page(delivery, "envios/"), {"seen": seen}).content.decode()
    assert "El token venció o fue anulado." in changed
    assert "Cargá un token nuevo." in changed


def test_what_arrived_is_sent_again_only_after_a_question(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.DELIVERED)
    assert f'href="/envios/{delivery.pk}/reenviar/"' in ana.get(_page(delivery)).content.decode()
    assert "Si lo reenviás, lo recibe de nuevo." in ana.get(f"/envios/{delivery.pk}/reenviar/").content.decode()
    assert Delivery.objects.count() == 1
    assert "1 envío en cola." in _post(ana, delivery, "reenviar").content.decode()
    assert Delivery.objects.count() == 2


def test_the_message_shows_with_the_text_that_meta_approved(people: Cast, ana: Client, delivery: Delivery) -> None:
    account_id = delivery.template_key.split("/")[0]
    WhatsAppTemplate.objects.create(
        account_id=account_id, name="comprobantes", language="es_AR",
        components=[{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": "Hola, te mandamos {{1}}."},
                    {"type": "FOOTER", "text": "Respondé BAJA"}],
    )  # fmt: skip
    page = ana.get(_page(delivery)).content.decode()
    assert "Hola, te mandamos Factura A 00003-00000042." in page
    assert "Respondé BAJA" in page


def test_a_mail_shows_as_a_mail(people: Cast, ana: Client) -> None:
    make_mailbox(people.company, "smtp://127.0.0.1:2525")
    party = make_party(people.company)
    make_contact(party, mobile="", email="compras@norte.example")
    delivery = ask([make_voucher(people.company, party)])[0]
    page = ana.get(_page(delivery)).content.decode()
    for words in ("compras@norte.example", "Factura A 00003-00000042 de Ferretería Oeste SA", "Hola Compras:"):
        assert words in page, words


def _answer(people: Cast, delivery: Delivery, **fields: Any) -> InboundMessage:
    return InboundMessage.objects.create(
        company=people.company, lane=delivery.lane, provider_id="w9", sender="5493415550199", delivery=delivery,
        contact=delivery.contact, at=clock.now(), raw={}, **{"type": "text", "text": "BAJA", **fields},
    )  # fmt: skip


def test_who_opted_out_shows_where_the_contact_shows(people: Cast, ana: Client, delivery: Delivery) -> None:
    _answer(people, delivery, opted_out=True)
    optout.suppress(list(Contact.objects.all()), reason="Pidió la baja", actor="t")
    page = ana.get(_page(delivery)).content.decode()
    assert page.count("BAJA</span>") >= 3
    assert "Ya no le enviamos nada a ese celular." in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"type": "image", "text": "[imagen] El pago"}, "Mandó una imagen:</span> El pago"),
        ({"type": "audio", "text": "[audio]"}, "Mandó un audio.</span>"),
        ({"type": "reaction", "text": "👍"}, "Reaccionó:</span> 👍"),
        ({"type": "nuevo", "text": ""}, "Mandó algo que Acuse no sabe leer.</span>"),
        ({"type": "text", "text": "[sic] dale"}, "<p>[sic] dale</p>"),
    ],
)
def test_what_is_no_text_is_said_in_words(
    people: Cast, ana: Client, delivery: Delivery, fields: dict[str, str], words: str
) -> None:
    _answer(people, delivery, **fields)
    assert words in ana.get(_page(delivery)).content.decode()


def test_answers_are_for_whoever_may_see_envios(people: Cast, beto: Client, delivery: Delivery) -> None:
    _answer(people, delivery, text="Secreto nuestro")
    assert "Secreto nuestro" in beto.get(_page(delivery)).content.decode()
    RoleGrant.objects.filter(role__name="Consulta", page="deliveries").delete()
    assert "Secreto nuestro" not in beto.get(_page(delivery)).content.decode()


def test_the_pdf_is_downloaded_by_name(ana: Client, delivery: Delivery) -> None:
    response = ana.get(_page(delivery, "pdf/?descargar"))
    assert response["Content-Disposition"] == 'attachment; filename="Factura A 00003-00000042.pdf"'
    assert response["Content-Length"] == str(len(PDF))


def test_an_old_version_has_the_same_safe_headers_and_no_strangers(
    people: Cast, ana: Client, carla: Client, delivery: Delivery
) -> None:
    first, last = _page(delivery, "versiones/1/pdf/"), _page(delivery, "versiones/2/pdf/")
    response = ana.get(first)
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert (response["X-Content-Type-Options"], "no-store" in response["Cache-Control"]) == ("nosniff", True)
    assert ana.get(last).status_code == 404
    assert carla.get(first).status_code == 404


@pytest.mark.django_db(transaction=True)
async def test_the_asgi_server_streams_it(people: Cast) -> None:
    """Django warns, and reads the whole file, when a plain iterator meets ASGI; warnings are errors here."""
    voucher = await sync_to_async(lambda: make_voucher(people.company, make_party(people.company)))()
    client = AsyncClient()
    await client.aforce_login(people.ana, backend=BACKEND)
    response: Any = await client.get(f"/comprobantes/sales_invoice/{voucher.pk}/pdf/")
    assert response.is_async
    assert b"".join([chunk async for chunk in response.streaming_content]) == PDF
    # a slow reader would hold one of the few of the pool
    assert await sync_to_async(lambda: connection.connection)() is None


def test_the_qr_says_what_kind_of_document_the_receiver_has() -> None:
    fields = {"tipoDocRec": 96, "nroDocRec": 12345678}
    voucher = Voucher(qr={"fields": fields}, qr_contradictions=[])
    assert [(row.name, row.found) for row in qr_rows(voucher)] == [("Receptor", "DNI 12345678")]


def test_contradictions_of_the_qr_are_shown_field_by_field(people: Cast, ana: Client) -> None:
    voucher = make_voucher(people.company, make_party(people.company))
    Voucher.objects.update(
        qr={"fields": {"importe": "99.5", "nroCmp": 42, "cuit": 30000000007, "moneda": "PES"}, "problems": []},
        qr_contradictions=[{"field": "importe", "expected": "12100.00", "found": "99.5"}],
    )
    page = ana.get(f"/comprobantes/sales_invoice/{voucher.pk}/").content.decode()
    assert "no coincide con los datos" in page
    assert "acá dice 12.100,00" in page
    assert "Peso ($)" in page
    assert "30-00000000-7" in page
