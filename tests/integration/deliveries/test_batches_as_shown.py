"""What leaves is what the preview showed."""

from __future__ import annotations

import pytest

from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.batches.progress import progress_of
from acuse.deliveries.models import BatchItem, Delivery
from acuse.deliveries.services import DeliveryError
from acuse.deliveries.states import State
from acuse.directory.models import Contact
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_whatsapp
from tests.data.scenes import ask, put
from tests.integration.deliveries.batch_steps import ANA, made_vouchers, ready_batch, running_batch


@pytest.fixture
def office(people: Cast) -> Cast:
    make_whatsapp(people.company)
    return people


def test_a_message_that_the_preview_did_not_show_stays_and_is_told(office: Cast) -> None:
    made = made_vouchers(office, 3)
    batch = ready_batch(office)
    make_contact(made[0].party, mobile="+5493415559999", name="Nuevo")
    assert batches.confirm(batch=batch, again=False, actor=ANA)
    batch_work.work(batch.pk)
    assert Delivery.objects.count() == batch_preview.preview_of(batch).going_count == 3
    assert not Delivery.objects.filter(to="+5493415559999").exists()
    item = BatchItem.objects.get(batch=batch, voucher=made[0])
    assert (item.outcome, item.warnings, item.asked) == ("goes", ["qr_missing", "more_since_preview"], True)
    assert batch_preview.changes_of(batch) == {"more_since_preview": 1}


def test_a_channel_that_the_preview_did_not_show_sends_nothing(office: Cast) -> None:
    made = made_vouchers(office, 2)
    batch = ready_batch(office)
    make_mailbox(office.company, "smtp://127.0.0.1:2525")
    Contact.objects.filter(party=made[0].party).update(mobile="", email="compras@norte.example")
    batches.confirm(batch=batch, again=False, actor=ANA)
    batch_work.work(batch.pk)
    assert list(Delivery.objects.values_list("voucher", flat=True)) == [made[1].pk]
    item = BatchItem.objects.get(batch=batch, voucher=made[0])
    assert (item.outcome, item.reasons) == ("refused", ["changed_since_preview"])
    assert progress_of(batch).refused == 1


def test_fewer_messages_than_the_preview_showed_are_told(office: Cast) -> None:
    (voucher,) = made_vouchers(office, 1)
    second = make_contact(voucher.party, mobile="+5493415559999", name="Se va")
    batch = ready_batch(office)
    second.delete()
    batches.confirm(batch=batch, again=False, actor=ANA)
    batch_work.work(batch.pk)
    assert Delivery.objects.count() == 1
    assert batch_preview.changes_of(batch) == {"fewer_since_preview": 1}


def test_what_waits_in_the_queue_or_went_before_is_no_change(office: Cast) -> None:
    (voucher,) = made_vouchers(office, 1)
    put(ask([voucher])[0], State.DELIVERED)
    make_contact(voucher.party, mobile="+5493415559999", name="En cola")
    put(ask([voucher])[1], State.QUEUED)
    make_contact(voucher.party, mobile="+5493415559998", name="Nuevo")
    batch = running_batch(office)
    assert list(Delivery.objects.filter(batch=batch).values_list("to", flat=True)) == ["+5493415559998"]
    assert batch_preview.changes_of(batch) == {}


def test_sent_again_it_goes_to_whom_the_preview_showed(office: Cast) -> None:
    (voucher,) = made_vouchers(office, 1)
    put(ask([voucher])[0], State.DELIVERED)
    batch = ready_batch(office)
    make_contact(voucher.party, mobile="+5493415559999", name="Nuevo")
    batches.confirm(batch=batch, again=True, actor=ANA)
    batch_work.work(batch.pk)
    assert list(Delivery.objects.filter(batch=batch).values_list("to", flat=True)) == ["+5493415550100"]
    assert batch_preview.changes_of(batch) == {"more_since_preview": 1}


def test_a_preview_that_was_worked_out_anew_is_not_the_one_that_is_confirmed(office: Cast) -> None:
    (voucher,) = made_vouchers(office, 1)
    batch = ready_batch(office)
    seen = batch_preview.preview_of(batch).digest
    batches.look_again(batch=batch)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert batch_preview.preview_of(batch).digest == seen, "nothing changed"
    # of the same market: the numbers are the same, the people aren't
    Contact.objects.filter(party=voucher.party).update(mobile="+5493415559999")
    batches.look_again(batch=batch)
    batch_work.work(batch.pk)
    with pytest.raises(DeliveryError, match="Cambió desde que lo miraste"):
        batches.confirm(batch=batch, again=False, actor=ANA, seen=seen)
    assert not Delivery.objects.exists()
