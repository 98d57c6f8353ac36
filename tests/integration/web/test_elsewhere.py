"""*Enviar a otro contacto*."""

from __future__ import annotations

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry, Role, RoleGrant
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory.models import Contact
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask


@pytest.fixture
def delivery(people: Cast) -> Delivery:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return ask([make_voucher(people.company, party)])[0]


def _url(delivery: Delivery) -> str:
    return f"/comprobantes/sales_invoice/{delivery.voucher_id}/enviar-a/"


def test_it_goes_to_another_contact_of_the_party(ana: Client, delivery: Delivery) -> None:
    other = make_contact(delivery.voucher.party, mobile="+5493415550111", name="Depósito", kinds=[])
    assert "Depósito · +54 9 341 555-0111" in ana.get(_url(delivery)).content.decode()
    response = ana.post(_url(delivery), {"contacts": [str(other.pk)]}, follow=True)
    assert "1 envío en cola." in response.content.decode()
    assert set(Delivery.objects.values_list("to", flat=True)) == {MOBILE, "+5493415550111"}


def test_it_goes_to_somebody_new_who_becomes_a_contact(ana: Client, delivery: Delivery) -> None:
    ana.post(_url(delivery), {"name": "Norma", "mobile": "341 555-0122"})
    contact = Contact.objects.get(name="Norma")
    assert (contact.mobile, contact.kinds) == ("+5493415550122", [])
    assert Delivery.objects.filter(contact=contact, state=State.QUEUED).count() == 1


def test_pressed_twice_it_goes_once(ana: Client, delivery: Delivery) -> None:
    typed = {"name": "Norma", "mobile": "341 555-0122"}
    ana.post(_url(delivery), typed)
    again = ana.post(_url(delivery), typed, follow=True).content.decode()
    assert "Ya se le había enviado: no se repite." in again
    assert Delivery.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({}, "Elegí un contacto, o escribí un celular o un correo."),
        ({"mobile": "12"}, "No se envió."),
        ({"email": "no es"}, "No se envió."),
    ],
)
def test_what_cannot_be_written_to_is_said(ana: Client, delivery: Delivery, typed: dict[str, str], words: str) -> None:
    response = ana.post(_url(delivery), typed)
    assert words in response.content.decode()
    assert (Delivery.objects.count(), Contact.objects.count()) == (1, 1)


def test_what_cannot_be_sent_keeps_no_contact(ana: Client, delivery: Delivery) -> None:
    Voucher.objects.update(voided_at=clock.now())
    response = ana.post(_url(delivery), {"mobile": "341 555-0122"})
    assert "lo anulado no se envía" in response.content.decode()
    assert Contact.objects.count() == 1


def test_who_may_not_add_contacts_chooses_among_those_there_are(people: Cast, beto: Client, delivery: Delivery) -> None:
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.create(role=role, page="sales_invoice", action="send")
    assert 'name="mobile"' not in beto.get(_url(delivery)).content.decode()
    beto.post(_url(delivery), {"mobile": "341 555-0122"})
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("action", ["create", "view"])
def test_a_known_contact_is_completed_by_who_may_edit_it_alone(
    people: Cast, ana: Client, beto: Client, delivery: Delivery, action: str
) -> None:
    role = Role.objects.get(company=people.company, name="Consulta")
    for page, may in (("sales_invoice", "send"), ("customers", action)):
        RoleGrant.objects.get_or_create(role=role, page=page, action=may)
    typed = {"mobile": MOBILE, "email": "otra@norte.example"}
    beto.post(_url(delivery), typed)
    contact = Contact.objects.get()
    assert contact.email == ""
    ana.post(_url(delivery), typed)
    contact.refresh_from_db()
    assert contact.email == "otra@norte.example"
    told = AuditEntry.objects.get(event="contact.changed", target=str(contact.pk))
    assert told.detail["changed"] == ["email"]


def test_another_partys_contact_is_no_choice(people: Cast, ana: Client, delivery: Delivery) -> None:
    theirs = make_contact(make_party(people.company, name="Otra"), mobile="+5493415550133")
    ana.post(_url(delivery), {"contacts": [str(theirs.pk)]})
    assert Delivery.objects.count() == 1
