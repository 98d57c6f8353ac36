from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.channels.models import WhatsAppAccount, WhatsAppTemplate
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.models import Batch, Delivery
from acuse.deliveries.states import Priority, State
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put

SEND = "/comprobantes/sales_invoice/enviar/"


@pytest.fixture
def voucher(people: Cast) -> Voucher:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return make_voucher(people.company, party)


def _preview(client: Client, chosen: dict[str, Any]) -> Any:
    return client.post(SEND, chosen, follow=True)


def _send(client: Client, preview: Any, **given: str) -> Any:
    given = {"seen": preview.context["preview"].digest, **given}
    return client.post(f"/envios/tandas/{preview.context['batch'].pk}/enviar/", given, follow=True)


def test_the_preview_tells_who_gets_what_and_sends_nothing(people: Cast, ana: Client, voucher: Voucher) -> None:
    bare = make_voucher(people.company, make_party(people.company, name="Sin contacto SA"), number=43, content=None)
    page = _preview(ana, {"id": [str(voucher.pk), str(bare.pk)]}).content.decode()
    assert "Enviar 1<" in page
    for words in (
        "Compras",
        "+54 9 341 555-0199",
        "comprobantes · Factura A 00003-00000042",
        "1</span> comprobante no va",
    ):
        assert words in page, words
    for reason in ("Falta el PDF. Adjuntalo", "No tiene contactos."):
        assert reason in page, reason
    assert f'href="/comprobantes/sales_invoice/{bare.pk}/"' in page
    assert "Se puede enviar igual" in page, "warnings show too"
    assert not Delivery.objects.exists()


def test_a_preview_that_another_page_has_confirmed_gives_way_to_its_progress(ana: Client, voucher: Voucher) -> None:
    preview = _preview(ana, {"id": [str(voucher.pk)]})
    url, asked = preview.redirect_chain[-1][0], {"HX-Request": "true", "HX-Target": "vista"}
    assert 'id="vista"' in ana.get(url, headers=asked).content.decode()
    _send(ana, preview)
    # a contact is mended beside the preview that is still open here
    answer = ana.get(url, headers=asked)
    assert (answer["HX-Refresh"], answer.content) == ("true", b"")


def test_the_rows_of_a_warning_are_those_that_it_counts(people: Cast, ana: Client, voucher: Voucher) -> None:
    again = make_voucher(people.company, voucher.party, number=43)
    put(ask([again])[0], State.DELIVERED)
    new = make_voucher(people.company, voucher.party, number=44)
    page = _preview(ana, {"id": [str(one.pk) for one in (voucher, again, new)]})
    assert 'que=van&amp;aviso=qr_missing">El PDF no tiene un QR' in page.content.decode()
    assert [(one.code, one.count) for one in page.context["warnings"]] == [("qr_missing", 2)]
    told = ana.get(f"/envios/tandas/{page.context['batch'].pk}/filas/", {"que": "van", "aviso": "qr_missing"})
    titles = [line.voucher.title for line in told.context["lines"]]
    assert sorted(titles) == [voucher.title, new.title]


def test_sending_puts_them_in_the_queue_by_hand(people: Cast, ana: Client, voucher: Voucher) -> None:
    preview = _preview(ana, {"id": str(voucher.pk)})
    response = _send(ana, preview)
    assert "1 envío en cola." in response.content.decode()
    delivery = Delivery.objects.get()
    assert (delivery.priority, delivery.requested_by) == (Priority.BY_HAND, "user:ana@oeste.example")


def test_sending_the_form_twice_sends_once(people: Cast, ana: Client, voucher: Voucher) -> None:
    preview = _preview(ana, {"id": str(voucher.pk)})
    _send(ana, preview)
    assert "Ya estaba pedido." in _send(ana, preview).content.decode()
    assert Delivery.objects.count() == 1


def test_what_went_before_goes_again_only_when_one_says_so(people: Cast, ana: Client, voucher: Voucher) -> None:
    put(ask([voucher])[0], State.DELIVERED)
    preview = _preview(ana, {"id": str(voucher.pk)})
    page = preview.content.decode()
    assert "Volver a enviar 1" in page
    assert "ya se pidió: no se repite sin que lo pidas" in page
    _send(ana, preview)
    assert Delivery.objects.count() == 1
    _send(ana, _preview(ana, {"id": str(voucher.pk)}), again="1")
    assert Delivery.objects.filter(state=State.QUEUED, resend_of__isnull=False).count() == 1


def test_sending_again_twice_sends_once_though_the_first_has_left(people: Cast, ana: Client, voucher: Voucher) -> None:
    put(ask([voucher])[0], State.DELIVERED)
    preview = _preview(ana, {"id": str(voucher.pk)})
    _send(ana, preview, again="1")
    put(Delivery.objects.get(state=State.QUEUED), State.SENT)
    _send(ana, preview, again="1")
    assert Delivery.objects.count() == 2


