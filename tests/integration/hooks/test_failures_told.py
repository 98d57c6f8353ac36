"""A failure told by webhook goes through the same table as one answered at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acuse.channels.models import Lane
from acuse.companies.models import AuditEntry
from acuse.deliveries import policy
from acuse.deliveries.apart import FAULT
from acuse.deliveries.models import Delivery, MediaUpload, ProviderCount, Suspension
from acuse.deliveries.states import State
from acuse.directory import marketing, optout
from acuse.directory.models import MarketingChoice
from acuse.hooks.models import RawHook
from acuse.kernel import clock
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks
from tests.integration.hooks.bodies import body, change, failed, status
from tests.integration.hooks.conftest import OTHER_PHONE, Desk, kinds_of

UNDELIVERABLE, BAD_PARAMETER, OUTAGE, PAIR_LIMIT, BAD_UPLOAD, RATE = 131026, 100, 131016, 131056, 131053, 130429
UNWANTED = 131050


def resends_of(delivery: Delivery) -> list[Delivery]:
    return list(Delivery.objects.filter(resend_of=delivery).order_by("created_at"))


def fail(desk: Desk, delivery: Delivery, code: int, **more: object) -> None:
    desk.tell(failed(code, delivery=delivery.pk, wamid=f"wamid.{delivery.pk}", **more))
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED


def leave(delivery: Delivery) -> Delivery:
    Delivery.objects.filter(pk=delivery.pk).update(state=State.SENT, attempt=1, started_at=clock.now())
    delivery.refresh_from_db()
    return delivery


def test_who_cant_be_reached_is_flagged_and_nothing_is_asked_again(desk: Desk) -> None:
    delivery = desk.delivery()
    fail(desk, delivery, UNDELIVERABLE)
    desk.contact.refresh_from_db()
    assert desk.contact.mobile_problem == delivery.cause_text != ""
    assert resends_of(delivery) == []
    assert not Suspension.objects.exists()


def test_who_wants_no_marketing_is_noted_once_and_their_number_has_no_problem(desk: Desk) -> None:
    for delivery in (desk.delivery(), desk.delivery()):
        fail(desk, delivery, UNWANTED)
        assert resends_of(delivery) == []
    desk.contact.refresh_from_db()
    assert desk.contact.mobile_problem == ""
    choice = MarketingChoice.objects.get()
    assert (choice.mobile, choice.stopped, choice.origin) == (desk.contact.mobile, True, "refused")
    assert choice.told_at == delivery.failed_at
    entry = AuditEntry.objects.get(event="contact.marketing_stopped")
    assert (entry.company, entry.actor, entry.target) == (desk.contact.company, "system:refusal", str(desk.contact.pk))


def test_a_refusal_of_before_they_wanted_it_again_changes_nothing(desk: Desk) -> None:
    delivery = desk.delivery()
    at = clock.now() + timedelta(days=1)
    digits = desk.contact.mobile.removeprefix("+")
    for stopped in (True, False):
        marketing.choose(desk.contact.company, digits=digits, stopped=stopped, at=at, actor="test")
    fail(desk, delivery, UNWANTED)
    assert not MarketingChoice.objects.get().stopped


def test_a_wrong_message_fails_alone(desk: Desk) -> None:
    delivery = desk.delivery()
    fail(desk, delivery, BAD_PARAMETER)
    desk.contact.refresh_from_db()
    assert desk.contact.mobile_problem == ""
    assert resends_of(delivery) == []


@pytest.mark.parametrize("code", [OUTAGE, RATE])
def test_what_passes_is_asked_again_by_the_system_a_little_later(desk: Desk, code: int) -> None:
    delivery = desk.delivery()
    fail(desk, delivery, code)
    (again,) = resends_of(delivery)
    assert (again.state, again.origin) == (State.QUEUED, "system")
    assert again.due_at > clock.now()
    assert kinds_of(delivery) == ["failed", "resent"]


@wherever_it_breaks
def test_what_our_own_fault_keeps_from_being_asked_again_stays_failed_with_its_cause(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    delivery, other = desk.delivery(), desk.delivery()
    break_it(monkeypatch, spot, {delivery.voucher_id})
    desk.tell(*(failed(OUTAGE, delivery=row.pk, wamid=f"wamid.{row.pk}") for row in (delivery, other)))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause_code) == (State.FAILED, f"whatsapp.{OUTAGE}")
    assert delivery.cause_next_step == f"No se volvió a pedir solo. {FAULT.text}"
    assert [len(resends_of(row)) for row in (delivery, other)] == [0, 1]
    assert RawHook.objects.get().state == RawHook.State.DONE


def test_a_failure_told_twice_is_asked_again_once(desk: Desk) -> None:
    delivery = desk.delivery()
    for _ in range(3):
        desk.tell(failed(OUTAGE, delivery=delivery.pk))
    assert len(resends_of(delivery)) == 1


def test_the_chain_of_linked_deliveries_is_bounded(desk: Desk) -> None:
    delivery = desk.delivery()
    made = 1
    while True:
        fail(desk, delivery, OUTAGE)
        found = resends_of(delivery)
        if not found:
            break
        delivery = leave(found[0])
        made += 1
    assert made == policy.MAX_TRIES


def test_the_chain_of_an_old_one_is_not_begun(desk: Desk) -> None:
    delivery = desk.delivery(first_tried_at=clock.now() - policy.RETRY_WINDOW - timedelta(hours=1))
    fail(desk, delivery, OUTAGE)
    assert resends_of(delivery) == []
    delivery.refresh_from_db()
    assert delivery.cause_next_step == policy.EXHAUSTED


def test_a_pair_limit_makes_the_recipient_wait(desk: Desk) -> None:
    delivery, waiting = desk.delivery(), desk.delivery(State.QUEUED)
    fail(desk, delivery, PAIR_LIMIT)
    (again,) = resends_of(delivery)
    waiting.refresh_from_db()
    assert waiting.due_at == again.due_at > clock.now()
    desk.contact.refresh_from_db()
    assert desk.contact.mobile_problem == ""


def test_an_unusable_upload_is_forgotten_and_made_again_once(desk: Desk) -> None:
    delivery = desk.delivery()
    MediaUpload.objects.create(
        lane=desk.lane, sha256=delivery.file_id, media_id="1", uploaded_at=clock.now() - timedelta(days=29)
    )
    fail(desk, delivery, BAD_UPLOAD)
    assert not MediaUpload.objects.exists()
    (again,) = resends_of(delivery)
    fail(desk, leave(again), BAD_UPLOAD)
    assert resends_of(again) == []


def test_a_newer_upload_than_the_one_that_failed_is_kept(desk: Desk) -> None:
    delivery = desk.delivery()
    MediaUpload.objects.create(
        lane=desk.lane, sha256=delivery.file_id, media_id="2", uploaded_at=clock.now() + timedelta(seconds=1)
    )
    fail(desk, delivery, BAD_UPLOAD)
    assert MediaUpload.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "scope", "key"),
    [(190, "account", "account_key"), (131048, "lane", "lane_id"), (132015, "template", "template_key")],
)
def test_what_is_unusable_is_suspended_and_the_delivery_waits_for_it(
    desk: Desk, code: int, scope: str, key: str
) -> None:
    delivery = desk.delivery()
    fail(desk, delivery, code)
    suspension = Suspension.objects.get()
    assert (suspension.scope, suspension.key) == (scope, str(getattr(delivery, key)))
    assert suspension.cause_code == f"whatsapp.{code}"
    assert suspension.probe_at > clock.now()
    (again,) = resends_of(delivery)
    assert again.state == State.QUEUED


def test_an_old_failure_doesnt_suspend_again_what_was_mended_since(desk: Desk) -> None:
    delivery = desk.delivery()
    now = clock.now()
    Suspension.objects.create(
        company=desk.company, scope="account", key=delivery.account_key, cause_code="whatsapp.190", cause_text="t",
        since=now - timedelta(hours=3), probe_at=now, ended_at=now - timedelta(hours=1), ended_by="user:ana",
    )  # fmt: skip
    fail(desk, delivery, 190, at=int((now - timedelta(hours=2)).timestamp()))
    assert not Suspension.objects.filter(ended_at=None).exists()
    assert len(resends_of(delivery)) == 1


def test_what_may_not_be_sent_any_more_is_not_asked_again(desk: Desk) -> None:
    delivery = desk.delivery()
    optout.suppress([desk.contact], reason="BAJA", actor="t")
    fail(desk, delivery, OUTAGE)
    assert resends_of(delivery) == []
    delivery.refresh_from_db()
    assert delivery.cause_next_step.startswith("No se volvió a pedir solo. ")


def test_a_failure_of_what_was_delivered_changes_nothing(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(status("delivered", delivery=delivery.pk), failed(190, delivery=delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == State.DELIVERED
    assert delivery.failed_at is not None
    assert not Suspension.objects.exists()
    assert resends_of(delivery) == []


def test_what_the_system_asked_again_is_not_sent_when_the_first_one_arrives(desk: Desk) -> None:
    delivery = desk.delivery()
    fail(desk, delivery, OUTAGE)
    desk.tell(status("read", delivery=delivery.pk, wamid=f"wamid.{delivery.pk}"))
    (again,) = resends_of(delivery)
    assert (again.state, again.cause_code) == (State.CANCELLED, "first_arrived")
    assert kinds_of(again) == ["cancelled"]


def test_a_failure_without_a_code_is_still_a_failure(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(status("failed", delivery=delivery.pk, errors="?"))
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause_code) == (State.FAILED, "whatsapp.unknown")


def just_now() -> int:
    return int(clock.now().timestamp())


def test_a_number_that_sends_too_fast_is_slowed_down_and_no_other(desk: Desk) -> None:
    fail(desk, desk.delivery(), RATE, at=just_now())
    assert set(Lane.objects.exclude(slowed_at=None)) == {desk.lane}


def test_what_is_told_of_no_message_slows_the_number_down_and_is_counted(desk: Desk) -> None:
    for error in ({"code": RATE}, {"code": OUTAGE}, "no object", None):
        # the other company's number, told to our app: a stranger
        desk.post(body(change(errors=[error], phone=OTHER_PHONE)))
    desk.apply()
    assert not Lane.objects.exclude(slowed_at=None).exists()
    desk.post(body(change(errors=[{"code": OUTAGE}])), body(change(errors=[{"code": RATE, "title": "Rate limit hit"}])))
    desk.apply()
    assert set(Lane.objects.exclude(slowed_at=None)) == {desk.lane}
    assert ProviderCount.objects.get(key=f"errors:{RATE}").count == 2


@pytest.mark.parametrize("code", [OUTAGE, PAIR_LIMIT, BAD_PARAMETER])
def test_another_failure_slows_nothing_down(desk: Desk, code: int) -> None:
    fail(desk, desk.delivery(), code, at=just_now())
    assert not Lane.objects.exclude(slowed_at=None).exists()


def test_a_complaint_of_a_while_ago_slows_nothing_down(desk: Desk) -> None:
    fail(desk, desk.delivery(), RATE, at=just_now() - 120)
    assert not Lane.objects.exclude(slowed_at=None).exists()
