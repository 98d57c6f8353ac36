"""What is done to deliveries: ask, cancel, ask again, resolve, resume."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from acuse.channels.contract import Cause, Channel
from acuse.companies import audit
from acuse.deliveries import planning, waking
from acuse.deliveries.faults import plan_or_fault
from acuse.deliveries.models import Batch, Delivery, DeliveryEvent, DeliveryPolicy, Suspension
from acuse.deliveries.planning import Named, Plan, Planned
from acuse.deliveries.statements import statement
from acuse.deliveries.states import CANCELLABLE, OPEN, RESENDABLE, EventKind, Origin, Priority, State
from acuse.kernel import clock, redact
from acuse.kernel.ids import new_id
from acuse.vouchers.models import Voucher

_BATCH = 1000

CANCELLED_BY_PERSON = Cause("cancelled", "Lo canceló una persona antes de salir.")
RESOLVED_NOT_SENT = Cause("not_sent", "Una persona confirmó que no llegó.")


class DeliveryError(ValueError):
    """Refused: the text says why and the way out, in Spanish."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Asker:
    """Who or what asks."""

    label: str
    origin: Origin
    priority: int = Priority.BY_HAND
    #: The batch that it is asked for, and whether that one is held.
    batch_id: UUID | None = None
    held: bool = False


@dataclass(slots=True)
class Asked:
    """The deliveries of each plan, in the plans' order, and which of them are new."""

    deliveries: list[list[Delivery]] = field(default_factory=list)
    created: set[UUID] = field(default_factory=set)


class Repeated(NamedTuple):
    """What `repeat` answers."""

    delivery: Delivery
    is_new: bool


def goes_alone(voucher: Voucher) -> bool:
    """Whether the automatic service is on for its company and its kind."""
    return (
        voucher.company.automatic_service
        and DeliveryPolicy.objects.filter(company_id=voucher.company_id, kind=voucher.kind, automatic=True).exists()
    )


@transaction.atomic
def request(plans: Sequence[Plan], asker: Asker, *, again: bool = False, replaces: bool = False) -> Asked:
    """One delivery a (voucher version, address, channel) of the sendable plans; asking twice answers the same ones.

    `again`: what was asked before is asked once more, as a new delivery linked to the last one. `replaces`: what was
    asked of a version that is no more, in the name of who asked it then.
    """
    if again:
        # no constraint tells two resends apart: whoever asks at the same time waits, and finds the first one's
        lock_vouchers([plan.voucher.pk for plan in plans])
    wanted = [_rows_of(plan, asker) for plan in plans]
    asked = Asked()
    existing = _existing([row for rows in wanted for row in rows])
    fresh: list[Delivery] = []
    for rows in wanted:
        answer = []
        for row in rows:
            before = existing.get(_key(row))
            if before is None or (again and before.state not in OPEN):
                row.resend_of = before
                fresh.append(row)
                answer.append(row)
            else:
                answer.append(before)
        asked.deliveries.append(answer)
    _insert(fresh, asked)
    if any(row.pk not in asked.created for row in fresh):
        _reread_raced(asked)
    if not replaces:
        _tell(plans, asked, asker)
    waking.wake_on_commit({row.lane_id for row in fresh})
    return asked


def _tell(plans: Sequence[Plan], asked: Asked, asker: Asker) -> None:
    """The audit of asking, here so that whoever asks can't forget it. A batch has one entry for all of it, and what
    goes alone by what was configured has its own history."""
    if asker.batch_id is not None or asker.origin in (Origin.AUTOMATIC, Origin.SYSTEM):
        return
    told = [
        (plan.voucher.pk, _told_of(new))
        for plan, rows in zip(plans, asked.deliveries, strict=True)
        if (new := [row for row in rows if row.pk in asked.created])
    ]
    if told:
        audit.record_several(company=plans[0].voucher.company, actor=asker.label, event="delivery.requested", told=told)


def _told_of(rows: Sequence[Delivery]) -> dict[str, Any]:
    return {
        "to": [redact.mask_email(row.to) if "@" in row.to else redact.mask_e164(row.to) for row in rows],
        "deliveries": [str(row.pk) for row in rows],
    }


def lock_vouchers(voucher_ids: Iterable[UUID]) -> None:
    list(Voucher.objects.select_for_update().filter(pk__in=voucher_ids).order_by("pk").values_list("pk"))


