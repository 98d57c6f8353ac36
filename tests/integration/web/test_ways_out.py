"""How far a voucher got, beside its title; and what can be done about a delivery that failed."""

from __future__ import annotations

import pytest
from django.test import Client

from acuse.companies.models import Role, RoleGrant
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory import optout
from acuse.directory.models import Contact
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put


@pytest.fixture
def delivery(people: Cast) -> Delivery:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return ask([make_voucher(people.company, party)])[0]


def _page(delivery: Delivery, end: str = "") -> str:
    return f"/comprobantes/sales_invoice/{delivery.voucher_id}/{end}"


def test_how_far_it_got_is_beside_its_title_and_follows(ana: Client, delivery: Delivery) -> None:
    page = ana.get(_page(delivery)).content.decode()
    head = page[page.index("<h1") : page.index('id="acciones"')]
    assert 'id="estado" href="#deliveries"' in head
    assert "En cola" in head
    put(delivery, State.READ)
    news = ana.get(_page(delivery, "envios/"), {"seen": "x"}).content.decode()
    assert 'id="estado" href="#deliveries" hx-swap-oob="true"' in news
    assert "Leído" in news[news.index('id="estado"') :]


def _failed(delivery: Delivery, **contact: str) -> str:
    put(delivery, State.FAILED)
    Contact.objects.update(**contact)
    return f"/tablas/clientes/{delivery.voucher.party_id}/contactos/{delivery.contact_id}/"


def test_a_number_without_whatsapp_is_mended_from_there(ana: Client, beto: Client, delivery: Delivery) -> None:
    edit = _failed(delivery, mobile_problem="El número no tiene WhatsApp.")
    assert f'href="{edit}"' in ana.get(_page(delivery)).content.decode()
    assert f'href="{edit}"' in ana.get("/envios/?state=failed").content.decode()
    # who may not edit contacts isn't led to a refusal
    RoleGrant.objects.create(role=Role.objects.get(name="Consulta", company=delivery.company), page="sales_invoice",
                             action="send")  # fmt: skip
    assert f'href="{edit}"' not in beto.get(_page(delivery)).content.decode()
    assert f'href="{edit}"' not in beto.get("/envios/?state=failed").content.decode()
    # mended since: what failed is another address
    Contact.objects.update(mobile="+5493415550177")
    assert f'href="{edit}"' not in ana.get(_page(delivery)).content.decode()


def test_what_whatsapp_could_not_deliver_goes_by_mail_with_one_click(
    people: Cast, ana: Client, delivery: Delivery
) -> None:
    _failed(delivery, email="compras@norte.example")
    # a company without a mailbox can't
    assert "Enviar por correo" not in ana.get(_page(delivery)).content.decode()
    make_mailbox(people.company, "smtp://127.0.0.1:9")
    assert "Enviar por correo" in ana.get(_page(delivery)).content.decode()
    ana.post(_page(delivery, "enviar-a/"), {"contacts": str(delivery.contact_id), "channel": "email"})
    asked = Delivery.objects.exclude(pk=delivery.pk).get()
    assert (asked.channel, asked.to) == ("email", "compras@norte.example")


def test_who_asked_for_nothing_more_is_offered_no_other_channel(people: Cast, ana: Client, delivery: Delivery) -> None:
    _failed(delivery, email="compras@norte.example")
    make_mailbox(people.company, "smtp://127.0.0.1:9")
    optout.suppress([Contact.objects.get()], reason="Pidió BAJA.", actor="test")
    assert "Enviar por correo" not in ana.get(_page(delivery)).content.decode()


def test_what_keeps_it_from_going_leads_to_where_it_is_mended(people: Cast, ana: Client, delivery: Delivery) -> None:
    party = make_party(people.company, name="Kiosco Pichincha")
    bare = make_voucher(people.company, party, number=77)
    page = ana.get(f"/comprobantes/sales_invoice/{bare.pk}/").content.decode()
    reason = page[page.index("No tiene contactos.") :].split("</li>")[0]
    assert f'href="/tablas/clientes/{party.pk}/contactos/"' in reason
    pending = make_voucher(people.company, delivery.voucher.party, number=78, cae="")
    page = ana.get(f"/comprobantes/sales_invoice/{pending.pk}/").content.decode()
    assert "<a" not in page[page.index("ARCA todavía no lo autorizó. Vas") :].split("</li>")[0], "it is this very page"


def test_a_number_written_there_and_then_is_understood_while_it_is_typed(ana: Client, delivery: Delivery) -> None:
    look = f'hx-get="/tablas/clientes/{delivery.voucher.party_id}/contactos/celular/"'
    assert look in ana.get(_page(delivery, "enviar-a/")).content.decode()
