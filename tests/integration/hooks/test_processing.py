"""Whatever comes is applied once, and what can't be harms nothing beside it."""

from __future__ import annotations

import asyncio
import errno
import time
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import psycopg
import pytest
from django.db import DataError, OperationalError, connection, connections

from acuse.channels.contract import Receipt
from acuse.channels.whatsapp.receipts import WhatsAppHooks
from acuse.deliveries.models import Delivery, DeliveryEvent, ProviderCount
from acuse.deliveries.receipts import tracking
from acuse.deliveries.receipts.standing import Standing
from acuse.deliveries.states import State
from acuse.hooks import processing
from acuse.hooks.models import RawHook
from acuse.hooks.processing import apply_batch, process_hooks, purge
from acuse.kernel import clock
from acuse.workers.connection import conninfo
from tests.integration.hooks.bodies import body, change, message, status
from tests.integration.hooks.conftest import Desk, kinds_of


def states() -> dict[str, int]:
    found: dict[str, int] = {}
    for state in RawHook.objects.values_list("state", flat=True):
        found[state] = found.get(state, 0) + 1
    return found


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> str:
    """A receipt of this wamid breaks whatever batch it is in, inside PostgreSQL."""
    wamid = "wamid.POISON"
    apply = Standing.apply

    def break_on_poison(self: Standing, receipt: Receipt) -> None:
        apply(self, receipt)
        if receipt.provider_id == wamid:
            with connection.cursor() as cursor:
                cursor.execute("select 1 / 0")

    monkeypatch.setattr(Standing, "apply", break_on_poison)
    return wamid


def test_one_bad_item_of_a_thousand_in_one_body_harms_none_of_the_others(
    desk: Desk, poison: str, logged: list[dict[str, Any]]
) -> None:
    deliveries = [desk.delivery() for _ in range(4)]
    good = [status(w, delivery=d.pk, wamid=f"wamid.{d.pk}") for d in deliveries for w in ("delivered", "read")]
    strangers = [status("read", wamid=f"wamid.{n}") for n in range(991)]
    bad = status("read", delivery=deliveries[0].pk, wamid=poison)
    desk.tell(*good[:4], *strangers[:500], bad, *strangers[500:], *good[4:])
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.READ}
    assert all(kinds_of(delivery) == ["delivered", "read"] for delivery in deliveries)
    assert ProviderCount.objects.get(key="unmatched").count == 991
    assert states() == {"failed": 1}
    assert ProviderCount.objects.get(key="not_applied").count == 1
    (problem,) = [entry for entry in logged if entry["event"] == "hook_item_not_applied"]
    assert problem["exc_info"]


def test_a_bad_body_harms_none_of_the_others(desk: Desk, poison: str) -> None:
    deliveries = [desk.delivery() for _ in range(6)]
    bodies = [body(change(statuses=[status("read", delivery=d.pk)])) for d in deliveries]
    bodies.insert(3, body(change(statuses=[status("read", delivery=deliveries[0].pk, wamid=poison)])))
    desk.post(*bodies)
    desk.apply()
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.READ}
    assert states() == {"done": 6, "failed": 1}


@pytest.mark.parametrize(
    "bad",
    [
        status("delivered", wamid="wamid.\0\ud800"),
        status("delivered", wamid="w" * 5000),
        status("x\0y" * 200),
        {"id": 7, "status": "read", "timestamp": "99999999999999"},
        {"id": "wamid.A", "status": {"a": 1}},
        status("failed", errors=[{"code": {"x": []}, "message": "\0\udfff"}]),
        status("delivered", recipient_user_id="AR." + "9" * 900, recipient_id="\0"),
        status("delivered", pricing={"category": "\0", "n": 10**4000}),
        "no object",
        None,
    ],
    ids=lambda bad: str(bad)[:60].encode("ascii", "backslashreplace").decode(),
)
def test_no_shape_of_a_status_harms_its_neighbours(desk: Desk, bad: Any) -> None:
    delivery, other = desk.delivery(), desk.delivery()
    if isinstance(bad, dict) and "status" in bad:
        bad = {**bad, "biz_opaque_callback_data": str(other.pk)}
    desk.tell(bad, status("read", delivery=delivery.pk))
    delivery.refresh_from_db()
    assert delivery.state == State.READ
    assert states() == {"done": 1}


def test_text_that_postgresql_refuses_is_kept_without_it(desk: Desk) -> None:
    desk.hear(message("hola\0 \ud83d"), message("bien \U0001f44d", wamid="wamid.IN2"))
    texts = set(desk.lane.inbound.values_list("text", flat=True))
    assert texts == {"hola\ufffd \ufffd", "bien \U0001f44d"}


def _deadlock() -> Exception:
    error = OperationalError("deadlock detected")
    error.__cause__ = psycopg.errors.DeadlockDetected("deadlock detected")
    return error


@pytest.mark.parametrize("error", [_deadlock(), OSError(errno.ENOSPC, "no space left"), MemoryError()], ids=repr)
@pytest.mark.parametrize("where", [(tracking, "apply"), (WhatsAppHooks, "read")], ids=["applying", "reading"])
def test_what_failed_for_the_moment_is_tried_again_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, where: tuple[Any, str]
) -> None:
    delivery = desk.delivery()
    desk.post(body(change(statuses=[status("read", delivery=delivery.pk)])))

    def fail(*_: Any, **__: Any) -> None:
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(*where, fail)
        with pytest.raises(type(error)):
            apply_batch()
    assert states() == {"new": 1}
    desk.apply()
    assert states() == {"done": 1}


