"""*Tandas*: what a person does with many vouchers at once. The work itself is `batches.work`'s."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.deliveries import waking
from acuse.deliveries.batches.preview import preview_of
from acuse.deliveries.models import Batch, BatchItem
from acuse.deliveries.services import DeliveryError
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher

#: The most vouchers of one batch.
MOST = 100_000
#: A draft that nobody confirmed is forgotten after so long.
DRAFT_LIFE = timedelta(days=1)
#: Of one person in a company: the oldest goes when there is another.
MOST_DRAFTS = 5

State = Batch.State
DRAFTS = frozenset({State.PREVIEWING, State.READY})
#: Confirmed, and not over.
UNDER_WAY = frozenset({State.RUNNING, State.PAUSED})


@transaction.atomic
def open_batch(
    *, company: Company, kind: VoucherKind, vouchers: QuerySet[Voucher], actor: str,
    selection: Mapping[str, Any] | None = None,
) -> Batch:  # fmt: skip
    """A draft with the first `MOST` of `vouchers`, in their order; of other companies and kinds none is taken. The
    actor's oldest drafts make room for it.

    `selection`: how they were chosen, to show it and to open the same again.
    """
    _forget_older(company, actor)
    batch = Batch.objects.create(
        company=company, kind=kind.value, selection=dict(selection or {}), requested_by=actor, created_at=clock.now()
    )
    ours = vouchers.filter(company=company, kind=kind.value).values("pk")[:MOST]
    query, parameters = ours.query.sql_with_params()
    with connection.cursor() as cursor:
        # the ids never leave the database
        cursor.execute(
            f"insert into deliveries_batchitem (batch_id, voucher_id) select %s, q.* from ({query}) q",  # noqa: S608
            [batch.pk, *parameters],
        )
        batch.total = cursor.rowcount
    batch.save(update_fields=["total"])
    return batch


def work_it_out_later(batch: Batch) -> None:
    """The draft is left to a worker."""
    waking.wake_batch_on_commit(batch.pk)


@transaction.atomic
def look_again(*, batch: Batch) -> None:
    """Something was mended: a draft is worked out anew. What is confirmed stays as it is."""
    locked = _locked(batch)
    if locked.state not in DRAFTS:
        return
    BatchItem.objects.filter(batch=locked).exclude(outcome=BatchItem.Outcome.WAITING).update(
        outcome=BatchItem.Outcome.WAITING
    )
    locked.state, locked.previewed = State.PREVIEWING, None
    locked.save(update_fields=["state", "previewed"])


@transaction.atomic
def confirm(*, batch: Batch, again: bool, actor: str, seen: str | None = None) -> bool:
    """Whether this call started it: pressed twice, it starts once. `seen`: the digest of the preview that whoever
    confirms had in sight. Raises DeliveryError.

    What was allowed when it was confirmed goes on, whatever becomes of the actor's role: who may send may stop it.
    """
    locked = _locked(batch)
    if locked.state == State.PREVIEWING:
        raise DeliveryError("previewing", "Todavía se está revisando. Esperá a que termine, y después enviá.")
    if locked.state != State.READY:
        return False
    if seen is not None and seen != preview_of(locked).digest:
        raise DeliveryError(
            "preview_changed", "Cambió desde que lo miraste y no se envió nada. Fijate cómo queda ahora."
        )
    locked.state, locked.again = State.RUNNING, again
    locked.requested_by, locked.confirmed_at = actor, clock.now()
    locked.save(update_fields=["state", "again", "requested_by", "confirmed_at"])
    _record(locked, "started", actor, vouchers=locked.total, again=again)
    waking.wake_batch_on_commit(locked.pk)
    return True


@transaction.atomic
def pause(*, batch: Batch, actor: str) -> bool:
    """Nothing more is asked, and what is queued is held: what has left has left. Whether it changed anything."""
    return _turn(batch, from_={State.RUNNING}, to=State.PAUSED, event="paused", actor=actor)


@transaction.atomic
def resume(*, batch: Batch, actor: str) -> bool:
    return _turn(batch, from_={State.PAUSED}, to=State.RUNNING, event="resumed", actor=actor)


@transaction.atomic
def cancel(*, batch: Batch, actor: str) -> bool:
    """What hasn't left doesn't leave. Whether it changed anything: what is over stays so."""
    if not _turn(batch, from_=UNDER_WAY, to=State.CANCELLED, event="cancelled", actor=actor):
        return False
    Batch.objects.filter(pk=batch.pk).update(cancelled_by=actor)
    return True


def _turn(batch: Batch, *, from_: Collection[Batch.State], to: Batch.State, event: str, actor: str) -> bool:
    locked = _locked(batch)
    if locked.state not in from_:
        return False
    locked.state = to
    locked.save(update_fields=["state"])
    _record(locked, event, actor)
    waking.wake_batch_on_commit(locked.pk)
    return True


def _locked(batch: Batch) -> Batch:
    return Batch.objects.select_for_update(of=("self",), no_key=True).select_related("company").get(pk=batch.pk)


def _record(batch: Batch, event: str, actor: str, **detail: Any) -> None:
    audit.record(
        company=batch.company, actor=actor, event=f"batch.{event}", target=batch.pk, kind=batch.kind, **detail
    )  # fmt: skip


def under_way(company: Company, requested_by: str) -> list[Batch]:
    """Of one person, confirmed and not over, the newest first."""
    mine = Batch.objects.filter(company=company, requested_by=requested_by, ended_at=None, state__in=UNDER_WAY)
    return list(mine.filter(total__gt=1).order_by("-confirmed_at"))


def _forget_older(company: Company, actor: str) -> None:
    """Each may hold 100,000 rows, and a click makes one."""
    theirs = Batch.objects.filter(company=company, requested_by=actor, state__in=DRAFTS, ended_at=None)
    kept = theirs.order_by("-created_at").values_list("pk", flat=True)[: MOST_DRAFTS - 1]
    _forget(theirs.exclude(pk__in=list(kept)))


def forget_drafts() -> int:
    """Drafts that nobody confirmed in a day. How many."""
    old = Batch.objects.filter(state__in=DRAFTS, ended_at=None, created_at__lt=clock.now() - DRAFT_LIFE)
    with transaction.atomic():
        return _forget(old)


def _forget(drafts: QuerySet[Batch]) -> int:
    # one that somebody confirms at this moment is no draft any more
    ids: list[UUID] = list(drafts.select_for_update(skip_locked=True).values_list("pk", flat=True))
    Batch.objects.filter(pk__in=ids).delete()
    return len(ids)
