"""The account read again, daily and by hand: what Meta doesn't tell by webhook, and a reading that fails."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.utils import timezone

from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.models import AccountNotice, CheckDay, Lane, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.channels.refusals import CREDENTIAL, AccountRefused
from acuse.channels.whatsapp import management
from acuse.channels.whatsapp.onboarding import webhook
from acuse.companies.models import AuditEntry, Company
from acuse.deliveries import senders, stopped_sending, syncing
from acuse.deliveries.models import Suspension
from acuse.kernel import clock
from acuse.workers import daily
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.simulator.callback import Callback
from tests.integration.watching.conftest import APP, NUMBER, WABA, open_texts, suspended

TOKEN = "simulator-token"


def _read(company: Company) -> None:
    syncing.sync(company, now=clock.now())


def _fails(company: Company) -> AccountRefused:
    with pytest.raises(AccountRefused) as refused:
        _read(company)
    return refused.value


def _ends_in(process: SimulatorProcess, **span: int) -> None:
    at = clock.now() + timedelta(**span)
    process.control("tokens", token=TOKEN, expires_at=int(at.timestamp()))


@pytest.mark.parametrize(
    ("days", "words"),
    [(13, ""), (6, "en menos de 7 días"), (2, "en menos de 3 días"), (0, "en menos de un día")],
)
def test_a_token_that_will_end_is_told_and_nothing_stops(
    company: Company, process: SimulatorProcess, days: int, words: str
) -> None:
    _ends_in(process, days=days, hours=12)
    _read(company)
    assert words in open_texts(company)["token"]
    assert AccountNotice.objects.get().grade == "warning"
    assert suspended(company) == []


def test_one_that_ends_later_is_not_told(company: Company, process: SimulatorProcess) -> None:
    _ends_in(process, days=15)
    _read(company)
    assert open_texts(company) == {}


def test_as_the_end_comes_nearer_the_one_notice_is_mailed_again(company: Company, process: SimulatorProcess) -> None:
    told = set()
    for days in (13, 10, 6, 2, 0):
        _ends_in(process, days=days, hours=12)
        _read(company)
        notice = AccountNotice.objects.get()
        if notice.mailed_at is None:
            told.add(days)
        AccountNotice.objects.update(mailed_at=clock.now())
        # the day itself is said, and this test moves it
        at = WhatsAppAccount.objects.get().token_expires_at
        assert at is not None
        assert f"{timezone.localtime(at):%d/%m/%Y}" in notice.text
    assert told >= {13, 6, 2, 0}


def test_the_day_on_which_it_ends_is_the_one_here(company: Company, process: SimulatorProcess) -> None:
    """Until nine in the evening it is the same day in Greenwich; then it isn't."""
    evening = (clock.now() + timedelta(days=6)).astimezone(UTC).replace(hour=1, minute=30)
    process.control("tokens", token=TOKEN, expires_at=int(evening.timestamp()))
    _read(company)
    assert f"vence el {evening - timedelta(days=1):%d/%m/%Y}" in open_texts(company)["token"]


def test_the_same_end_is_mailed_once_at_each_nearness(company: Company, process: SimulatorProcess) -> None:
    _ends_in(process, days=6)
    _read(company)
    AccountNotice.objects.update(mailed_at=clock.now())
    _read(company)
    assert AccountNotice.objects.get().mailed_at is not None


def test_an_expired_token_stops_the_account_and_a_new_one_goes_on(company: Company, process: SimulatorProcess) -> None:
    _ends_in(process, days=3)
    _read(company)
    process.control("event", event="token_expires")
    assert _fails(company).field == CREDENTIAL
    assert suspended(company) == ["account"]
    assert set(open_texts(company)) == {"token"}
    assert AccountNotice.objects.get().grade == "error"
    _fails(company)
    assert (AccountNotice.objects.count(), Suspension.objects.count()) == (1, 1)

    process.control("tokens", token="otro-token")
    senders.change_whatsapp(company, WhatsAppParameters(access_token="otro-token"), actor="user:ana@oeste.example")
    assert suspended(company) == []
    # the worker reads with it at once, and says that it is over
    assert daily.sync_due() == 1
    assert open_texts(company) == {}
    assert AccountNotice.objects.get().cleared_text == "El token de WhatsApp vale."
    assert WhatsAppAccount.objects.get().token_refused_at is None


