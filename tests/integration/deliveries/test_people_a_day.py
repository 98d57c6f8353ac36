"""The account's limit of people a day, through the real runner: the rest is planned for later, and nobody is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from acuse.channels.contract import Cause, Consequence, Grade, Scope
from acuse.channels.models import WhatsAppAccount
from acuse.companies.models import User
from acuse.deliveries import consequences
from acuse.deliveries.lane.sending import LaneRunner
from acuse.deliveries.models import Delivery
from acuse.deliveries.policy import PEOPLE_LIMIT
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.workers import lanes
from acuse.workers.connection import conninfo
from tests.data.cast import make_contact, make_party
from tests.integration.deliveries.conftest import Office
from tests.integration.web.conftest import signed_in

STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"


def _run(office: Office) -> None:
    """With the lane as the worker loads it, and the fake for its sender."""
    loaded = lanes.load(office.lane.pk)
    assert loaded is not None
    runner = LaneRunner(type(loaded)(loaded.info, office.runner()._lane.open_sender, loaded.path_of), conninfo())
    asyncio.run(runner.run())


def _ask_three(office: Office) -> list[Delivery]:
    asked = office.ask(office.voucher(1))
    for number in (2, 3):
        party = make_party(office.company, name=f"Cliente {number}")
        make_contact(party, mobile=f"+549341555018{number}")
        asked += office.ask(office.voucher(number, party=party))
    return asked


def test_above_the_limit_the_rest_leaves_when_a_place_gets_free(office: Office) -> None:
    WhatsAppAccount.objects.update(limit="TIER_2")
    _ask_three(office)
    _run(office)
    assert Delivery.objects.filter(state=State.SENT).count() == 2
    waiting = Delivery.objects.get(state=State.QUEUED)
    assert timedelta(hours=23) < waiting.due_at - clock.now() <= timedelta(hours=24)
    assert (waiting.cause_code, "Meta deja por día" in waiting.cause_text) == (PEOPLE_LIMIT, True)
    # who was written to today is no new person
    Delivery.objects.filter(state=State.SENT).update(state=State.DELIVERED)
    [again] = office.ask(office.voucher(1), again=True)
    _run(office)
    again.refresh_from_db()
    assert again.state == State.SENT
    # a day later
    Delivery.objects.exclude(pk=waiting.pk).update(sent_at=clock.now() - timedelta(hours=25))
    Delivery.objects.filter(pk=waiting.pk).update(due_at=clock.now())
    _run(office)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.cause_code, waiting.cause_text) == (State.SENT, "", "")


def test_a_higher_limit_lets_go_what_waits(office: Office) -> None:
    WhatsAppAccount.objects.update(limit="TIER_2")
    _ask_three(office)
    _run(office)
    account = WhatsAppAccount.objects.get()
    account.limit = "TIER_250"
    account.save()
    cause = Cause("account.limit", "Podés escribirle primero a 250 personas por día.")
    news = Consequence(
        company_id=office.company.pk, scope=Scope.ACCOUNT, account_id=account.pk, topic="limit", grade=Grade.OK,
        cause=cause,
    )  # fmt: skip
    consequences.carry_out([news], now=clock.now())
    _run(office)
    assert Delivery.objects.filter(state=State.SENT).count() == 3


def test_what_waits_is_shown_with_its_moment_and_its_reason(office: Office, settings: Any) -> None:
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": STATIC}}
    WhatsAppAccount.objects.update(limit="TIER_2", synced_at=clock.now())
    _ask_three(office)
    _run(office)
    waiting = Delivery.objects.get(state=State.QUEUED)
    ana = signed_in(User.objects.get(email="ana@oeste.example"))
    kind, voucher = waiting.voucher.kind, waiting.voucher_id
    for url in ("/envios/", f"/comprobantes/{kind}/"):
        assert "por el límite de Meta" in ana.get(url).content.decode()
    page = ana.get(f"/comprobantes/{kind}/{voucher}/").content.decode()
    assert "sale " in page
    assert 'Meta deja por día. <span class="next-step">Sale solo cuando se libera lugar.' in page
    status = ana.get("/administracion/whatsapp/estado/").content.decode()
    assert "2 personas de 2 en las últimas 24 horas. Espera 1 envío." in status


def test_without_a_limit_that_is_known_nobody_waits(office: Office) -> None:
    _ask_three(office)
    _run(office)
    assert Delivery.objects.filter(state=State.SENT).count() == 3
