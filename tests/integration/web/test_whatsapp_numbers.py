"""Estado de WhatsApp, number by number: a test number that refuses, and a queue that can't leave."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from acuse.channels.models import WhatsAppNumber
from acuse.channels.whatsapp.errors import decide
from acuse.deliveries import services
from acuse.deliveries.models import Delivery
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, State
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher
from tests.data.watched import make_watched

URL = "/administracion/whatsapp/estado/"


@pytest.fixture
def number(people: Cast) -> WhatsAppNumber:
    make_watched(people.company)
    return WhatsAppNumber.objects.select_related("lane").get()


def _ask(people: Cast, count: int = 1) -> list[Delivery]:
    """One to each of so many customers."""
    asked: list[Delivery] = []
    for index in range(count):
        party = make_party(people.company, name=f"Cliente {index}")
        make_contact(party, mobile=f"+549341555{7000 + index}")
        voucher = make_voucher(people.company, party, number=100 + index)
        asked += services.request_for([voucher], Asker("test", Origin.MANUAL))[1].deliveries[0]
    return asked


def test_a_refusal_by_a_test_number_offers_the_other_ways_of_writing(
    people: Cast, number: WhatsAppNumber, ana: Client
) -> None:
    offer = reverse("web:whatsapp_sandbox", args=[number.pk])
    assert offer not in ana.get(URL).content.decode()
    (delivery,) = _ask(people)
    cause = decide({"code": 131030}, now=clock.now()).cause
    Delivery.objects.update(
        state=State.FAILED, cause_code=cause.code, cause_text=cause.text, cause_next_step=cause.next_step
    )
    page = ana.get(URL)
    assert offer in page.content.decode()
    told: dict[str, Any] = {trouble.about: trouble for trouble in page.context["troubles"]}
    assert "probá otra forma de escribir los celulares" in told["Número de prueba"].mend
    shown = ana.get(reverse("web:voucher", args=["sales_invoice", delivery.voucher_id])).content.decode()
    assert "probá las otras formas de escribirlo en Estado de WhatsApp" in shown
