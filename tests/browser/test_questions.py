"""Pages that open only at their moment: each is put there, and looked at."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from acuse.channels import accounts
from acuse.channels.models import Lane, WhatsAppNumber, WhatsAppTemplate
from acuse.companies.models import Membership, User
from acuse.deliveries.models import Suspension
from acuse.kernel import clock
from tests.browser.conftest import sign_in
from tests.browser.looks import look
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher
from tests.data.scenes import ask
from tests.data.watched import make_watched

pytestmark = pytest.mark.browser


def _asks(page: Page, url: str, question: str) -> None:
    page.goto(url)
    expect(page.get_by_role("heading", level=1)).to_contain_text(question)
    look(page, f"pregunta-{url.strip('/').rsplit('/', 1)[-1]}")


def test_before_a_party_that_nobody_needs_is_deleted(cast: Cast, page: Page) -> None:
    party = make_party(cast.company, name="Kiosco que nunca compró")
    sign_in(page)
    _asks(page, reverse("web:party_delete", args=["clientes", party.pk]), "¿Borrar Kiosco que nunca compró?")


def test_before_a_company_without_administrator_gets_one(cast: Cast, page: Page) -> None:
    User.objects.filter(pk=cast.ana.pk).update(is_installation_admin=True)
    sign_in(page)
    Membership.objects.filter(company=cast.other_company).update(is_active=False)
    _asks(page, reverse("web:installation_company_invite", args=[cast.other_company.pk]), "Invitar")


def test_before_what_waits_goes_by_another_number(cast: Cast, page: Page) -> None:
    account = make_watched(cast.company)
    number = WhatsAppNumber.objects.get()
    party = make_party(cast.company)
    make_contact(party)
    ask([make_voucher(cast.company, party, number=n) for n in (1, 2)])
    other = Lane.objects.create(company=cast.company, channel="whatsapp", name="Otro", is_default=False)
    WhatsAppNumber.objects.create(account=account, lane=other, phone_number_id="2065", display="+54 9 341 555-0100")
    accounts.make_default(other, actor="test")
    Suspension.objects.create(
        company=cast.company, scope="lane", key=str(number.lane_id), cause_code="whatsapp.133010",
        cause_text="El número no está registrado.", since=clock.now(), probe_at=clock.now(),
    )  # fmt: skip
    sign_in(page)
    _asks(page, reverse("web:whatsapp_move_queue", args=[number.pk]), "¿")


def test_before_a_template_that_costs_more_is_accepted(cast: Cast, page: Page) -> None:
    make_watched(cast.company)
    WhatsAppTemplate.objects.filter(name="comprobantes").update(category="MARKETING", status="APPROVED")
    template = WhatsAppTemplate.objects.get(name="comprobantes")
    sign_in(page)
    _asks(page, reverse("web:whatsapp_template_accept", args=[template.pk]), "¿")