def test_what_became_unsendable_meanwhile_does_not_go(people: Cast, ana: Client, voucher: Voucher) -> None:
    preview = _preview(ana, {"id": str(voucher.pk)})
    Voucher.objects.update(cae="", authorization="rejected")
    page = _send(ana, preview).content.decode()
    assert "1 no se puede enviar." in page
    assert "ARCA lo rechazó. Corregilo" in page
    assert not Delivery.objects.exists()


def test_all_that_match_the_filters_go(people: Cast, ana: Client, voucher: Voucher) -> None:
    other = make_party(people.company, name="Otro")
    make_contact(other, mobile="+5493415550198")
    made = [make_voucher(people.company, other, number=n) for n in range(100, 160)]
    preview = _preview(ana, {"all": "1", "filtros": "q=otro", "company": str(people.company.pk)})
    assert "Enviar 60<" in preview.content.decode()
    page = _send(ana, preview).content.decode()
    assert "Van 0 de 60." in page
    assert "Ningún proceso de envío está andando" in page, "more than a few wait for a worker, and say so"
    batch_work.work(preview.context["batch"].pk)
    sent = Delivery.objects.filter(voucher__in=made)
    assert sent.count() == 60
    assert set(sent.values_list("priority", flat=True)) == {Priority.BULK}


def test_an_email_shows_its_subject_and_body(people: Cast, ana: Client) -> None:
    make_mailbox(people.company, "smtp://127.0.0.1:2525")
    party = make_party(people.company)
    make_contact(party, mobile="", email="compras@norte.example")
    voucher = make_voucher(people.company, party)
    page = _preview(ana, {"id": str(voucher.pk)}).content.decode()
    assert "Factura A 00003-00000042 de Ferretería Oeste SA" in page
    assert "Te mandamos Factura A 00003-00000042 por $ 12.100,00." in page.replace("\xa0", " ")


def test_nothing_chosen_teaches_how(people: Cast, ana: Client) -> None:
    assert "No elegiste ningún comprobante" in ana.get(SEND).content.decode()
    assert "No elegiste" in ana.post(SEND, {}).content.decode()
    assert ana.get(SEND, {"id": "nada"}).status_code == 404
    assert not Batch.objects.exists()


def test_another_companys_voucher_is_a_page_that_does_not_exist(people: Cast, ana: Client, voucher: Voucher) -> None:
    theirs = make_voucher(people.other_company, make_party(people.other_company))
    for method in (ana.get, ana.post):
        assert method(SEND, {"id": [str(voucher.pk), str(theirs.pk)]}).status_code == 404
    assert not Batch.objects.exists()


def test_without_the_right_to_send_there_is_nothing_to_press(people: Cast, beto: Client, voucher: Voucher) -> None:
    assert beto.get(SEND, {"id": str(voucher.pk)}).status_code == 403
    assert beto.post(SEND, {"id": str(voucher.pk)}).status_code == 403
    assert not Batch.objects.exists()


def test_a_mended_contact_shows_when_one_comes_back(people: Cast, ana: Client, voucher: Voucher) -> None:
    party = make_party(people.company, name="Sin contacto SA")
    bare = make_voucher(people.company, party, number=43)
    preview = _preview(ana, {"id": str(bare.pk)})
    page = preview.content.decode()
    assert "No se puede enviar." in page
    assert f'href="/tablas/clientes/{party.pk}/contactos/"' in page
    make_contact(party, mobile="+5493415550197")
    assert "Enviar 1<" in ana.get(f"/envios/tandas/{preview.context['batch'].pk}/").content.decode()


def test_the_preview_has_the_text_that_meta_approved(people: Cast, ana: Client, voucher: Voucher) -> None:
    account = WhatsAppAccount.objects.get(company=people.company)
    WhatsAppTemplate.objects.create(
        account=account, name="comprobantes", language="es_AR",
        components=[{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": "Hola, te mandamos {{1}}."}],
    )  # fmt: skip
    page = _preview(ana, {"id": str(voucher.pk)}).content.decode()
    assert "Hola, te mandamos Factura A 00003-00000042." in page
    assert "Con el texto que Meta aprobó" not in page


def test_what_nobody_answered_says_so_among_what_stayed(people: Cast, ana: Client, voucher: Voucher) -> None:
    _send(ana, _preview(ana, {"id": str(voucher.pk)}))
    batch = Batch.objects.get()
    put(Delivery.objects.get(), State.UNCERTAIN)
    batch_work.work(batch.pk)
    page = ana.get(f"/envios/tandas/{batch.pk}/").content.decode()
    assert "<span>Sin confirmar: no hubo respuesta, puede que hayan llegado.</span>" in page
    assert "<h1>Sin confirmar</h1>" in ana.get(f"/envios/tandas/{batch.pk}/filas/?que=uncertain").content.decode()
    put(Delivery.objects.get(), State.CANCELLED)
    assert "<h1>Cancelados</h1>" in ana.get(f"/envios/tandas/{batch.pk}/filas/?que=cancelled").content.decode()
