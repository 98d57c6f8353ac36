"""Receipts move deliveries forward, and only those of the app's own numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuse.deliveries.models import Delivery, DeliveryEvent, ProviderCount
from acuse.deliveries.statements import statement
from acuse.deliveries.states import State
from acuse.directory.models import ContactIdentity
from acuse.hooks.models import RawHook
from tests.integration.hooks.bodies import START, WAMID, body, change, failed, status
from tests.integration.hooks.conftest import OTHER_PHONE, Desk, kinds_of


def count_of(key: str) -> int:
    return sum(ProviderCount.objects.filter(key=key).values_list("count", flat=True))


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_receipt_moves_a_delivery_and_says_when(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(
        status("delivered", delivery=delivery.pk, at=START + 2), status("read", delivery=delivery.pk, at=START + 9)
    )
    delivery.refresh_from_db()
    assert delivery.state == State.READ
    assert (delivery.delivered_at, delivery.read_at) == (moment(START + 2), moment(START + 9))
    assert delivery.provider_id == WAMID
    assert kinds_of(delivery) == ["delivered", "read"]


def test_metas_own_sent_is_an_event_of_the_timeline_only(desk: Desk) -> None:
    delivery = desk.delivery(sent_at=moment(START - 1))
    desk.tell(status("sent", delivery=delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.sent_at) == (State.SENT, moment(START - 1))
    assert kinds_of(delivery) == ["provider"]


def test_a_receipt_told_twice_is_kept_once(desk: Desk) -> None:
    delivery = desk.delivery()
    for _ in range(3):
        desk.tell(status("delivered", delivery=delivery.pk))
    assert kinds_of(delivery) == ["delivered"]


def test_nothing_goes_back(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(status("read", delivery=delivery.pk))
    desk.tell(status("delivered", delivery=delivery.pk, at=START - 5), status("sent", delivery=delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == State.READ
    assert delivery.delivered_at == moment(START - 5)


def test_a_receipt_without_our_data_is_found_by_the_providers_id(desk: Desk) -> None:
    delivery = desk.delivery(provider_id=WAMID)
    desk.tell(status("delivered"))
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED


@pytest.mark.parametrize("opaque", ["018f", "0198f2aa-0000-7000-8000-000000000000"])
def test_somebody_elses_opaque_data_yields_to_the_providers_id(desk: Desk, opaque: str) -> None:
    delivery = desk.delivery(provider_id=WAMID)
    desk.tell(status("delivered", delivery=opaque))
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED


def test_another_apps_delivery_is_never_touched(desk: Desk) -> None:
    theirs = desk.delivery(company=desk.other, provider_id="wamid.THEIRS")
    desk.tell(status("read", delivery=theirs.pk, wamid="wamid.THEIRS"))
    desk.tell(status("read", delivery=theirs.pk, wamid="wamid.THEIRS"), phone=OTHER_PHONE)
    theirs.refresh_from_db()
    assert theirs.state == State.SENT
    assert kinds_of(theirs) == []
    assert (count_of("unmatched"), count_of("unmatched:sender")) == (1, 1)
    desk.tell(status("read", delivery=theirs.pk, wamid="wamid.THEIRS"), phone=OTHER_PHONE, app=desk.other_app)
    theirs.refresh_from_db()
    assert theirs.state == State.READ


def test_a_failed_one_that_is_delivered_after_all_keeps_both(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(failed(131026, delivery=delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause_code) == (State.FAILED, "whatsapp.131026")
    desk.tell(status("delivered", delivery=delivery.pk, at=START + 60))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause_code) == (State.DELIVERED, "")
    assert delivery.failed_at == moment(START)
    assert kinds_of(delivery) == ["failed", "delivered"]


@pytest.mark.parametrize(
    ("word", "state"), [("sent", State.SENT), ("delivered", State.DELIVERED), ("read", State.READ)]
)
@pytest.mark.parametrize("before", [State.UNCERTAIN, State.SENDING])
def test_any_receipt_is_the_evidence_that_an_open_attempt_lacked(
    desk: Desk, before: State, word: str, state: State
) -> None:
    delivery = desk.delivery(before, cause_code="runner_lost")
    desk.tell(status(word, delivery=delivery.pk))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause_code, delivery.provider_id) == (state, "", WAMID)


def test_an_uncertain_one_may_turn_out_failed(desk: Desk) -> None:
    delivery = desk.delivery(State.UNCERTAIN)
    desk.tell(failed(131026, delivery=delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED


def test_a_cancelled_one_that_was_delivered_says_so(desk: Desk) -> None:
    delivery = desk.delivery(State.CANCELLED)
    desk.tell(status("sent", delivery=delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == State.CANCELLED
    desk.tell(status("delivered", delivery=delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED


def test_a_receipt_before_the_settlement_is_not_lost_by_it(desk: Desk) -> None:
    delivery = desk.delivery(State.SENDING)
    desk.tell(status("delivered", delivery=delivery.pk))
    settle(delivery)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.provider_id, delivery.tries) == (State.DELIVERED, WAMID, 1)
    assert delivery.sent_at is not None


def settle(delivery: Delivery) -> None:
    """What the lane's runner writes when the provider accepted it."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement("settle"),
            {"now": moment(START), "ids": [delivery.pk], "attempts": [delivery.attempt], "states": ["sent"],
             "kinds": ["sent"], "counted": [1], "due_ats": [None], "provider_ids": [WAMID], "codes": [""],
             "texts": [""], "steps": [""], "details": ["{}"]},
        )  # fmt: skip


