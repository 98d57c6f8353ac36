from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from acuse.deliveries.models import Delivery, InboundMessage, Suspension
from acuse.deliveries.states import EventKind, State
from acuse.kernel import clock
from acuse.vouchers import files
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import PDF, make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put


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
        "Factura A 00003-00000042.pdf", "20/11/2026",
    ):  # fmt: skip
        assert words in page, words


def test_times_are_of_the_companys_zone(people: Cast, delivery: Delivery, ana: Client) -> None:
    people.company.time_zone = "Pacific/Kiritimati"
    people.company.save()
    delivery.events.update(at="2026-11-20T13:00:00Z")
    assert "21/11/2026 03:00:00" in ana.get(_page(delivery)).content.decode()


def test_a_failure_says_why_and_what_to_do(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.FAILED)
    page = ana.get(_page(delivery)).content.decode()
    assert "El número no tiene WhatsApp." in page
    assert "Revisá el celular de Compras." in page
    assert "Reenviar" in page


def test_resending_asks_a_new_one_once(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.FAILED)
    assert "1 en cola." in _post(ana, delivery, "reenviar").content.decode()
    put(Delivery.objects.get(state=State.QUEUED), State.SENT)
    assert "Ya se había vuelto a pedir." in _post(ana, delivery, "reenviar").content.decode()
    assert Delivery.objects.count() == 2


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


def test_an_uncertain_one_is_sent_again_once(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.UNCERTAIN)
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
    fragment = ana.get(_page(delivery, "envios/")).content.decode()
    assert fragment.strip() == fragment.strip()
    seen = {"seen": page.context["poll"].seen}
    assert ana.get(_page(delivery, "envios/"), seen).status_code == 204
    put(delivery, State.READ)
    changed = ana.get(_page(delivery, "envios/"), seen).content.decode()
    assert "Lo leyeron." in changed
    assert "hx-trigger" not in changed


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
    response.close()


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