def _rows_of(plan: Plan, asker: Asker) -> list[Delivery]:
    rows: dict[tuple[str, str], Delivery] = {}
    for message in plan.messages:
        rows.setdefault((message.address.channel.value, message.address.to), _row(plan.voucher, message, asker))
    return list(rows.values())


def _row(voucher: Voucher, message: Planned, asker: Asker) -> Delivery:
    frozen, now = message.frozen, clock.now()
    return Delivery(
        id=new_id(),
        company_id=voucher.company_id,
        voucher=voucher,
        version=voucher.version,
        kind=voucher.kind,
        contact=message.contact,
        channel=message.address.channel.value,
        lane_id=frozen.lane_id,
        account_key=frozen.account_key,
        template_key=frozen.template_key,
        to=message.address.to,
        priority=asker.priority,
        batch_id=asker.batch_id,
        held=asker.held,
        origin=asker.origin.value,
        requested_by=asker.label,
        due_at=now,
        content=frozen.content,
        # what is sendable has its file; read by its id, so that no file's row is fetched
        file_id=voucher.file_id or "",
        file_name=frozen.file_name,
        created_at=now,
        updated_at=now,
    )


def _key(row: Delivery) -> tuple[UUID, int, str, str]:
    return row.voucher_id, row.version, row.channel, row.to


def _existing(rows: Sequence[Delivery]) -> dict[tuple[UUID, int, str, str], Delivery]:
    """The newest delivery of each key."""
    ids = {row.voucher_id for row in rows}
    found = Delivery.objects.filter(voucher_id__in=ids).order_by("created_at", "id")
    return {_key(row): row for row in found}


def _insert(rows: Sequence[Delivery], asked: Asked) -> None:
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=_BATCH)
    with connection.cursor() as cursor:
        cursor.execute(statement("requested"), {"ids": [row.pk for row in rows]})
        asked.created = {pk for (pk,) in cursor.fetchall()}


def _reread_raced(asked: Asked) -> None:
    """Somebody asked the same at the same time, and was first: theirs is the answer."""
    everything = [row for rows in asked.deliveries for row in rows]
    first = _existing([row for row in everything if row.pk not in asked.created])
    asked.deliveries = [
        [first.get(_key(row), row) if row.pk not in asked.created else row for row in rows] for rows in asked.deliveries
    ]


def request_for(
    vouchers: Sequence[Voucher], asker: Asker, *, named: Named | None = None, again: bool = False
) -> tuple[list[Plan], Asked]:
    """Plan and ask, for vouchers of one company."""
    if not vouchers:
        return [], Asked()
    office = planning.open_office(vouchers[0].company, vouchers)
    plans = [plan_or_fault(voucher, office, named) for voucher in vouchers]
    return plans, request(plans, asker, again=again)


def cancel(delivery: Delivery, *, actor: str) -> Delivery:
    """Before it leaves. Raises DeliveryError."""
    with transaction.atomic():
        locked = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
        if locked.state == State.CANCELLED:
            return locked
        if locked.state not in CANCELLABLE:
            raise DeliveryError("not_cancellable", "Ya salió, y lo que salió no se puede cancelar.")
        cancel_queued([locked], CANCELLED_BY_PERSON, actor)
        audit.record(company=locked.company, actor=actor, event="delivery.cancelled", target=locked.pk)
    locked.refresh_from_db()
    return locked


def cancel_queued(rows: Iterable[Delivery], cause: Cause, actor: str) -> None:
    """The caller holds them locked."""
    now, ids = clock.now(), [row.pk for row in rows]
    Delivery.objects.filter(pk__in=ids, state=State.QUEUED).update(
        state=State.CANCELLED, cause_code=cause.code, cause_text=cause.text, cause_next_step="", updated_at=now
    )
    DeliveryEvent.objects.bulk_create(
        DeliveryEvent(
            delivery_id=pk, at=now, kind=EventKind.CANCELLED.value,
            detail={"cause": cause.code, "text": cause.text, "by": actor},
        )
        for pk in ids
    )  # fmt: skip


def resend(delivery: Delivery, asker: Asker, *, due_at: datetime | None = None) -> Delivery:
    """Ask for it again: a new delivery, linked. One that waits already is the answer. Raises DeliveryError."""
    return repeat(delivery, asker, due_at=due_at).delivery


