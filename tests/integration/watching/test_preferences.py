"""Who stopped marketing messages gets none from us, and everything else; and gets them again when they want."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from acuse.channels.contract import Channel
from acuse.channels.models import WhatsAppApp, WhatsAppTemplate
from acuse.companies.models import AuditEntry, Company
from acuse.deliveries import planning, waits, wishes
from acuse.deliveries.models import Delivery, ProviderCount
from acuse.deliveries.planning import Plan
from acuse.directory import marketing
from acuse.directory.models import MarketingChoice
from acuse.hooks.models import RawHook
from acuse.hooks.processing import apply_batch
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_mailbox, make_party, make_voucher
from tests.data.scenes import ask
from tests.integration.watching.conftest import Tell, body_of, suspended
from tests.integration.web.conftest import signed_in

STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"
DIGITS = MOBILE.removeprefix("+")


def _of_marketing(category: str = "MARKETING") -> None:
    """Somebody accepted what it costs."""
    WhatsAppTemplate.objects.filter(name="comprobantes").update(category=category, category_accepted_at=clock.now())


def _voucher(company: Company, **fields: Any) -> Voucher:
    party = make_party(company)
    make_contact(party, **fields)
    return make_voucher(company, party)


def _plan(voucher: Voucher) -> Plan:
    return planning.plan(voucher, planning.open_office(voucher.company, [voucher]))


def _codes(voucher: Voucher) -> list[str]:
    return [reason.code for reason in _plan(voucher).sendability.reasons]


def test_who_stopped_marketing_gets_none_until_they_want_it(company: Company, tell: Tell) -> None:
    voucher = _voucher(company)
    _of_marketing()
    assert _codes(voucher) == []
    tell("customer_stops_marketing", customer=DIGITS)
    assert _codes(voucher) == ["marketing_refused"]
    assert "no quiere mensajes de marketing" in _plan(voucher).sendability.reasons[0].text
    assert ask([voucher]) == []
    tell("customer_resumes_marketing", customer=DIGITS)
    assert _codes(voucher) == []
    assert len(ask([voucher])) == 1
    assert suspended(company) == []


def test_what_is_no_marketing_goes_as_before(company: Company, tell: Tell) -> None:
    voucher = _voucher(company)
    tell("customer_stops_marketing", customer=DIGITS)
    assert _codes(voucher) == []
    assert len(ask([voucher])) == 1


def test_it_goes_by_mail_where_there_is_one(company: Company, tell: Tell) -> None:
    make_mailbox(company, "smtp://correo.example")
    voucher = _voucher(company, email="compras@norte.example")
    _of_marketing()
    assert [message.address.channel for message in _plan(voucher).messages] == [Channel.WHATSAPP]
    tell("customer_stops_marketing", customer=DIGITS)
    assert [message.address.channel for message in _plan(voucher).messages] == [Channel.EMAIL]


def test_others_of_the_party_get_it(company: Company, tell: Tell) -> None:
    voucher = _voucher(company)
    make_contact(voucher.party, name="Pagos", mobile="+5493415550777")
    _of_marketing()
    tell("customer_stops_marketing", customer=DIGITS)
    assert [message.contact.name for message in _plan(voucher).messages] == ["Pagos"]


def test_whoever_has_that_number_later_is_the_same_person(company: Company, tell: Tell) -> None:
    tell("customer_stops_marketing", customer=DIGITS)
    _of_marketing()
    assert _codes(_voucher(company)) == ["marketing_refused"]


def test_it_is_of_that_company_alone(company: Company, people: Cast, tell: Tell) -> None:
    contact = make_contact(make_party(people.other_company))
    tell("customer_stops_marketing", customer=DIGITS)
    assert marketing.stopped_mobiles(company) == {MOBILE}
    assert marketing.stopped_mobiles(people.other_company) == frozenset()
    assert marketing.stopped_by(contact) is None


def test_a_wish_that_waited_for_it_goes_when_they_want_it_again(company: Company, tell: Tell) -> None:
    voucher = _voucher(company)
    _of_marketing()
    tell("customer_stops_marketing", customer=DIGITS)
    Voucher.objects.filter(pk=voucher.pk).update(wish={"when": "now", "actor": "test", "origin": "manual"})
    waits.look_later(company)
    wishes.look(company.pk)
    assert not Delivery.objects.exists()
    tell("customer_resumes_marketing", customer=DIGITS)
    wishes.look(company.pk)
    assert Delivery.objects.filter(voucher=voucher).exists()


def test_an_older_word_that_comes_later_changes_nothing(company: Company) -> None:
    now = clock.now()
    make_contact(make_party(company))

    def chose(stopped: bool, minutes: int) -> bool:
        at = now + timedelta(minutes=minutes)
        return marketing.choose(company, digits=DIGITS, stopped=stopped, at=at, actor="test")

    assert [chose(True, 0), chose(True, 0), chose(False, 10), chose(True, 5)] == [True, False, True, False]
    assert not MarketingChoice.objects.get().stopped
    events = AuditEntry.objects.filter(event__startswith="contact.marketing").order_by("id")
    assert [entry.event for entry in events] == ["contact.marketing_stopped", "contact.marketing_resumed"]


@pytest.mark.parametrize("people_told", [[], [{"wa_id": "x", "value": "stop"}], [{"wa_id": DIGITS, "value": "?"}], [7]])
def test_odd_words_are_counted_and_stop_nobody(company: Company, people_told: list[Any]) -> None:
    body = body_of({"field": "user_preferences", "value": {"user_preferences": people_told}})
    RawHook.objects.create(app=WhatsAppApp.objects.get(), body=body, received_at=clock.now())
    apply_batch()
    assert not MarketingChoice.objects.exists()
    assert ProviderCount.objects.filter(key="user_preferences").exists()


def test_the_contact_shows_it(company: Company, people: Cast, tell: Tell, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STATIC}}
    voucher = _voucher(company)
    ana = signed_in(people.ana)
    contacts = f"/tablas/clientes/{voucher.party_id}/contactos/"
    page = f"/comprobantes/sales_invoice/{voucher.pk}/"
    assert "mensajes de marketing" not in ana.get(contacts).content.decode()
    tell("customer_stops_marketing", customer=DIGITS)
    for url in (contacts, page):
        text = ana.get(url).content.decode()
        assert "No quiere mensajes de marketing" in text
        assert "le llegan" in text
    MarketingChoice.objects.update(origin="refused")
    for url in (contacts, page):
        assert "WhatsApp rechazó un envío" in ana.get(url).content.decode()
