"""A voucher whose sending can't be worked out: its pages say so, and the rest of them is there."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from structlog.testing import capture_logs

from acuse.companies.models import RoleGrant
from acuse.deliveries import faults
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory.models import Contact
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put
from tests.data.unforeseen import PLANNED, WRITTEN, break_it
from tests.integration.deliveries.batch_steps import ready_batch

WORDS = "Acuse no puede preparar el envío por un error propio, que quedó en su registro."
Logged = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def _nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "_told", {})


@pytest.fixture
def logged() -> Iterator[Logged]:
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def delivery(people: Cast) -> Delivery:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    return put(ask([make_voucher(people.company, party)])[0], State.FAILED)


@pytest.fixture(params=[PLANNED, WRITTEN], ids=["planned", "written"])
def faulty(delivery: Delivery, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Voucher:
    break_it(monkeypatch, request.param, {delivery.voucher_id})
    return delivery.voucher


def _page(voucher: Voucher, end: str = "") -> str:
    return f"/comprobantes/sales_invoice/{voucher.pk}/{end}"


def _told(logged: Logged) -> Logged:
    return [entry for entry in logged if entry["event"] == "voucher_faulty"]


def test_its_page_shows_everything_else_and_says_what_to_do(ana: Client, faulty: Voucher, logged: Logged) -> None:
    page = ana.get(_page(faulty))
    assert page.status_code == 200
    shown = page.content.decode()
    for words in (WORDS, "Avisale a quien administra la instalación.", "70417054367476", "Compras", "Reenviar"):
        assert words in shown, words
    assert "Enviar comprobante" not in shown
    (entry,) = _told(logged)
    assert entry["voucher"] == str(faulty.pk)
    assert entry["exc_info"]


def test_what_is_asked_of_it_is_refused_in_words(ana: Client, faulty: Voucher) -> None:
    delivery, contact = Delivery.objects.get(), Contact.objects.get()
    asked = ana.post(_page(faulty, "enviar-a/"), {"contacts": [str(contact.pk)]})
    assert asked.status_code == 422
    assert WORDS in asked.content.decode()
    new = ana.post(_page(faulty, "enviar-a/"), {"name": "Norma", "mobile": "341 555-0122"})
    assert new.status_code == 422
    assert Contact.objects.count() == 1, "who nothing went to isn't kept"
    assert WORDS in ana.post(f"/envios/{delivery.pk}/reenviar/", follow=True).content.decode()
    chosen = {"id": str(faulty.pk), "company": str(faulty.company_id)}
    assert WORDS in ana.post("/comprobantes/sales_invoice/enviar/", chosen, follow=True).content.decode()
    assert Delivery.objects.count() == 1


def test_of_many_that_are_sent_again_the_others_go(people: Cast, ana: Client, faulty: Voucher) -> None:
    other = put(ask([make_voucher(people.company, faulty.party, number=43)])[0], State.FAILED)
    chosen = {"id": [str(row.pk) for row in Delivery.objects.all()], "company": str(people.company.pk)}
    shown = ana.post("/envios/varios/reenviar/", chosen).content.decode()
    assert "1 envío en cola." in shown
    assert WORDS in shown
    assert Delivery.objects.get(state=State.QUEUED).resend_of == other


def test_one_that_nobody_knows_of_stays_so_when_it_cant_be_asked_again(
    ana: Client, delivery: Delivery, faulty: Voucher
) -> None:
    put(delivery, State.UNCERTAIN)
    assert WORDS in ana.post(f"/envios/{delivery.pk}/volver-a-enviar/", follow=True).content.decode()
    assert Delivery.objects.get().state == State.UNCERTAIN, "both or neither"


def test_the_log_is_told_once_in_an_hour_however_often_one_looks(
    people: Cast, ana: Client, faulty: Voucher, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = f"/envios/tandas/{ready_batch(people).pk}/"
    for address in (_page(faulty), draft, draft, f"{draft}filas/?que=no-van", _page(faulty)):
        assert WORDS in ana.get(address).content.decode(), address
    assert len(_told(logged)) == 1
    monkeypatch.setattr(faults, "TELL_EVERY", timedelta(0))
    ana.get(_page(faulty))
    assert len(_told(logged)) == 2


def test_another_fault_of_it_is_told_too(
    ana: Client, faulty: Voucher, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.get(_page(faulty))
    break_it(monkeypatch, PLANNED, {faulty.pk}, KeyError("another"))
    ana.get(_page(faulty))
    assert len(_told(logged)) == 2


def test_what_passes_is_no_fault_of_it(ana: Client, delivery: Delivery, monkeypatch: pytest.MonkeyPatch) -> None:
    break_it(monkeypatch, PLANNED, error=OperationalError("the server closed the connection"))
    with pytest.raises(OperationalError):
        ana.get(_page(delivery.voucher))


def test_another_company_and_a_role_that_may_not_see_it_are_refused_as_always(
    beto: Client, carla: Client, faulty: Voucher
) -> None:
    RoleGrant.objects.filter(page="sales_invoice").delete()
    assert carla.get(_page(faulty)).status_code == 404
    assert beto.get(_page(faulty)).status_code == 403
