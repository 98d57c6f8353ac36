"""What only shows after hours, by the hundred, or when part of the machinery is lost."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import psycopg
from django.db import connection

from acuse.channels.contract import Cause, Refusal, Scope, Verdict
from acuse.channels.fake import NOT_CONNECTED, Script
from acuse.deliveries.models import Delivery, DeliveryPolicy, MediaUpload, Suspension
from acuse.deliveries.policy import RETRY_WINDOW
from acuse.deliveries.states import Priority, State
from acuse.kernel import clock
from acuse.vouchers import services as vouchers
from acuse.vouchers.kinds import VoucherKind
from tests.data.cast import MOBILE, make_contact, make_party
from tests.integration.deliveries.conftest import Office
from tests.integration.deliveries.test_lane import PAUSED, TOKEN, make_due, states

BAD_UPLOAD = Refusal(
    Verdict.RETRY, Scope.DELIVERY, Cause("whatsapp.131053", "No se pudo usar."), max_tries=2, upload_again=True
)


def suspend(office: Office) -> None:
    """The lane's account, by an attempt; the probe is due."""
    office.sender.script(MOBILE, Script(after=TOKEN))
    office.run()
    Suspension.objects.update(probe_at=clock.now())


def test_the_24_hours_run_from_a_try_whose_message_never_left(office: Office) -> None:
    office.sender.default = Script(before=NOT_CONNECTED)
    [delivery] = office.ask(office.voucher())
    office.run()
    delivery.refresh_from_db()
    assert delivery.first_tried_at is not None
    Delivery.objects.update(first_tried_at=delivery.first_tried_at - RETRY_WINDOW, due_at=clock.now())
    office.run()
    assert states(delivery) == [State.FAILED]


def test_the_time_spent_suspended_is_not_time_spent_trying(office: Office) -> None:
    [delivery] = office.ask(office.voucher())
    suspend(office)
    days_ago = clock.now() - timedelta(days=2)
    Delivery.objects.filter(first_tried_at__isnull=False).update(first_tried_at=days_ago)
    office.sender.script(MOBILE, Script(before=NOT_CONNECTED))
    office.run()
    assert states(delivery) == [State.QUEUED]


def test_deliveries_of_one_file_that_leave_one_after_another_upload_it_once(office: Office) -> None:
    office.lane.throughput = 20
    office.lane.save()
    for number in range(8):
        make_contact(office.party, mobile=f"+549341555020{number}")
    office.ask(office.voucher())
    office.run()
    assert len(office.sender.sent) == 9
    assert len(office.sender.uploaded) == 1


def test_an_upload_that_stays_unusable_is_made_again_once_and_no_more(office: Office) -> None:
    office.sender.default = Script(after=BAD_UPLOAD)
    [delivery] = office.ask(office.voucher())
    office.run()
    make_due(delivery)
    office.run()
    assert states(delivery) == [State.FAILED]
    assert len(office.sender.uploaded) == 2
    assert not MediaUpload.objects.exists(), "the next voucher with that file starts afresh"


def test_a_probe_is_not_spent_on_what_may_not_be_sent(office: Office) -> None:
    voucher = office.voucher(1)
    office.ask(voucher)
    suspend(office)
    [good] = office.ask(office.voucher(2))
    vouchers.void(voucher=voucher, actor="test")
    office.run()
    assert states(good) == [State.SENT]


def test_a_probe_is_not_spent_when_what_was_asked_for_is_not_due(office: Office) -> None:
    [delivery] = office.ask(office.voucher())
    suspend(office)
    Delivery.objects.update(due_at=clock.now() + timedelta(hours=1))
    office.run(only=[delivery.pk])
    make_due(delivery)
    office.run()
    assert states(delivery) == [State.SENT]


def test_a_paused_template_does_not_spend_the_probes_of_its_lane(office: Office) -> None:
    DeliveryPolicy.objects.filter(company=office.company, kind="quote").update(template_name="presupuestos")
    office.sender.script(MOBILE, Script(after=PAUSED))
    [first] = office.ask(office.voucher(1))
    office.run()
    office.sender.script(MOBILE, Script(after=TOKEN))
    other = make_party(office.company, name="Otro SA")
    make_contact(other, mobile="+5493415550177")
    asked = office.ask(office.voucher(2, kind=VoucherKind.QUOTE), priority=Priority.BULK)
    office.run()
    Suspension.objects.filter(scope="account").update(probe_at=clock.now())
    office.run()
    assert states(*asked) == [State.SENT]
    assert states(first) == [State.QUEUED]


def test_a_runner_that_lost_the_marks_connection_ends_and_the_next_goes_on(office: Office) -> None:
    [delivery] = office.ask(office.voucher())
    runner = office.runner()

    async def lost(batch: Any) -> list[bool]:
        raise psycopg.OperationalError("gone")

    runner._started._flush = lost
    assert asyncio.run(asyncio.wait_for(runner.run(), 5))
    assert office.sender.sent == []
    office.run()
    assert states(delivery) == [State.SENT]


def test_asking_again_twice_at_once_repeats_it_once(office: Office) -> None:
    voucher = office.voucher()
    office.ask(voucher)
    office.run()
    start = Barrier(4)

    def again() -> None:
        start.wait()
        try:
            office.ask(voucher, again=True)
        finally:
            connection.close()

    threads = [Thread(target=again) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Delivery.objects.count() == 2
