"""Deliveries in every state, for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from acuse.deliveries import services
from acuse.deliveries.models import Delivery, DeliveryEvent, Suspension
from acuse.deliveries.services import Asker
from acuse.deliveries.states import EventKind, Origin, State
from acuse.kernel import clock
from acuse.vouchers.models import Voucher

ASKER = Asker("user:ana@oeste.example", Origin.MANUAL)
NO_WHATSAPP = (
    "whatsapp.131026",
    "El número no tiene WhatsApp. Puede que sea un fijo.",
    "Revisá el celular de Compras.",
)


def ask(vouchers: Sequence[Voucher]) -> list[Delivery]:
    _, asked = services.request_for(list(vouchers), ASKER)
    return [row for rows in asked.deliveries for row in rows]


def put(delivery: Delivery, state: State, **fields: Any) -> Delivery:
    """The state as if the machinery had brought it there, with its event."""
    if state is State.FAILED:
        code, text, step = NO_WHATSAPP
        fields = {"cause_code": code, "cause_text": text, "cause_next_step": step, **fields}
    Delivery.objects.filter(pk=delivery.pk).update(state=state, updated_at=clock.now(), **fields)
    delivery.refresh_from_db()
    kinds = {kind.value for kind in EventKind}
    if state.value in kinds:
        detail = {"text": delivery.cause_text} if delivery.cause_text else {}
        DeliveryEvent.objects.create(delivery=delivery, at=clock.now(), kind=state.value, detail=detail)
    return delivery


def suspend(delivery: Delivery, scope: str = "lane") -> Suspension:
    keys = {"lane": str(delivery.lane_id), "account": delivery.account_key, "template": delivery.template_key}
    return Suspension.objects.create(
        company=delivery.company, scope=scope, key=keys[scope], cause_code="whatsapp.190",
        cause_text="Meta ya no acepta el token.", cause_next_step="Generá otro y cargalo en Parámetros.",
        since=clock.now(), probe_at=clock.now() + timedelta(minutes=15),
    )  # fmt: skip