def test_pricing_comes_from_any_status(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(status("sent", delivery=delivery.pk, pricing={"category": "utility", "type": "regular"}))
    desk.tell(status("delivered", delivery=delivery.pk, pricing={"billable": True}))
    delivery.refresh_from_db()
    assert delivery.pricing == {"category": "utility", "type": "regular", "billable": True}


def test_the_recipients_other_names_are_learnt(desk: Desk) -> None:
    delivery = desk.delivery()
    told = status("delivered", delivery=delivery.pk, recipient_id="543415550199", recipient_user_id="AR.1349120")
    desk.tell(told, {**told, "status": "read"})
    found = ContactIdentity.objects.filter(contact=desk.contact).values_list("kind", "value")
    assert set(found) == {("wa_id", "543415550199"), ("bsuid", "AR.1349120")}


def test_the_names_of_a_phone_that_the_contact_had_before_are_not_learnt(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.contact.mobile = "+5493415550777"
    desk.contact.save()
    desk.tell(status("delivered", delivery=delivery.pk, recipient_user_id="AR.1349120"))
    assert not ContactIdentity.objects.exists()


def test_what_we_dont_know_is_counted_and_kept(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(status("vanished", delivery=delivery.pk))
    desk.post(
        body({"field": "account_alerts", "value": {"entity_type": "BUSINESS"}}, change(errors=[{"code": 130429}]))
    )
    desk.post(b'{"entry": [{"changes": [{"field": "messages", "value": {"statuses": [{"status": "read"}]}}]}]}')
    desk.post(b'{"entry": 7}', b"[]")
    desk.apply()
    keys = set(ProviderCount.objects.values_list("key", flat=True))
    assert {"unknown:status:vanished", "account_alerts", "errors:130429"} <= keys
    assert any(key.startswith("unknown:entry[].changes[].value.statuses[]") for key in keys)
    assert kinds_of(delivery) == ["provider"]
    assert DeliveryEvent.objects.get(delivery=delivery, kind="provider").detail["raw"]["status"] == "vanished"
    assert set(RawHook.objects.values_list("state", flat=True)) == {"done"}


def test_the_example_of_a_count_is_bounded(desk: Desk) -> None:
    desk.post(body({"field": "history", "value": {"text": "x" * 100_000}}))
    desk.apply()
    assert len(str(ProviderCount.objects.get(key="history").last)) < 5000


STATUSES: list[dict[str, Any]] = [
    status("sent", at=START, pricing={"category": "utility"}),
    status("delivered", at=START + 2),
    status("read", at=START + 5),
    failed(131049, at=START + 3),
    status("delivered", at=START + 4, recipient_user_id="AR.1"),
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    told=st.lists(st.sampled_from(STATUSES), min_size=1, max_size=8),
    shuffled=st.randoms(use_true_random=False),
    size=st.integers(1, 4),
    before=st.sampled_from([State.SENDING, State.UNCERTAIN, State.SENT]),
)
def test_any_order_and_repetition_ends_the_same(
    desk: Desk, told: list[dict[str, Any]], shuffled: Any, size: int, before: State
) -> None:
    again = [*told, *told]
    shuffled.shuffle(again)
    straight, mixed = desk.delivery(before), desk.delivery(before)
    desk.tell(*({**item, "biz_opaque_callback_data": str(straight.pk)} for item in told))
    for start in range(0, len(again), size):
        group = again[start : start + size]
        desk.tell(*({**item, "biz_opaque_callback_data": str(mixed.pk)} for item in group))
    fields = ("state", "delivered_at", "read_at", "failed_at", "cause_code", "pricing", "sent_at")
    first, second = (Delivery.objects.filter(pk=d.pk).values(*fields).get() for d in (straight, mixed))
    assert first == second
    assert sorted(kinds_of(straight)) == sorted(kinds_of(mixed))


def test_the_hot_update_joins_by_the_id_alone(desk: Desk) -> None:
    """A filter on a volatile column, with statistics from when all were queued, costs half the speed."""
    deliveries = [desk.delivery(State.QUEUED) for _ in range(3)]
    with connection.cursor() as cursor:
        cursor.execute("analyze deliveries_delivery")
        Delivery.objects.update(state=State.SENT)
        rows = [{"id": str(delivery.pk), "state": "read"} for delivery in deliveries * 100]
        parameters: dict[str, Any] = {"now": moment(START), "standings": json.dumps(rows)}
        cursor.execute("explain " + statement("receipts_apply"), parameters)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("Function Scan") == 1
    assert "Filter" not in plan, plan


def test_a_number_without_metadata_belongs_to_nobody(desk: Desk) -> None:
    delivery = desk.delivery()
    value = {"statuses": [status("read", delivery=delivery.pk)]}
    desk.post(body({"field": "messages", "value": value}))
    desk.apply()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert count_of("unmatched:sender") == 1