def test_a_database_error_that_the_data_caused_is_not_tried_for_ever(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.post(body(change(statuses=[status("read")])))

    def refuse(*_: Any, **__: Any) -> None:
        raise DataError from psycopg.errors.DataException("no")

    monkeypatch.setattr(tracking, "apply", refuse)
    desk.apply()
    assert states() == {"failed": 1}


def test_large_bodies_are_taken_a_few_at_a_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processing, "BATCH_BYTES", 1000)
    desk.post(*(body({"field": "history", "value": {"text": "x" * size}}) for size in (5000, 100, 100, 5000)))
    assert [apply_batch() for _ in range(4)] == [1, 2, 1, 0]
    assert states() == {"done": 4}


def test_old_bodies_are_deleted_once_dealt_with(desk: Desk) -> None:
    old = clock.now() - timedelta(days=31)
    desk.post(b"{}", b"{}", b"{}")
    first, second, _ = RawHook.objects.order_by("id")
    RawHook.objects.filter(pk__in=[first.pk, second.pk]).update(received_at=old)
    RawHook.objects.exclude(pk=second.pk).update(state=RawHook.State.DONE)
    assert purge() == 1
    assert RawHook.objects.filter(pk=second.pk).exists()
    assert RawHook.objects.count() == 2


def test_one_process_applies_at_a_time(committed_desk: Desk) -> None:
    delivery = committed_desk.delivery()
    committed_desk.post(body(change(statuses=[status("read", delivery=delivery.pk)])))
    with psycopg.connect(conninfo()) as other:
        other.execute("select pg_advisory_xact_lock(%s, %s)", processing.APPLY_LOCK)
        assert apply_batch() == 0
        other.rollback()
    assert apply_batch() == 1


async def _until(done: Any) -> None:
    await asyncio.to_thread(_closing, lambda: _wait_for(done))


def _wait_for(done: Any) -> None:
    give_up_at = time.monotonic() + 20
    while not done():
        assert time.monotonic() < give_up_at, states()
        time.sleep(0.02)


def _closing(done: Any) -> Any:
    try:
        return done()
    finally:
        connection.close()


def _process(during: Any) -> None:
    async def main() -> None:
        stopping = asyncio.Event()
        task = asyncio.create_task(process_hooks(conninfo(), stopping))
        try:
            await during()
        finally:
            stopping.set()
            await task

    asyncio.run(main())


def test_the_loop_applies_what_is_there_and_what_comes(committed_desk: Desk) -> None:
    first, second = committed_desk.delivery(), committed_desk.delivery()
    committed_desk.post(body(change(statuses=[status("read", delivery=first.pk)])))

    async def during() -> None:
        await _until(lambda: states() == {"done": 1})
        await asyncio.to_thread(
            _closing, lambda: committed_desk.post(body(change(statuses=[status("read", delivery=second.pk)])))
        )
        await _until(lambda: states() == {"done": 2})

    _process(during)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.READ}


def test_the_loop_survives_the_loss_of_every_connection(committed_desk: Desk) -> None:
    delivery = committed_desk.delivery()
    connection.close()

    async def during() -> None:
        await asyncio.to_thread(_closing, lambda: committed_desk.post(b"{}"))
        await _until(lambda: states() == {"done": 1})
        await asyncio.to_thread(_kill_every_connection)
        await asyncio.to_thread(
            _closing, lambda: committed_desk.post(body(change(statuses=[status("read", delivery=delivery.pk)])))
        )
        await _until(lambda: states() == {"done": 2})

    _process(during)
    assert kinds_of(delivery) == ["read"]


def test_a_fault_of_ours_ends_the_loop_and_is_told_by_whoever_begins_it_again(
    committed_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = FileNotFoundError(errno.ENOENT, "of something that nobody foresaw")
    monkeypatch.setattr(processing, "apply_batch", Mock(side_effect=[OSError(errno.ENOSPC, "no space left"), ours]))
    with pytest.raises(FileNotFoundError):
        asyncio.run(asyncio.wait_for(process_hooks(conninfo(), asyncio.Event()), 60))


def _kill_every_connection() -> None:
    """The tests' own are made anew; the loop finds out by itself."""
    connection.close()
    connections["default"].close_pool()  # type: ignore[attr-defined]
    with psycopg.connect(conninfo(), autocommit=True) as killer:
        killer.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'"
        )


def test_a_crash_between_storing_and_applying_loses_nothing_and_repeats_nothing(
    committed_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliveries = [committed_desk.delivery() for _ in range(3)]
    committed_desk.post(*(body(change(statuses=[status("delivered", delivery=d.pk)])) for d in deliveries))

    class Killed(BaseException):
        pass

    apply = tracking.apply

    def apply_and_die(*args: Any, **kwargs: Any) -> None:
        apply(*args, **kwargs)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(tracking, "apply", apply_and_die)
        with pytest.raises(Killed):
            apply_batch()
    assert states() == {"new": 3}
    assert not DeliveryEvent.objects.filter(kind="delivered").exists()
    committed_desk.apply()
    committed_desk.apply()
    assert DeliveryEvent.objects.filter(kind="delivered").count() == 3
