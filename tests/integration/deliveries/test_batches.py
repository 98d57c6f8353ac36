from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from acuse.companies.models import AuditEntry
from acuse.deliveries import contacts, replacing, services
from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.batches.progress import causes_of, progress_of
from acuse.deliveries.models import Batch, BatchItem, Delivery, DeliveryEvent
from acuse.deliveries.receipts import aftermath
from acuse.deliveries.services import Asker, DeliveryError
from acuse.deliveries.statements import statement
from acuse.deliveries.states import Origin, Priority, State
from acuse.directory.contacts import ContactEntry
from acuse.directory.models import Contact
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put
from tests.integration.deliveries.batch_steps import ANA, claimed, made_vouchers, open_batch, ready_batch, running_batch


@pytest.fixture
def office(people: Cast) -> Cast:
    make_whatsapp(people.company)
    return people


def test_a_draft_tells_what_would_go_and_asks_nothing(office: Cast) -> None:
    made = made_vouchers(office, 4)
    put(ask(made[:1])[0], State.DELIVERED)
    ask(made[1:2])
    make_voucher(office.company, make_party(office.company, name="Sin contacto"), number=99, content=None)
    before = Delivery.objects.count()
    batch = ready_batch(office)
    assert batch.state == Batch.State.READY
    preview = batch_preview.preview_of(batch)
    assert preview.vouchers == {"goes": 2, "repeats": 1, "queued": 1, "refused": 1}
    assert preview.going == {"whatsapp:5493": 2}
    assert preview.repeats == {"whatsapp:5493": 1}
    assert preview.reasons == {"no_contact": 1, "pdf_missing": 1}
    assert preview.warnings == {"qr_missing": 2}, "of those that go"
    assert Delivery.objects.count() == before


def test_a_draft_of_what_went_before_warns_of_what_would_go_again(office: Cast) -> None:
    made = made_vouchers(office, 2)
    put(ask(made[:1])[0], State.DELIVERED)
    ask(made[1:])
    preview = batch_preview.preview_of(ready_batch(office))
    assert preview.vouchers == {"repeats": 1, "queued": 1}
    assert preview.warnings == {"qr_missing": 1}


def test_a_batch_takes_no_voucher_of_another_company_or_kind(office: Cast) -> None:
    (ours,) = made_vouchers(office, 1)
    make_voucher(office.other_company, make_party(office.other_company))
    make_voucher(office.company, make_party(office.company), kind=VoucherKind.QUOTE)
    batch = open_batch(office)
    assert [item.voucher_id for item in batch.items.all()] == [ours.pk]
    assert batch.total == 1