def test_a_token_that_is_valid_again_goes_on_by_itself(company: Company, process: SimulatorProcess) -> None:
    process.control("tokens", token=TOKEN, valid=False)
    _fails(company)
    assert (suspended(company), WhatsAppAccount.objects.get().token_refused_at is not None) == (["account"], True)
    process.control("tokens", token=TOKEN, valid=True)
    _read(company)
    assert (suspended(company), open_texts(company)) == ([], {})


def test_a_disconnected_number_stops_until_it_is_connected(company: Company, process: SimulatorProcess) -> None:
    process.control("event", event="number_disconnected")
    _read(company)
    assert (suspended(company), set(open_texts(company))) == (["lane"], {"connection"})
    process.control("numbers", id=NUMBER, status="CONNECTED")
    _read(company)
    assert (suspended(company), open_texts(company)) == ([], {})


def test_a_number_beyond_the_end_of_what_is_read_is_not_gone(
    company: Company, process: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing that is longer than anybody's tells nothing of the rest."""
    other = process.control("numbers", display="+54 9 341 555-0100", status="CONNECTED")["id"]
    lane = Lane.objects.create(company=company, channel="whatsapp", name="WhatsApp 2", is_default=False)
    WhatsAppNumber.objects.create(account=WhatsAppAccount.objects.get(), lane=lane, phone_number_id=other)
    monkeypatch.setattr(management, "PAGE", 1)
    _read(company)
    monkeypatch.setattr(management, "MAX_NUMBER_PAGES", 1)
    error = _fails(company)
    assert (error.passing, str(error)) == (True, "La lista que manda WhatsApp no termina.")
    assert suspended(company) == []
    assert {number.status for number in WhatsAppNumber.objects.all()} == {"CONNECTED"}
    monkeypatch.setattr(management, "MAX_NUMBER_PAGES", 2)
    _read(company)
    assert open_texts(company) == {}


def test_a_lane_that_something_else_stopped_is_not_started_by_a_reading(
    company: Company, process: SimulatorProcess
) -> None:
    lane, now = Lane.objects.get(), clock.now()
    Suspension.objects.create(
        company=company, scope="lane", key=str(lane.pk), cause_code="whatsapp.131048", cause_text="Quejas.",
        since=now, probe_at=now + timedelta(hours=4),
    )  # fmt: skip
    _read(company)
    assert suspended(company) == ["lane"]


@pytest.mark.parametrize("status", ["RESTRICTED", "RATE_LIMITED"])
def test_a_restricted_number_goes_slower_until_meta_lifts_it(
    company: Company, process: SimulatorProcess, status: str
) -> None:
    process.control("numbers", id=NUMBER, status=status)
    _read(company)
    _read(company)
    assert (Lane.objects.get().throughput, suspended(company)) == (20, [])
    assert "más despacio" in open_texts(company)["connection"]
    process.control("numbers", id=NUMBER, status="CONNECTED")
    _read(company)
    assert (Lane.objects.get().throughput, open_texts(company)) == (80, {})


def test_a_state_that_acuse_does_not_know_only_warns(company: Company, process: SimulatorProcess) -> None:
    process.control("numbers", id=NUMBER, status="LINKED")
    _read(company)
    assert suspended(company) == []
    assert "LINKED" in open_texts(company)["connection"]


def test_a_number_that_left_the_account_stops(company: Company, process: SimulatorProcess) -> None:
    WhatsAppNumber.objects.update(phone_number_id="555")
    _read(company)
    assert (suspended(company), set(open_texts(company))) == (["lane"], {"connection"})
    WhatsAppNumber.objects.update(phone_number_id=NUMBER)
    _read(company)
    assert (suspended(company), open_texts(company)) == ([], {})


def _connect(company: Company, callback: Callback, settings: Any) -> None:
    """Meta proves the address: the callback answers for ours."""
    settings.BASE_URL = callback.url.removesuffix("/hooks")
    app = WhatsAppApp.objects.get(company=company)
    app.verify_token = callback.verify_token
    app.save()
    webhook.connect(company, actor="test")


def test_a_webhook_that_is_lost_is_told_and_one_that_comes_back_too(
    company: Company, process: SimulatorProcess, callback: Callback, settings: Any
) -> None:
    _connect(company, callback, settings)
    _read(company)
    account = WhatsAppAccount.objects.get()
    assert (account.webhook["good"], open_texts(company)) == (True, {})
    elsewhere = f"{callback.url}/otra"
    process.control("configure-webhook", url=elsewhere)
    _read(company)
    assert "dejó de avisar" in open_texts(company)["webhook"]
    assert WhatsAppAccount.objects.get().webhook["elsewhere"] == elsewhere
    _connect(company, callback, settings)
    _read(company)
    assert open_texts(company) == {}
    assert "de nuevo" in AccountNotice.objects.get().cleared_text


def test_one_that_never_arrived_is_the_assistants_business(company: Company, process: SimulatorProcess) -> None:
    _read(company)
    assert "webhook" not in open_texts(company)


def test_every_company_is_read_and_one_that_fails_keeps_nobody(
    company: Company, people: Cast, process: SimulatorProcess
) -> None:
    WhatsAppAccount.objects.update(synced_at=None, tried_at=None)
    app = WhatsAppApp.objects.create(company=people.other_company, app_id=APP, app_secret="simulator-app-secret")
    other = WhatsAppAccount.objects.create(
        company=people.other_company, app=app, waba_id=WABA, access_token="no-es-de-nadie"
    )
    assert daily.sync_due() == 1
    other.refresh_from_db()
    assert (other.synced_at, other.tried_at is not None) == (None, True)
    assert "token" in other.sync_problem.lower()
    assert WhatsAppAccount.objects.get(company=company).sync_problem == ""
    # the day's checks of both, and nothing is due twice
    assert set(CheckDay.objects.values_list("company", flat=True)) == {company.pk, people.other_company.pk}
    assert (daily.record_due(), daily.sync_due()) == (0, 0)


@pytest.mark.parametrize("fault", ["html_500", "cut", "rate_limited"])
def test_what_passes_is_kept_and_told_only_once_it_lasts(
    company: Company, process: SimulatorProcess, fault: str
) -> None:
    process.control("fault", kind=fault, where="message_templates", times=2)
    assert _fails(company).passing
    account = WhatsAppAccount.objects.get()
    assert account.sync_problem
    assert open_texts(company) == {}
    WhatsAppAccount.objects.update(synced_at=clock.now() - timedelta(days=2))
    _fails(company)
    assert "no puede leer" in open_texts(company)["reading"]
    assert AccountNotice.objects.get().grade == "warning"
    _read(company)
    assert (open_texts(company), WhatsAppAccount.objects.get().sync_problem) == ({}, "")
    assert AccountNotice.objects.get().cleared_text == "La cuenta de WhatsApp se lee de nuevo."


def test_by_hand_it_is_audited_and_the_days_own_is_not(company: Company) -> None:
    _read(company)
    assert not AuditEntry.objects.filter(event="whatsapp.synced").exists()
    syncing.sync(company, now=clock.now(), actor="user:ana@oeste.example")
    assert AuditEntry.objects.get(event="whatsapp.synced").actor == "user:ana@oeste.example"


def _stand_still(company: Company, scope: str, key: str, *, minutes: int) -> Suspension:
    now = clock.now()
    return Suspension.objects.create(
        company=company, scope=scope, key=key, cause_code="whatsapp.131042", cause_text="Meta no pudo cobrar.",
        cause_next_step="Cargá un medio de pago.", since=now - timedelta(minutes=minutes), probe_at=now,
    )  # fmt: skip


def test_what_a_send_found_out_is_told_once_it_lasts_and_ends_by_itself(company: Company) -> None:
    lane = Lane.objects.get()
    one = _stand_still(company, "lane", str(lane.pk), minutes=9)
    stopped_sending.tell(now=clock.now())
    assert open_texts(company) == {}
    stopped_sending.tell(now=clock.now() + timedelta(minutes=2))
    stopped_sending.tell(now=clock.now() + timedelta(minutes=3))
    [notice] = AccountNotice.objects.all()
    assert (notice.grade, notice.next_step) == ("error", "Cargá un medio de pago.")
    assert "Meta no pudo cobrar." in notice.text
    Suspension.objects.filter(pk=one.pk).update(ended_at=clock.now())
    stopped_sending.tell(now=clock.now())
    assert open_texts(company) == {}


def test_what_was_already_told_as_gravely_is_not_told_again(company: Company, process: SimulatorProcess) -> None:
    process.control("event", event="token_expires")
    _fails(company)
    stopped_sending.tell(now=clock.now() + timedelta(hours=1))
    assert set(open_texts(company)) == {"token"}


def test_a_mailbox_that_stands_still_is_not_whatsapps_business(company: Company) -> None:
    box = Lane.objects.create(company=company, channel="email", name="Correo")
    _stand_still(company, "lane", str(box.pk), minutes=60)
    stopped_sending.tell(now=clock.now())
    assert open_texts(company) == {}
