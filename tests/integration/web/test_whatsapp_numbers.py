"""Estado de WhatsApp, number by number: a test number that refuses, and a queue that can't leave."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from acuse.channels import accounts
from acuse.channels.models import Lane, WhatsAppNumber
from acuse.channels.whatsapp.errors import decide
from acuse.companies.models import AuditEntry
from acuse.deliveries import services
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.policies.freezing import account_key_of
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, State
from acuse.kernel import clock
from acuse.web.templatetags.acuse_web import whole
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher
from tests.data.watched import make_watched

SECOND = "206540352242922"
URL = "/administracion/whatsapp/estado/"


@pytest.fixture
def number(people: Cast) -> WhatsAppNumber:
    make_watched(people.company)
    return WhatsAppNumber.objects.select_related("lane").get()


@pytest.fixture
def stopped(people: Cast, number: WhatsAppNumber) -> WhatsAppNumber:
    """Not the default any more, with two in its queue, and Meta disconnected it."""
    _ask(people, 2)
    lane = Lane.objects.create(company=people.company, channel="whatsapp", name="Otro", is_default=False)
    WhatsAppNumber.objects.create(
        account=number.account, lane=lane, phone_number_id=SECOND, display="+54 9 341 555-0100"
    )
    accounts.make_default(lane, actor="test")
    Suspension.objects.create(
        company=people.company, scope="lane", key=str(number.lane_id), cause_code="whatsapp.133010",
        cause_text="El número no está registrado.", since=clock.now(), probe_at=clock.now(),
    )  # fmt: skip
    return number


def _move(number: WhatsAppNumber) -> str:
    return reverse("web:whatsapp_move_queue", args=[number.pk])


def _lanes() -> set[str]:
    return set(Delivery.objects.values_list("lane__name", flat=True))


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


def test_a_queue_that_cannot_leave_goes_to_the_default_number_once_it_is_confirmed(
    stopped: WhatsAppNumber, ana: Client
) -> None:
    page = ana.get(URL).content.decode()
    assert "2 envíos en cola, y este número no puede enviar." in page
    assert _move(stopped) in page
    asked = ana.get(_move(stopped)).content.decode()
    assert whole("2 envíos que esperan en +54 9 341 555-9000 salen por +54 9 341 555-0100") in asked
    assert _lanes() == {stopped.lane.name}
    told = ana.post(_move(stopped), follow=True)
    assert [str(message) for message in told.context["messages"]] == ["2 envíos pasaron a +54 9 341 555-0100."]
    assert _lanes() == {"Otro"}
    assert _move(stopped) not in told.content.decode()
    entry = AuditEntry.objects.get(event="lane.queue_moved")
    assert (entry.target, entry.detail["to"], entry.detail["deliveries"]) == (stopped.lane.name, "Otro", 2)
    # a second press finds nothing, and says so
    again = ana.post(_move(stopped), follow=True)
    assert "Nada espera" in str(next(iter(again.context["messages"])))
    assert AuditEntry.objects.filter(event="lane.queue_moved").count() == 1


def test_a_number_that_was_switched_off_gives_its_queue_too(stopped: WhatsAppNumber, ana: Client) -> None:
    Suspension.objects.all().delete()
    assert _move(stopped) not in ana.get(URL).content.decode()
    ana.post(_move(stopped))
    assert _lanes() == {stopped.lane.name}
    Lane.objects.filter(pk=stopped.lane_id).update(is_active=False)
    assert _move(stopped) in ana.get(URL).content.decode()
    ana.post(_move(stopped))
    assert _lanes() == {"Otro"}


def test_nothing_moves_to_a_default_number_that_cannot_send_either(stopped: WhatsAppNumber, ana: Client) -> None:
    Suspension.objects.update(scope="account", key=account_key_of(stopped.lane))
    Lane.objects.filter(pk=stopped.lane_id).update(is_active=False)
    assert _move(stopped) not in ana.get(URL).content.decode()
    told = ana.post(_move(stopped), follow=True)
    assert "tampoco puede enviar" in str(next(iter(told.context["messages"])))
    assert _lanes() == {stopped.lane.name}


def test_who_may_only_look_and_who_is_of_another_company_move_nothing(
    stopped: WhatsAppNumber, beto: Client, carla: Client
) -> None:
    page = beto.get(URL).content.decode()
    assert "este número no puede enviar" in page
    assert _move(stopped) not in page
    for client, status in ((beto, 403), (carla, 404)):
        assert (client.get(_move(stopped)).status_code, client.post(_move(stopped)).status_code) == (status, status)
    assert _lanes() == {stopped.lane.name}
