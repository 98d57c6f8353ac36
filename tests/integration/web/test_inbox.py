"""Mensajes recibidos, and their forwarding by e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from acuse.companies import mail as own_mail
from acuse.companies.mail import MailError
from acuse.companies.models import AuditEntry, Role, RoleGrant
from acuse.deliveries import answers, selectors
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.hooks.checks import sending
from acuse.kernel import clock
from acuse.web.templatetags.acuse_web import whole
from acuse.workers import forwarding
from acuse.workers.own_mail import AGAIN_AFTER
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.offices import acting_as
from tests.data.scenes import ask
from tests.integration.web.conftest import signed_in

INBOX = "/envios/mensajes/"


@pytest.fixture
def delivery(people: Cast) -> Delivery:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return ask([make_voucher(people.company, party)])[0]


def _said(delivery: Delivery, text: str = "Gracias", /, **fields: Any) -> InboundMessage:
    values = {
        "company": delivery.company, "lane": delivery.lane, "sender": "5493415550199", "type": "text", "raw": {},
        "contact": delivery.contact, "delivery": delivery, "at": clock.now(),
        "provider_id": f"w{InboundMessage.objects.count()}",
    }  # fmt: skip
    return InboundMessage.objects.create(text=text, **{**values, **fields})


def test_it_lists_who_wrote_what_and_about_which_voucher(ana: Client, delivery: Delivery) -> None:
    _said(delivery, "¿Me mandan el <i>remito</i>?")
    page = ana.get(INBOX).content.decode()
    for words in (
        "Compras",
        "Almacén Norte SRL",
        "+54 9 341 555-0199",
        "&lt;i&gt;remito",
        whole(delivery.voucher.title),
    ):
        assert words in page, words
    assert f'href="/comprobantes/sales_invoice/{delivery.voucher_id}/#envio-{delivery.pk}"' in page


def test_the_newest_comes_first_and_older_ones_on_the_next_page(ana: Client, delivery: Delivery) -> None:
    now = clock.now()
    for number in range(52):
        _said(delivery, f"mensaje-{number:02}", at=now - timedelta(minutes=number // 2))
    first = ana.get(INBOX)
    shown = [row.message.text for row in first.context["rows"]]
    older = ana.get(first.context["older"])
    shown += [row.message.text for row in older.context["rows"]]
    assert len(shown) == len(set(shown)) == 52
    assert shown[0] == "mensaje-01"
    assert older.context["older"] == ""


def test_pending_ones_are_resolved_and_taken_back(people: Cast, ana: Client, delivery: Delivery) -> None:
    actor = acting_as(people.ana, people.company)
    message = _said(delivery, "Hola")
    assert selectors.unhandled_answers(actor).count() == 1
    handle = f"{INBOX}{message.pk}/resuelto/"
    answer = ana.post(handle, {"resuelto": "1", "volver": f"{INBOX}?ver=todos"})
    assert answer["Location"] == f"{INBOX}?ver=todos"
    message.refresh_from_db()
    assert (message.handled_by, selectors.unhandled_answers(actor).count()) == ("user:ana@oeste.example", 0)
    assert "Nada pendiente" in ana.get(INBOX).content.decode()
    assert "por ana@oeste.example" in ana.get(INBOX, {"ver": "resueltos"}).content.decode()
    ana.post(handle, {"resuelto": "1"})
    ana.post(handle, {"resuelto": "0"})
    message.refresh_from_db()
    assert (message.handled_at, message.handled_by) == (None, "")
    events = AuditEntry.objects.filter(event__startswith="answer.").order_by("id").values_list("event", flat=True)
    assert list(events) == ["answer.handled", "answer.reopened"]


def test_the_way_back_leads_to_no_other_site(ana: Client, delivery: Delivery) -> None:
    handle = f"{INBOX}{_said(delivery).pk}/resuelto/"
    answer = ana.post(handle, {"resuelto": "1", "volver": "https://otro.example/?ver=todos"})
    assert answer["Location"] == f"{INBOX}?ver=todos"


def test_bajas_are_marked_and_have_their_list(ana: Client, delivery: Delivery) -> None:
    _said(delivery, "Hola")
    _said(delivery, "BAJA", opted_out=True)
    page = ana.get(INBOX, {"ver": "bajas"})
    assert [row.message.text for row in page.context["rows"]] == ["BAJA"]
    assert "ya no le enviamos nada a ese celular" in page.content.decode()


def test_it_is_searched_without_accents(ana: Client, delivery: Delivery) -> None:
    _said(delivery, "Gracias")
    _said(delivery, "¿Cuándo viene el camión?", contact=None, delivery=None, sender_name="Raúl")
    for text in ("camion", "RAUL", "raul viene"):
        assert [row.writer for row in ana.get(INBOX, {"q": text}).context["rows"]] == ["Raúl"], text
    assert len(ana.get(INBOX, {"q": "almacen 00000042"}).context["rows"]) == 1
    assert "Ninguno coincide" in ana.get(INBOX, {"q": "nadie"}).content.decode()


def test_one_message_has_its_address(ana: Client, carla: Client, delivery: Delivery) -> None:
    _said(delivery, "otro")
    message = _said(delivery, "este", handled_at=clock.now())
    assert [row.message.pk for row in ana.get(INBOX, {"mensaje": message.pk}).context["rows"]] == [message.pk]
    assert carla.get(INBOX, {"mensaje": message.pk}).context["rows"] == []


@pytest.mark.parametrize("odd", ["x", "9" * 30, "-1", "0", "%00"])
def test_odd_addresses_begin_anew(ana: Client, delivery: Delivery, odd: str) -> None:
    _said(delivery)
    assert len(ana.get(INBOX, {"antes": odd, "ver": odd}).context["rows"]) == 1


def test_the_menu_counts_what_is_pending(ana: Client, delivery: Delivery) -> None:
    _said(delivery)
    _said(delivery, handled_at=clock.now())
    menu = ana.get(INBOX).context["menu"]()
    item = next(item for module in menu.modules for item in module.items if item.name == "Mensajes recibidos")
    assert (item.count, item.current) == (1, True)


def test_another_company_sees_and_resolves_nothing(carla: Client, delivery: Delivery) -> None:
    message = _said(delivery, "Cosa nuestra")
    assert "Cosa nuestra" not in carla.get(INBOX, {"ver": "todos"}).content.decode()
    assert carla.post(f"{INBOX}{message.pk}/resuelto/", {"resuelto": "1"}).status_code == 404


def test_a_page_that_begins_after_another_companys_message_begins_anew(
    people: Cast, carla: Client, delivery: Delivery
) -> None:
    """Or the list would tell when that message came."""
    theirs = _said(delivery, at=clock.now() - timedelta(days=1))
    _said(delivery, "La mía", company=people.other_company, contact=None, delivery=None)
    assert len(carla.get(INBOX, {"antes": str(theirs.pk)}).context["rows"]) == 1


def test_who_only_sees_resolves_nothing(beto: Client, delivery: Delivery) -> None:
    message = _said(delivery)
    assert "Resuelto" not in beto.get(INBOX).content.decode().replace("Resueltos", "")
    assert beto.post(f"{INBOX}{message.pk}/resuelto/", {"resuelto": "1"}).status_code == 403
    message.refresh_from_db()
    assert message.handled_at is None


def _only(people: Cast, *pages: str) -> Client:
    """Beto, who sees these."""
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.filter(role=role).delete()
    RoleGrant.objects.bulk_create([RoleGrant(role=role, page=page, action="view") for page in pages])
    return signed_in(people.beto)


def test_an_answer_about_a_voucher_is_read_by_who_sees_its_kind(people: Cast, delivery: Delivery) -> None:
    """A role of purchases isn't to read what customers answer about sales, nor their names: Envíos hides them too."""
    message = _said(delivery, "¿Me mandan el remito?")
    buyer = _only(people, "deliveries", "suppliers", "purchase_order", "payment_order")
    for query in ({}, {"ver": "todos"}, {"mensaje": str(message.pk)}, {"q": "remito"}):
        page = buyer.get(INBOX, query).content.decode()
        for words in ("remito?", "555-0199", "Almacén Norte SRL", delivery.voucher.title):
            assert words not in page, query
    assert buyer.get(INBOX).context["pending"] == 0
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.create(role=role, page="deliveries", action="edit")
    assert buyer.post(f"{INBOX}{message.pk}/resuelto/", {"resuelto": "1"}).status_code == 404
    seller = _only(people, "deliveries", "sales_invoice")
    page = seller.get(INBOX).content.decode()
    assert "remito?" in page
    assert "/tablas/clientes/" not in page, "the answer is seen, the customer's page isn't"


