"""What happened in the demo's company before today: made up, in every state, so that its pages show something."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from zoneinfo import ZoneInfo

from django.db import transaction

from acuse.companies import services as companies
from acuse.companies.models import Company, Role
from acuse.deliveries import services
from acuse.deliveries.figures import counting, rates
from acuse.deliveries.models import Delivery, DeliveryEvent, InboundMessage
from acuse.deliveries.services import Asker
from acuse.deliveries.states import EventKind, Origin, State
from acuse.kernel import clock
from acuse.vouchers.models import Voucher

_SYSTEM = "system"
#: As a quiet month goes.
_ENDS = (
    *[State.READ] * 6, State.DELIVERED, State.SENT, *[State.READ] * 3, State.DELIVERED, State.FAILED, State.READ,
    State.DELIVERED, State.UNCERTAIN, State.READ, State.CANCELLED,
)  # fmt: skip
#: Up to which of its moments a delivery in each state has got.
_TOLD: dict[State, tuple[EventKind, ...]] = {
    State.READ: (EventKind.SENT, EventKind.DELIVERED, EventKind.READ),
    State.DELIVERED: (EventKind.SENT, EventKind.DELIVERED),
    State.SENT: (EventKind.SENT,),
    State.FAILED: (EventKind.FAILED,),
    State.UNCERTAIN: (EventKind.UNCERTAIN,),
    State.CANCELLED: (EventKind.CANCELLED,),
}
_CAUSES = {
    State.FAILED: (
        "whatsapp.131026", "El número no tiene WhatsApp. Puede que sea un fijo.",
        "Revisá el celular del contacto, o mandalo por correo.",
    ),
    State.UNCERTAIN: (
        "unknown", "WhatsApp no respondió. Puede que haya llegado: no lo repetimos sin que lo pidas.",
        "Preguntá si llegó, y decidí.",
    ),
    State.CANCELLED: ("cancelled", services.CANCELLED_BY_PERSON.text, ""),
}  # fmt: skip
#: As Meta tells it with a receipt.
_BILLED = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
_ANSWERS = ("Recibido, muchas gracias.", "Hola, ¿me mandan también el remito?", "Ok, lo paso a pago esta semana.")
#: Who else works there, and with which of the ready roles.
COLLEAGUES = (
    ("administracion@acuse.example", "Bruno, administración", "Administración"),
    ("ventas@acuse.example", "Vera, ventas", "Ventas"),
    ("compras@acuse.example", "Ciro, compras", "Compras"),
    ("consulta@acuse.example", "Nora, el estudio contable", "Consulta"),
)


@transaction.atomic
def make(company: Company, vouchers: Sequence[Voucher], actor: str) -> None:
    """Each of these was asked some day of the last weeks. Nothing of it is left to send."""
    dice = random.Random(42)  # noqa: S311 - sample data
    asker = Asker(f"user:{COLLEAGUES[1][0]}", Origin.MANUAL)
    _, asked = services.request_for(list(vouchers), asker)
    rows = [row for rows in asked.deliveries for row in rows if row.pk in asked.created]
    now = clock.now()
    for place, (row, state) in enumerate(zip(rows, cycle(_ENDS), strict=False)):
        _end(row, state, _asked_at(row, company, now, dice), dice)
        if place % 3 == 0:
            row.origin, row.requested_by = Origin.AUTOMATIC.value, _SYSTEM
    Delivery.objects.bulk_update(
        rows,
        ["state", "created_at", "updated_at", "due_at", "sent_at", "delivered_at", "read_at", "failed_at", "started_at",
         "tries", "cause_code", "cause_text", "cause_next_step", "pricing", "origin", "requested_by"],
    )  # fmt: skip
    DeliveryEvent.objects.filter(delivery__in=rows).delete()
    DeliveryEvent.objects.bulk_create(event for row in rows for event in _events(row))
    _answer([row for row in rows if row.state == State.READ][::3], now)
    rates.save_rate(
        company=company, category=rates.Category.UTILITY, market="54", currency="USD", price=Decimal("0.026"),
        valid_from=(now - timedelta(days=400)).date(), actor=actor,
    )  # fmt: skip
    counting.refresh()


def _asked_at(row: Delivery, company: Company, now: datetime, dice: random.Random) -> datetime:
    """On the day of its voucher, in office hours; today, a while ago."""
    opened = datetime.combine(row.voucher.issued_on, time(9), tzinfo=ZoneInfo(company.time_zone))
    return min(opened + timedelta(minutes=dice.randrange(0, 540)), now - timedelta(minutes=dice.randrange(10, 120)))


def _end(row: Delivery, state: State, at: datetime, dice: random.Random) -> None:
    told = _TOLD[state]
    row.state, row.created_at, row.due_at = state.value, at, at
    row.cause_code, row.cause_text, row.cause_next_step = _CAUSES.get(state, ("", "", ""))
    row.tries = 0 if state is State.CANCELLED else 1
    row.started_at = None if state is State.CANCELLED else at + timedelta(seconds=1)
    row.sent_at = at + timedelta(seconds=2) if EventKind.SENT in told else None
    row.delivered_at = at + timedelta(seconds=dice.randrange(4, 90)) if EventKind.DELIVERED in told else None
    row.read_at = at + timedelta(seconds=dice.randrange(120, 30_000)) if EventKind.READ in told else None
    if row.read_at:
        row.read_at = min(row.read_at, max(clock.now(), at + timedelta(minutes=3)))
    row.failed_at = at + timedelta(seconds=3) if state is State.FAILED else None
    row.pricing = _BILLED if row.delivered_at else None
    row.updated_at = row.read_at or row.delivered_at or row.sent_at or at


def _events(row: Delivery) -> list[DeliveryEvent]:
    moments = {EventKind.SENT: row.sent_at, EventKind.DELIVERED: row.delivered_at, EventKind.READ: row.read_at}
    detail = {"text": row.cause_text, "cause": row.cause_code} if row.cause_code else {}
    asked = {"by": row.requested_by, "origin": row.origin}
    return [
        DeliveryEvent(delivery=row, at=row.created_at, kind=EventKind.REQUESTED.value, detail=asked),
        *(
            DeliveryEvent(delivery=row, at=moments.get(kind) or row.updated_at, kind=kind.value, detail=detail)
            for kind in _TOLD[State(row.state)]
        ),
    ]


def _answer(rows: Sequence[Delivery], now: datetime) -> None:
    """The last one is read already."""
    for place, (row, text) in enumerate(zip(rows, _ANSWERS, strict=False)):
        InboundMessage.objects.create(
            company_id=row.company_id, lane_id=row.lane_id, provider_id=f"demo-{place}", sender=row.to[1:],
            sender_name=row.contact.name if row.contact else "", type="text", text=text, contact=row.contact,
            delivery=row, at=min((row.read_at or row.created_at) + timedelta(minutes=7), now), raw={},
            handled_at=now if place == len(_ANSWERS) - 1 else None,
            handled_by=f"user:{COLLEAGUES[0][0]}" if place == len(_ANSWERS) - 1 else "",
        )  # fmt: skip


def add_colleagues(company: Company, password: str, actor: str) -> None:
    """One user a ready role, all with the same password."""
    for email, name, role_name in COLLEAGUES:
        role = Role.objects.get(company=company, name=role_name)
        user = companies.add_member(company=company, email=email, role=role, actor=actor)
        user.name = name
        user.set_password(password)
        user.save()
