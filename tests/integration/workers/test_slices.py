"""What breaks in the work of one batch, or in the look at what waits in one company."""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Iterator, MutableMapping
from typing import Any
from unittest.mock import Mock

import pytest
from structlog.testing import capture_logs

from acuse.deliveries import waits
from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.models import Batch
from acuse.deliveries.waits import WaitingLook
from acuse.workers import slices, tasks
from tests.conftest import Cast
from tests.data import kept
from tests.data.cast import make_whatsapp
from tests.integration.deliveries.batch_steps import made_vouchers, open_batch

Logged = list[MutableMapping[str, Any]]
OURS = FileNotFoundError(errno.ENOENT, "of something that nobody foresaw")
PASSING = OSError(errno.ENOSPC, "no space left")


@pytest.fixture(autouse=True)
def _nothing_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "_failed", {})


@pytest.fixture
def logged() -> Iterator[Logged]:
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """What other connections see."""
    cast = Cast(**kept.cast())
    make_whatsapp(cast.company)
    return cast


@pytest.fixture
def batches(people: Cast) -> tuple[Batch, Batch]:
    made_vouchers(people, 2)
    return open_batch(people), open_batch(people)


def _work(*batches: Batch) -> list[str]:
    """As the sweep calls for them; their states then."""
    for batch in batches:
        asyncio.run(tasks.work_batch(batch_id=str(batch.pk)))
        batch.refresh_from_db()
    return [batch.state for batch in batches]


def _told(logged: Logged, level: str) -> list[tuple[str, str]]:
    assert all(entry["exc_info"] for entry in logged if entry["event"].startswith("slices_"))
    return [(entry["event"], entry["of"]) for entry in logged if entry["log_level"] == level]


def _break_sum(patched: pytest.MonkeyPatch, broken: Batch, error: Exception) -> None:
    real = batch_preview.sum_up

    def sum_up(batch: Batch) -> Any:
        if batch.pk == broken.pk:
            raise error
        return real(batch)

    patched.setattr(batch_preview, "sum_up", sum_up)


def test_a_fault_of_ours_in_one_batch_is_told_once_and_the_others_go_on(
    batches: tuple[Batch, Batch], logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = batches
    with monkeypatch.context() as patched:
        _break_sum(patched, first, OURS)
        assert _work(first, second, first, first) == ["previewing", "ready", "previewing", "previewing"]
    assert _told(logged, "error") == [("slices_failed", str(first.pk))]
    assert _told(logged, "warning") == []
    assert _work(first) == ["previewing"], "it rests"
    monkeypatch.setattr(slices, "AGAIN_AFTER", 0)
    assert _work(first) == ["ready"], "what was wrong was mended"


def test_what_passes_is_tried_again_at_the_next_call(
    batches: tuple[Batch, Batch], logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = batches
    with monkeypatch.context() as patched:
        _break_sum(patched, first, PASSING)
        assert _work(first, second) == ["previewing", "ready"]
    assert _told(logged, "warning") == [("slices_interrupted", str(first.pk))]
    assert _told(logged, "error") == []
    assert _work(first) == ["ready"]


def test_so_is_it_with_the_look_at_what_waits(people: Cast, logged: Logged, monkeypatch: pytest.MonkeyPatch) -> None:
    company = people.company
    waits.look_later(company)

    def look() -> bool:
        """Whether it is done."""
        asyncio.run(tasks.look_at_waiting(company_id=str(company.pk)))
        return not WaitingLook.objects.exists()

    with monkeypatch.context() as patched:
        patched.setattr(waits, "waiting_of", Mock(side_effect=PASSING))
        assert not look()
        patched.setattr(waits, "waiting_of", Mock(side_effect=OURS))
        assert not look()
        assert not look()
    assert _told(logged, "warning") == [("slices_interrupted", str(company.pk))]
    assert _told(logged, "error") == [("slices_failed", str(company.pk))]
    monkeypatch.setattr(slices, "AGAIN_AFTER", 0)
    assert look()