@transaction.atomic
def repeat(delivery: Delivery, asker: Asker, *, due_at: datetime | None = None) -> Repeated:
    """`resend()`, which also tells whether the answer is a new one. Raises DeliveryError."""
    locked = (
        Delivery.objects.select_for_update(of=("self",))
        .select_related("voucher__company", "voucher__party", "contact", "lane")
        .get(pk=delivery.pk)
    )
    if locked.state not in RESENDABLE:
        raise DeliveryError("still_open", "Todavía está en cola: no hace falta pedirlo de nuevo.")
    waiting = (
        Delivery.objects.filter(
            # a contact's address may have changed since: then its repetition goes elsewhere
            Q(to=locked.to) | Q(resend_of=locked),
            voucher=locked.voucher_id, version=locked.voucher.version, channel=locked.channel,
            state__in=[s.value for s in OPEN],
        )
        .order_by("-created_at")
        .first()
    )  # fmt: skip
    if waiting is not None:
        return Repeated(waiting, is_new=False)
    if locked.contact is not None and locked.contact.party_id != locked.voucher.party_id:
        raise DeliveryError("other_party", "El comprobante ahora es de otro cliente. Envialo desde su página.")
    if locked.contact is None:
        raise DeliveryError("no_contact", "El contacto ya no existe. Elegí otro y enviá el comprobante de nuevo.")
    office = planning.open_office(locked.company, [locked.voucher])
    plan = plan_or_fault(locked.voucher, office, Named(contacts=(locked.contact,), channel=Channel(locked.channel)))
    if not plan.sendability.sendable:
        raise DeliveryError(plan.sendability.reasons[0].code, plan.sendability.reasons[0].text)
    if asker.origin is Origin.SYSTEM:
        # in its batch's name, and as that one stands; a person's click is a click
        asker = in_batch(asker, locked.batch_id)
    row = _row(locked.voucher, plan.messages[0], asker)
    row.resend_of, row.due_at = locked, due_at or row.due_at
    _insert([row], Asked())
    audit.record(company=locked.company, actor=asker.label, event="delivery.resent", target=locked.pk, new=str(row.pk))
    waking.wake_on_commit({row.lane_id})
    return Repeated(row, is_new=True)


def in_batch(asker: Asker, batch_id: UUID | None) -> Asker:
    """`asker` for a batch, which doesn't change its state until the transaction ends. Raises DeliveryError."""
    if batch_id is None:
        return asker
    with connection.cursor() as cursor:
        cursor.execute(statement("batch_share"), [batch_id])
        state = cursor.fetchone()[0]
    if state == Batch.State.CANCELLED:
        raise DeliveryError("batch_cancelled", "Se canceló la tanda en la que iba.")
    return replace(asker, batch_id=batch_id, held=state == Batch.State.PAUSED)


@transaction.atomic
def resolve(delivery: Delivery, *, sent: bool, actor: str) -> Delivery:
    """A person decides what became of an uncertain one. Raises DeliveryError."""
    locked = Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
    if locked.state != State.UNCERTAIN:
        raise DeliveryError("not_uncertain", "No está sin confirmar: no hay nada que decidir.")
    now = clock.now()
    if sent:
        locked.state, locked.sent_at = State.SENT, locked.sent_at or now
        locked.cause_code = locked.cause_text = locked.cause_next_step = ""
    else:
        locked.state, locked.failed_at = State.FAILED, now
        locked.cause_code, locked.cause_text, locked.cause_next_step = (
            RESOLVED_NOT_SENT.code,
            RESOLVED_NOT_SENT.text,
            "",
        )
    locked.updated_at = now
    locked.save()
    DeliveryEvent.objects.create(
        delivery=locked,
        at=now,
        kind=EventKind.RESOLVED.value,
        detail={"as": "sent" if sent else "not_sent", "by": actor},
    )
    audit.record(company=locked.company, actor=actor, event="delivery.resolved", target=locked.pk, sent=sent)
    return locked


@transaction.atomic
def resume(suspensions: Iterable[Suspension], *, actor: str) -> None:
    """A person mended it: what waits goes on."""
    for suspension in suspensions:
        Suspension.objects.filter(pk=suspension.pk, ended_at=None).update(ended_at=clock.now(), ended_by=actor)
        audit.record(
            company=suspension.company, actor=actor, event="suspension.ended", target=suspension.key,
            scope=suspension.scope,
        )  # fmt: skip
        waking.wake_on_commit(_lanes_of(suspension))


def _lanes_of(suspension: Suspension) -> set[int]:
    if suspension.scope == "lane":
        return {int(suspension.key)}
    account = suspension.key.split("/", 1)[0]
    held = Delivery.objects.filter(company=suspension.company, account_key=account, state=State.QUEUED)
    return set(held.values_list("lane_id", flat=True).distinct())
