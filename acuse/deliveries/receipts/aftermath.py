"""What follows from a failure that a receipt told, in its transaction: note of whom, slow down, suspend, repeat."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import connection

from acuse.channels.contract import Refusal, Scope
from acuse.channels.models import Lane
from acuse.deliveries import policy, services
from acuse.deliveries.models import Delivery, MediaUpload, Suspension
from acuse.deliveries.receipts.standing import Standing
from acuse.deliveries.services import Asker, DeliveryError
from acuse.deliveries.statements import statement
from acuse.deliveries.states import Origin

log = structlog.get_logger(__name__)

LABEL = "system:receipt"
_STEP_LENGTH = Delivery._meta.get_field("cause_next_step").max_length
#: How old a complaint of the pace may be, in the provider's words, to count.
SLOW_SINCE = timedelta(minutes=1)


def follow(failed: Sequence[Standing], *, now: datetime) -> None:
    """`failed`: deliveries that receipts have just made `failed`, each with its refusal."""
    if not failed:
        return
    rows = Delivery.objects.in_bulk([standing.id for standing in failed])
    slow_down({standing.lane_id for standing in failed if _too_fast(standing, now)}, now=now)
    for standing in failed:
        if standing.refusal is not None:
            _follow(rows[standing.id], standing.refusal, standing.refused_at or now, now)


def slow_down(lane_ids: Collection[int], *, now: datetime) -> None:
    """The provider says that these lanes send too fast: who runs them, here or elsewhere, looks every second."""
    if lane_ids:
        Lane.objects.filter(pk__in=lane_ids).update(slowed_at=now)
        log.warning("lanes_slowed_by_receipt", lanes=sorted(lane_ids))


def _too_fast(standing: Standing, now: datetime) -> bool:
    """Told of what left just now: the pace of a while ago says nothing of today's."""
    refusal, told_at = standing.refusal, standing.refused_at or now
    return refusal is not None and refusal.slow_down and now - told_at < SLOW_SINCE


def _follow(row: Delivery, refusal: Refusal, told_at: datetime, now: datetime) -> None:
    chain = _chain(row, since=now - policy.RETRY_WINDOW)
    decision = policy.decide(
        refusal, tries=_tries(chain, refusal), first_tried_at=chain[-1].first_tried_at or chain[-1].created_at, now=now,
        random=random.random,
    )  # fmt: skip
    match decision:
        case policy.GiveUp(flag_contact=True):
            _flag(row, refusal)
        case policy.GiveUp(stop_marketing=True):
            _stop_marketing(row, told_at)
        case policy.GiveUp(exhausted=True):
            _leave(row, policy.exhausted(refusal.cause).next_step)
        case policy.Again(due_at=due_at, recipient_waits=waits):
            if refusal.upload_again:
                _forget_upload(row)
            if waits:
                _hold_recipient(row, due_at, now)
            _ask_again(row, due_at)
        case policy.Suspend(scope=scope, probe_at=probe_at):
            _suspend(row, scope, refusal, probe_at=probe_at, told_at=told_at, now=now)
            if len(chain) < policy.MAX_TRIES:
                # it waits in the queue for the suspension's end
                _ask_again(row, now)
        case _:
            return


def _chain(row: Delivery, *, since: datetime) -> list[Delivery]:
    """The delivery and those that the system asked it in place of, newest first, within the window."""
    chain = [row]
    while chain[-1].origin == Origin.SYSTEM and chain[-1].resend_of_id and len(chain) < policy.MAX_TRIES:
        previous = Delivery.objects.get(pk=chain[-1].resend_of_id)
        if previous.created_at < since:
            break
        chain.append(previous)
    return chain


def _tries(chain: Sequence[Delivery], refusal: Refusal) -> int:
    """A limit of the provider's table counts that failure alone; ours counts them all."""
    if refusal.max_tries is None:
        return len(chain)
    return sum(1 for row in chain if row.cause_code == refusal.cause.code)


def _ask_again(row: Delivery, due_at: datetime) -> None:
    try:
        services.resend(row, Asker(LABEL, Origin.SYSTEM, row.priority), due_at=due_at)
    except DeliveryError as error:
        # it may not be sent any more, or we can't prepare it: the failure stands, with its cause
        log.warning("not_asked_again", delivery=str(row.pk), reason=error.code)
        _leave(row, f"No se volvió a pedir solo. {error}"[:_STEP_LENGTH])


def _leave(row: Delivery, step: str) -> None:
    """As it is: what its cause says of going on by itself isn't so."""
    Delivery.objects.filter(pk=row.pk).update(cause_next_step=step)


def _flag(row: Delivery, refusal: Refusal) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("flag_contacts"), {"ids": [row.pk], "texts": [refusal.cause.text]})


def _stop_marketing(row: Delivery, told_at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("stop_marketing"), {"ids": [row.pk], "at": told_at})


def _forget_upload(row: Delivery) -> None:
    """The one that this delivery used; a newer one may be good."""
    used = MediaUpload.objects.filter(lane_id=row.lane_id, sha256=row.file_id)
    (used.filter(uploaded_at__lte=row.started_at) if row.started_at else used).delete()


def _hold_recipient(row: Delivery, due_at: datetime, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("hold_recipient"), {"lane": row.lane_id, "to": row.to, "due_at": due_at, "now": now})


def _suspend(
    row: Delivery, scope: Scope, refusal: Refusal, *, probe_at: datetime, told_at: datetime, now: datetime
) -> None:
    scope, key = policy.suspended_thing(scope, row.lane_id, row.account_key, row.template_key)
    if Suspension.objects.filter(scope=scope.value, key=key, ended_at__gt=told_at).exists():
        # old news: it was mended since
        return
    cause = refusal.cause
    with connection.cursor() as cursor:
        cursor.execute(
            statement("suspend"),
            {"company": row.company_id, "scope": scope.value, "key": key, "code": cause.code, "text": cause.text,
             "step": cause.next_step, "now": now, "probe_at": probe_at},
        )  # fmt: skip
    log.warning("suspended_by_receipt", scope=scope.value, lane=row.lane_id, cause=cause.code)