def test_the_items_keep_the_order_and_the_limit(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_vouchers(office, 5)
    monkeypatch.setattr(batches, "MOST", 3)
    batch = open_batch(office)
    newest = sorted(made, key=lambda voucher: voucher.pk, reverse=True)
    assert [item.voucher_id for item in batch.items.order_by("pk")] == [voucher.pk for voucher in newest[:3]]


def test_confirming_asks_in_slices_and_behind_single_clicks(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_work, "SLICE", 20)
    made_vouchers(office, 55)
    batch = running_batch(office)
    rows = Delivery.objects.filter(batch=batch)
    assert rows.count() == 55
    assert set(rows.values_list("priority", "requested_by", "held")) == {(Priority.BULK, ANA, False)}
    assert batch.state == Batch.State.RUNNING
    assert progress_of(batch).asked == 55


def test_confirmed_twice_it_starts_once(office: Cast) -> None:
    made_vouchers(office, 3)
    batch = ready_batch(office)
    assert batches.confirm(batch=batch, again=False, actor=ANA)
    assert not batches.confirm(batch=batch, again=True, actor="user:otro@oeste.example")
    batch_work.work(batch.pk)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert (Delivery.objects.count(), batch.again, batch.requested_by) == (3, False, ANA)
    entries = AuditEntry.objects.filter(event="batch.started", target=str(batch.pk))
    assert [entry.actor for entry in entries] == [ANA]


def test_a_draft_that_is_still_worked_out_is_not_confirmed(office: Cast) -> None:
    made_vouchers(office, 1)
    with pytest.raises(DeliveryError, match="Todavía se está revisando"):
        batches.confirm(batch=open_batch(office), again=False, actor=ANA)


def test_a_slice_that_dies_is_asked_again_without_doubles(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_work, "SLICE", 2)
    made_vouchers(office, 5)
    batch = ready_batch(office)
    batches.confirm(batch=batch, again=False, actor=ANA)
    batch_work.advance(batch.pk)
    with monkeypatch.context() as patched:
        # after the deliveries were inserted, before the transaction ends
        patched.setattr(batch_work, "_correct", lambda *_: (_ for _ in ()).throw(SystemExit("killed")))
        with pytest.raises(SystemExit, match="killed"):
            batch_work.advance(batch.pk)
    assert Delivery.objects.count() == 2
    batch_work.work(batch.pk)
    assert Delivery.objects.count() == Delivery.objects.values("voucher").distinct().count() == 5


def test_what_went_before_goes_again_only_when_one_says_so(office: Cast) -> None:
    made = made_vouchers(office, 3)
    put(ask(made[:1])[0], State.DELIVERED)
    running_batch(office)
    assert Delivery.objects.count() == 3
    for row in Delivery.objects.filter(state=State.QUEUED):
        put(row, State.SENT)
    running_batch(office, again=True)
    assert Delivery.objects.filter(resend_of__isnull=False).count() == 3


def test_what_somebody_asked_since_the_preview_is_not_repeated(office: Cast) -> None:
    made = made_vouchers(office, 2)
    for row in ask(made):
        put(row, State.SENT)
    batch = ready_batch(office)
    services.resend(Delivery.objects.get(voucher=made[0]), Asker("user:beto@oeste.example", Origin.MANUAL))
    put(Delivery.objects.get(voucher=made[0], state=State.QUEUED), State.SENT)
    batches.confirm(batch=batch, again=True, actor=ANA)
    batch_work.work(batch.pk)
    repeats = Delivery.objects.filter(resend_of__isnull=False)
    assert sorted(repeats.values_list("voucher__number", "requested_by")) == [
        (100, "user:beto@oeste.example"), (101, ANA),
    ]  # fmt: skip


def test_what_became_unsendable_after_the_preview_stays_and_says_why(office: Cast) -> None:
    made = made_vouchers(office, 2)
    batch = ready_batch(office)
    Voucher.objects.filter(pk=made[0].pk).update(cae="", authorization="rejected")
    batches.confirm(batch=batch, again=False, actor=ANA)
    batch_work.work(batch.pk)
    assert Delivery.objects.count() == 1
    item = BatchItem.objects.get(batch=batch, voucher=made[0])
    assert (item.outcome, item.reasons, item.asked) == ("refused", ["authorization_rejected"], True)
    assert progress_of(batch).refused == 1


def test_pausing_holds_what_is_queued_and_resuming_lets_it_go(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_work, "SLICE", 3)
    monkeypatch.setattr(batch_work, "HELD_AT_ONCE", 2)
    made = made_vouchers(office, 5)
    batch = ready_batch(office)
    batches.confirm(batch=batch, again=False, actor=ANA)
    batch_work.advance(batch.pk)
    (alone,) = ask([make_voucher(office.company, made[0].party, number=77)])
    assert batches.pause(batch=batch, actor=ANA)
    assert not batches.pause(batch=batch, actor=ANA)
    batch_work.work(batch.pk)
    assert progress_of(batch).held == 3, "nothing more was asked, and all that was is held"
    assert [row[0] for row in claimed(office)] == [alone.pk], "only what isn't the batch's may leave"
    assert batches.resume(batch=batch, actor=ANA)
    batch_work.work(batch.pk)
    assert not Delivery.objects.filter(held=True).exists()
    assert len(claimed(office)) == 5
    events = AuditEntry.objects.filter(target=str(batch.pk)).order_by("pk").values_list("event", flat=True)
    assert list(events) == ["batch.started", "batch.paused", "batch.resumed"]


def test_what_comes_back_to_the_queue_while_paused_stays_held(office: Cast) -> None:
    made_vouchers(office, 2)
    batch = running_batch(office)
    assert len(claimed(office)) == 2
    batches.pause(batch=batch, actor=ANA)
    batch_work.work(batch.pk)
    # its attempt ended with "not now"
    Delivery.objects.filter(batch=batch).update(state=State.QUEUED, due_at=clock.now())
    assert claimed(office) == []


def test_what_the_system_asks_again_in_a_paused_batch_is_held_too(office: Cast) -> None:
    made_vouchers(office, 1)
    batch = running_batch(office)
    failed = put(Delivery.objects.get(), State.FAILED)
    batches.pause(batch=batch, actor=ANA)
    again = services.resend(failed, Asker(aftermath.LABEL, Origin.SYSTEM, Priority.BULK))
    assert (again.batch_id, again.held) == (batch.pk, True)
    assert progress_of(batch).states == {"queued": 1}, "the repetition counts for the one that failed"
    by_hand = services.resend(put(again, State.FAILED), Asker(ANA, Origin.MANUAL))
    assert (by_hand.batch_id, by_hand.held) == (None, False)


def test_a_new_version_stays_in_its_paused_batch(office: Cast) -> None:
    (voucher,) = made_vouchers(office, 1)
    batch = running_batch(office)
    batches.pause(batch=batch, actor=ANA)
    batch_work.work(batch.pk)
    Voucher.objects.filter(pk=voucher.pk).update(version=2)
    voucher.refresh_from_db()
    replacing.supersede(voucher, actor="test")
    new = Delivery.objects.get(version=2)
    assert (new.batch_id, new.held) == (batch.pk, True)


def test_cancelling_stops_what_has_not_left_and_says_who(office: Cast) -> None:
    made_vouchers(office, 4)
    batch = running_batch(office)
    rows = list(Delivery.objects.order_by("pk"))
    put(rows[0], State.SENT)
    put(rows[1], State.SENDING)
    assert batches.cancel(batch=batch, actor="user:beto@oeste.example")
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert batch.ended_at is None, "one is on its way, and may come back to the queue"
    # it came back: it doesn't leave
    Delivery.objects.filter(pk=rows[1].pk).update(state=State.QUEUED)
    assert claimed(office) == []
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.sent_count, batch.unsent_count) == (Batch.State.CANCELLED, 1, 3)
    assert [cause.count for cause in causes_of(batch)] == [3]
    told = DeliveryEvent.objects.filter(kind="cancelled").values_list("detail__by", flat=True)
    assert set(told) == {"user:beto@oeste.example"}
    assert not batches.resume(batch=batch, actor=ANA)