def test_what_answers_nothing_in_particular_is_read_by_who_sees_its_party(people: Cast, delivery: Delivery) -> None:
    supplier = make_contact(make_party(people.company, kind="supplier", name="Acindar"), mobile="+5493415550177")
    _said(delivery, "de un cliente", delivery=None)
    _said(delivery, "de un proveedor", delivery=None, contact=supplier)
    _said(delivery, "de nadie", delivery=None, contact=None)

    def seen(*pages: str) -> set[str]:
        return {row.message.text for row in _only(people, "deliveries", *pages).get(INBOX).context["rows"]}

    assert seen("customers") == {"de un cliente", "de nadie"}
    assert seen("suppliers") == {"de un proveedor"}
    assert seen("sales_invoice") == set()


def test_who_sees_no_deliveries_reads_no_answers(people: Cast, delivery: Delivery) -> None:
    _said(delivery)
    RoleGrant.objects.all().delete()
    assert signed_in(people.beto).get(INBOX).status_code == 403


@pytest.fixture
def forwards(people: Cast, settings: Any, delivery: Delivery) -> Delivery:
    settings.EMAIL_HOST = "127.0.0.1"
    settings.BASE_URL = "https://acuse.example"
    people.company.answers_to = "ventas@oeste.example"
    people.company.save()
    return delivery


