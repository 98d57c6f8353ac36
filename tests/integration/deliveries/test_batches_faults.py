"""A voucher that can't be worked out doesn't stop its batch."""

from __future__ import annotations

import errno
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from acuse.deliveries import apart
from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.batches.progress import progress_of
from acuse.deliveries.models import Batch, BatchItem, Delivery
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.data.unforeseen import PLANNED, Spot, break_it, wherever_it_breaks
from tests.integration.deliveries.batch_steps import ANA, made_vouchers, open_batch, ready_batch


@pytest.fixture
def office(people: Cast) -> Cast:
    make_whatsapp(people.company)
    return people


def _outcomes(batch: Batch) -> dict[UUID, tuple[str, list[str]]]:
    return {item.voucher_id: (item.outcome, item.reasons) for item in BatchItem.objects.filter(batch=batch)}


@wherever_it_breaks
def test_one_that_cant_be_planned_is_set_apart_with_its_reason(
    office: Cast, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    made = made_vouchers(office, 5)
    with monkeypatch.context() as patched, capture_logs() as logs:
        break_it(patched, spot, {made[1].pk, made[4].pk})
        batch = ready_batch(office)
    assert batch.state == Batch.State.READY
    preview = batch_preview.preview_of(batch)
    assert (preview.vouchers, preview.reasons) == ({"goes": 3, "refused": 2}, {"fault": 2})
    assert _outcomes(batch)[made[1].pk] == ("refused", ["fault"])
    told = [entry for entry in logs if entry["event"] == "batch_voucher_failed"]
    assert {entry["voucher"] for entry in told} == {str(made[1].pk), str(made[4].pk)}
    assert all(entry["exc_info"] for entry in told)
    # what was wrong was mended
    batches.look_again(batch=batch)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert batch_preview.preview_of(batch).vouchers == {"goes": 5}


@wherever_it_breaks
def test_one_that_cant_be_asked_stays_and_the_others_go(
    office: Cast, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    made = made_vouchers(office, 5)
    batch = ready_batch(office)
    assert batches.confirm(batch=batch, again=False, actor=ANA)
    with monkeypatch.context() as patched:
        break_it(patched, spot, {made[2].pk})
        batch_work.work(batch.pk)
    asked = set(Delivery.objects.filter(batch=batch).values_list("voucher", flat=True))
    assert asked == {one.pk for one in made if one != made[2]}
    assert Delivery.objects.count() == 4, "each once"
    assert _outcomes(batch)[made[2].pk] == ("refused", ["fault"])
    progress = progress_of(batch)
    assert (progress.asked, progress.to_ask, progress.refused) == (4, 0, 1)
    assert batch_preview.reasons_of(batch) == {"fault": 1}


def test_a_batch_of_which_nothing_can_be_asked_ends(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    made_vouchers(office, 2)
    batch = ready_batch(office)
    batches.confirm(batch=batch, again=False, actor=ANA)
    with monkeypatch.context() as patched:
        break_it(patched, PLANNED)
        batch_work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.sent_count, batch.unsent_count) == (Batch.State.DONE, 0, 2)


def test_what_is_wrong_with_all_is_found_out_in_short_transactions(
    office: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever pauses meanwhile doesn't wait for the last of them."""
    made_vouchers(office, 7)
    batch = open_batch(office)
    tries: list[int] = []

    def counted(*args: Any, **named: Any) -> None:
        apart.all_that_can(*args, **named)
        tries.append(sum(reasons == ["fault"] for _, reasons in _outcomes(batch).values()))

    with monkeypatch.context() as patched:
        patched.setattr(batch_work, "APART", 3)
        patched.setattr("acuse.deliveries.batches.work.all_that_can", counted)
        break_it(patched, PLANNED)
        batch_work.work(batch.pk)
    assert tries == [3, 6, 7]
    batch.refresh_from_db()
    assert batch.state == Batch.State.READY


def test_what_changed_is_told_once_when_its_slice_is_tried_in_parts(
    office: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_vouchers(office, 4)
    batch = ready_batch(office)
    first, *_, last = batch.items.order_by("pk")
    contact = first.voucher.party.contacts.get()
    contact.pk, contact.mobile = None, "+5493415559999"
    contact.save(force_insert=True)
    batches.confirm(batch=batch, again=False, actor=ANA)
    with monkeypatch.context() as patched:
        break_it(patched, PLANNED, {last.voucher_id})
        batch_work.work(batch.pk)
    first.refresh_from_db()
    assert first.warnings.count(batch_preview.MORE) == 1


@pytest.mark.parametrize("confirmed", [False, True], ids=["planning", "asking"])
@pytest.mark.parametrize(
    "error",
    [OperationalError("the server closed the connection"), OSError(errno.ENOSPC, "no space left"), MemoryError()],
    ids=["database", "disk", "memory"],
)
def test_when_the_database_or_the_machine_fails_the_batch_is_tried_again(
    office: Cast, monkeypatch: pytest.MonkeyPatch, confirmed: bool, error: Exception
) -> None:
    made = made_vouchers(office, 3)
    batch = ready_batch(office) if confirmed else open_batch(office)
    if confirmed:
        batches.confirm(batch=batch, again=False, actor=ANA)
    with monkeypatch.context() as patched:
        break_it(patched, PLANNED, {made[1].pk}, error)
        with pytest.raises(type(error)):
            batch_work.work(batch.pk)
    assert not any("fault" in reasons for _, reasons in _outcomes(batch).values())
    batch_work.work(batch.pk)
    assert {outcome for outcome, _ in _outcomes(batch).values()} == {"goes"}
    assert Delivery.objects.count() == (3 if confirmed else 0)