def test_a_cancelled_batch_asks_nothing_again(office: Cast) -> None:
    made_vouchers(office, 1)
    batch = running_batch(office)
    failed = put(Delivery.objects.get(), State.FAILED)
    batches.cancel(batch=batch, actor=ANA)
    with pytest.raises(DeliveryError, match="Se canceló la tanda"):
        services.resend(failed, Asker(aftermath.LABEL, Origin.SYSTEM))


def test_it_is_done_when_nothing_is_open(office: Cast) -> None:
    made_vouchers(office, 3)
    batch = running_batch(office)
    for row, state in zip(Delivery.objects.all(), (State.READ, State.FAILED, State.UNCERTAIN), strict=True):
        assert _due() == []
        put(row, state)
    assert _due() == [batch.pk]
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.sent_count, batch.unsent_count) == (Batch.State.DONE, 1, 2)
    assert _due() == []


def _due() -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement("batches_due"))
        return [row[0] for row in cursor.fetchall()]


def test_the_sweep_sees_each_kind_of_work(office: Cast) -> None:
    made_vouchers(office, 1)
    batch = open_batch(office)
    assert _due() == [batch.pk], "to work out"
    batch_work.work(batch.pk)
    assert _due() == [], "it waits for a person"
    batches.confirm(batch=batch, again=False, actor=ANA)
    assert _due() == [batch.pk], "to ask"
    batch_work.work(batch.pk)
    assert _due() == []
    batches.pause(batch=batch, actor=ANA)
    assert _due() == [batch.pk], "to hold"
    batch_work.work(batch.pk)
    assert _due() == []
    batches.resume(batch=batch, actor=ANA)
    assert _due() == [batch.pk], "to let go"
    batch_work.work(batch.pk)
    batches.cancel(batch=batch, actor=ANA)
    assert _due() == [batch.pk], "to cancel"
    batch_work.work(batch.pk)
    assert _due() == []


def test_looking_again_sees_what_was_mended(office: Cast) -> None:
    party = make_party(office.company)
    make_voucher(office.company, party)
    batch = ready_batch(office)
    assert batch_preview.preview_of(batch).refused == 1
    make_contact(party)
    batches.look_again(batch=batch)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert batch_preview.preview_of(batch).vouchers == {"goes": 1}
    batches.confirm(batch=batch, again=False, actor=ANA)
    batches.look_again(batch=batch)
    batch.refresh_from_db()
    assert batch.state == Batch.State.RUNNING


def test_an_email_is_another_market(office: Cast) -> None:
    make_mailbox(office.company, "smtp://127.0.0.1:2525")
    party = make_party(office.company)
    make_contact(party, mobile="", email="compras@norte.example")
    make_voucher(office.company, party)
    assert batch_preview.preview_of(ready_batch(office)).going == {"email": 1}


def test_drafts_are_forgotten_in_a_day_and_confirmed_ones_stay(office: Cast) -> None:
    made_vouchers(office, 1)
    draft, kept = ready_batch(office), running_batch(office)
    fresh = ready_batch(office)
    Batch.objects.exclude(pk=fresh.pk).update(created_at=clock.now() - timedelta(hours=25))
    assert batches.forget_drafts() == 1
    assert set(Batch.objects.values_list("pk", flat=True)) == {kept.pk, fresh.pk}
    assert not BatchItem.objects.filter(batch_id=draft.pk).exists()


def test_a_corrected_contact_stays_in_its_paused_batch(office: Cast) -> None:
    made_vouchers(office, 1)
    batch = running_batch(office)
    batches.pause(batch=batch, actor=ANA)
    batch_work.work(batch.pk)
    contact = Contact.objects.get()
    entry = ContactEntry(name=contact.name, mobile="341 15 555-0177")
    _, moved = contacts.change(contact=contact, entry=entry, actor=ANA)
    assert moved == 1
    again = Delivery.objects.get(state=State.QUEUED)
    assert (again.to, again.batch_id, again.held) == ("+5493415550177", batch.pk, True)
    assert claimed(office) == []
    # counted once
    assert progress_of(batch).asked == 1