def test_it_is_forwarded_once_saying_who_and_about_what(forwards: Delivery) -> None:
    message = _said(forwards, "¿Me mandan el remito?", to_forward=True)
    assert forwarding.forward_waiting({}) == 1
    assert forwarding.forward_waiting({}) == 0
    sent = mail.outbox[0]
    assert (len(mail.outbox), sent.to) == (1, ["ventas@oeste.example"])
    assert sent.subject == "Respuesta de Almacén Norte SRL por Factura A 00003-00000042"
    for words in (
        "De: Compras · Almacén Norte SRL · +54 9 341 555-0199", "Comprobante: Factura A 00003-00000042",
        "¿Me mandan el remito?", f"https://acuse.example/envios/mensajes/?mensaje={message.pk}",
    ):  # fmt: skip
        assert words in sent.body, words
    message.refresh_from_db()
    assert message.forwarded_at is not None


def test_a_baja_is_forwarded_too(forwards: Delivery) -> None:
    _said(forwards, "BAJA", to_forward=True, opted_out=True)
    forwarding.forward_waiting({})
    assert mail.outbox[0].subject.startswith("BAJA de Almacén Norte SRL")
    assert "Pidió no recibir más mensajes" in mail.outbox[0].body


def test_who_is_unknown_is_forwarded_with_what_is_known(forwards: Delivery) -> None:
    unknown = {"contact": None, "delivery": None, "to_forward": True}
    _said(forwards, "[imagen]", type="image", sender_name="Raúl\nX: y", **unknown)
    _said(forwards, "Hola", sender="", **unknown)
    assert forwarding.forward_waiting({}) == 2
    assert mail.outbox[0].subject == "Respuesta de Raúl X: y"
    assert "Mandó una imagen." in mail.outbox[0].body
    assert mail.outbox[1].subject == "Respuesta de Alguien sin nombre"


def test_a_failure_is_tried_again_and_keeps_no_other_company_waiting(
    people: Cast, forwards: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.other_company.answers_to = "carla@otra.example"
    people.other_company.save()
    lane = make_whatsapp(people.other_company, phone_number_id="2")
    first = _said(forwards, to_forward=True)
    _said(forwards, "de Carla", to_forward=True, company=people.other_company, lane=lane, contact=None, delivery=None)
    took: list[str] = []

    def deliver(to: str, subject: str, text: str) -> None:
        if to == "ventas@oeste.example":
            raise MailError("El servidor de correo no lo tomó.")
        took.append(to)

    monkeypatch.setattr(own_mail, "deliver", deliver)
    failed: dict[Any, float] = {}
    assert forwarding.forward_waiting(failed) == 1
    assert took == ["carla@otra.example"]
    assert list(failed) == [people.company.pk]
    first.refresh_from_db()
    assert first.forwarded_at is None
    monkeypatch.undo()
    assert forwarding.forward_waiting(failed) == 0
    assert forwarding.forward_waiting({people.company.pk: failed[people.company.pk] - AGAIN_AFTER}) == 1


def test_what_came_before_there_was_an_address_is_not_forwarded(forwards: Delivery) -> None:
    _said(forwards)
    assert forwarding.forward_waiting({}) == 0


def test_a_baja_of_nobodys_number_says_that_it_is_obeyed(people: Cast, ana: Client, delivery: Delivery) -> None:
    _said(delivery, "BAJA", contact=None, delivery=None, opted_out=True)
    page = ana.get(INBOX, {"ver": "bajas"}).content.decode()
    assert "ya no le enviamos nada a ese celular" in page
    assert "No es de ninguno de tus contactos." in page


def test_when_nobody_wants_them_any_more_they_stop_waiting(people: Cast, forwards: Delivery) -> None:
    message = _said(forwards, to_forward=True)
    people.company.answers_to = ""
    people.company.save()
    forwarding.forward_waiting({})
    message.refresh_from_db()
    assert (message.to_forward, message.forwarded_at, mail.outbox) == (False, None, [])


def test_without_the_installations_mail_they_wait(forwards: Delivery, settings: Any) -> None:
    message = _said(forwards, to_forward=True)
    settings.EMAIL_HOST = ""
    assert forwarding.forward_waiting({}) == 0
    message.refresh_from_db()
    assert (message.to_forward, message.forwarded_at) == (True, None)


def test_without_the_installations_mail_the_pages_promise_nothing(
    forwards: Delivery, ana: Client, settings: Any
) -> None:
    _said(forwards)
    assert "se reenvía por correo a ventas@oeste.example" in ana.get(INBOX).content.decode()
    assert "te llega también a este correo" in ana.get("/administracion/empresa/").content.decode()
    assert not list(sending.of_answers(forwards.company))
    settings.EMAIL_HOST = ""
    assert "No se reenvían a ventas@oeste.example" in ana.get(INBOX).content.decode()
    assert "Por ahora no se reenvía nada" in ana.get("/administracion/empresa/").content.decode()
    [told] = sending.of_answers(forwards.company)
    assert "ventas@oeste.example" in told.text


def test_what_waited_too_long_stays_in_the_list_alone(forwards: Delivery) -> None:
    _said(forwards, to_forward=True)
    InboundMessage.objects.update(received_at=clock.now() - answers.FORWARD_WITHIN - timedelta(minutes=1))
    assert forwarding.forward_waiting({}) == 0
