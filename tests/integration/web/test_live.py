"""Pages with a part that keeps itself current: the same address asked again answers the part alone, or nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from acuse.companies import audit
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.models import Batch, Delivery, InboundMessage
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import put

PAGES = ["/", "/?periodo=today", "/envios/tandas/", "/envios/mensajes/", "/envios/mensajes/?ver=todos&q=gracias"]


@pytest.fixture
def delivery(people: Cast) -> Delivery:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    for number in (1, 2):
        make_voucher(people.company, party, number=number)
    batch = batches.open_batch(
        company=people.company, kind=VoucherKind.SALES_INVOICE, vouchers=Voucher.objects.all(), actor="test"
    )
    batch_work.work(batch.pk)
    batches.confirm(batch=batch, again=False, actor="test")
    batch_work.work(batch.pk)
    return Delivery.objects.latest("created_at")


def _said(delivery: Delivery, text: str) -> InboundMessage:
    return InboundMessage.objects.create(
        company=delivery.company, lane=delivery.lane, provider_id=text, sender="5493415550199", type="text", text=text,
        contact=delivery.contact, delivery=delivery, at=clock.now() - timedelta(minutes=2), raw={},
    )  # fmt: skip


def asked(page: str) -> tuple[str, dict[str, str]]:
    """How the page asks again: where, and with what."""
    found = re.search(r'<div id="live" hx-get="([^"]*)" hx-headers=\'{"(X-Acuse-Seen)": "(\w+)"}\'', page)
    assert found, page
    return found[1].replace("&amp;", "&"), {found[2]: found[3], "HX-Request": "true"}


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_answered_while_nothing_is_new(ana: Client, delivery: Delivery, path: str) -> None:
    _said(delivery, "Gracias, llegó")
    address, headers = asked(ana.get(path).content.decode())
    assert address == path
    answer = ana.get(address, headers=headers)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("path", PAGES)
def test_what_is_new_comes_alone(ana: Client, delivery: Delivery, path: str) -> None:
    first = ana.get(path).content.decode()
    address, headers = asked(first)
    _said(delivery, "Gracias, llegó")
    put(delivery, State.SENT, sent_at=clock.now())
    answer = ana.get(address, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count('<div id="live"') == 1
    assert "<html" not in page
    assert asked(page)[0] == path
    # and from then on, that is what is seen
    assert ana.get(address, headers=asked(page)[1]).status_code == 204


def test_the_list_of_batches_counts_while_one_goes_on(ana: Client, delivery: Delivery) -> None:
    put(delivery, State.SENT, sent_at=clock.now())
    page = ana.get("/envios/tandas/").content.decode()
    assert '<td class="num text-end" data-label="Enviados">1</td>' in page
    assert 'hx-trigger="every 5s"' in page
    Batch.objects.update(ended_at=clock.now(), state=Batch.State.DONE, sent_count=2)
    assert 'hx-trigger="every 30s"' in ana.get("/envios/tandas/").content.decode()


def test_a_partys_page_shows_what_becomes_of_its_deliveries(ana: Client, delivery: Delivery) -> None:
    path = f"/tablas/clientes/{delivery.voucher.party_id}/"
    first = ana.get(path).content.decode()
    address, headers = asked(first)
    assert (address, 'hx-trigger="every 2s"' in first) == (path, True)
    assert ana.get(address, headers=headers).status_code == 204
    Delivery.objects.update(updated_at=clock.now() - timedelta(days=2), state=State.READ)
    answer = ana.get(address, headers=headers).content.decode()
    assert "Leído" in answer
    assert "<h1" not in answer
    assert 'hx-trigger="every 30s"' in answer


def test_how_long_ago_is_no_news_beside_an_exact_hour_either(
    people: Cast, ana: Client, delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    party, now = delivery.voucher.party_id, clock.now()
    audit.record(company=people.company, actor="user:ana@oeste.example", event="party.changed", target=party)
    first = ana.get(f"/tablas/clientes/{party}/").content.decode()
    assert 'class="moment exact"' in first
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=3))
    address, headers = asked(first)
    assert ana.get(address, headers=headers).status_code == 204


def test_an_older_page_of_messages_stays_as_it_is(ana: Client, delivery: Delivery) -> None:
    messages = [_said(delivery, f"mensaje {number}") for number in range(2)]
    page = ana.get("/envios/mensajes/", {"antes": str(messages[-1].pk)}).content.decode()
    assert '<div id="live">' in page


@pytest.mark.parametrize("path", PAGES)
def test_another_company_is_answered_its_own(ana: Client, carla: Client, delivery: Delivery, path: str) -> None:
    _said(delivery, "Gracias, llegó")
    address, headers = asked(ana.get(path).content.decode())
    answer = carla.get(address, headers=headers).content.decode()
    assert "Gracias, llegó" not in answer
    assert "Facturas de venta</a><span" not in answer
