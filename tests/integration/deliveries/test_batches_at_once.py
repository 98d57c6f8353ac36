from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.batches.progress import progress_of
from acuse.deliveries.models import Delivery
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.integration.deliveries.batch_steps import ANA, claimed, made_vouchers, ready_batch


@pytest.fixture
def office(people: Cast) -> Cast:
    make_whatsapp(people.company)
    return people


@pytest.mark.django_db(transaction=True)
def test_two_that_work_at_once_do_each_slice_once(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_work, "SLICE", 3)
    made_vouchers(office, 30)
    batch = ready_batch(office)
    batches.confirm(batch=batch, again=False, actor=ANA)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            batch_work.work(batch.pk, wait=True)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert Delivery.objects.count() == 30
    assert progress_of(batch).to_ask == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_slips_out_between_a_slice_and_a_pause(office: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice that was being asked when the pause was pressed is held like the rest."""
    made_vouchers(office, 10)
    batch = ready_batch(office)
    batches.confirm(batch=batch, again=False, actor=ANA)
    asking, paused = threading.Event(), threading.Event()
    correct = batch_work._correct

    def slow(*given: Any) -> None:
        asking.set()
        # the pause waits for this transaction, so it can't be waited for here
        paused.wait(0.5)
        correct(*given)

    monkeypatch.setattr(batch_work, "_correct", slow)

    def run() -> None:
        batch_work.advance(batch.pk)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert asking.wait(30)
    batches.pause(batch=batch, actor=ANA)
    paused.set()
    thread.join(30)
    batch_work.work(batch.pk)
    assert progress_of(batch).held == 10
    assert claimed(office) == []
