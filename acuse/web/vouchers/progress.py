"""How far a voucher has got: the furthest of the deliveries of its present version, those asked again left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from acuse.deliveries.figures.reach import REACHES
from acuse.deliveries.models import Delivery
from acuse.deliveries.selectors import last_asked
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from acuse.web.polling import look_again_after, soonest
from acuse.web.states import first_sentence, leaves_at


@dataclass(frozen=True, slots=True)
class Progress:
    #: None: never asked.
    state: str | None = None
    #: In few words: when it leaves, why it failed, or that another of its deliveries did.
    note: str = ""
    #: Seconds until the next look; 0 = nothing more will happen.
    look_again: int = 0


def progress_of(vouchers: Iterable[Voucher]) -> dict[UUID, Progress]:
    """One query for any number of vouchers."""
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    last = last_asked(Delivery.objects.filter(voucher__in=[v.pk for v in vouchers], version=F("voucher__version")))
    for delivery in last.only("voucher_id", "state", "due_at", "cause_code", "cause_text", "updated_at"):
        found[delivery.voucher_id].append(delivery)
    now = clock.now()
    return {voucher_id: _progress(deliveries, now) for voucher_id, deliveries in found.items()}


def _progress(deliveries: Sequence[Delivery], now: datetime) -> Progress:
    # of what is queued and what is being sent, the latter
    furthest = max(deliveries, key=lambda delivery: (REACHES[delivery.state], delivery.state == State.SENDING))
    wait = soonest(look_again_after(d.state, d.updated_at, now) for d in deliveries)
    return Progress(furthest.state, _note(furthest, deliveries, now), wait)


def _note(furthest: Delivery, deliveries: Sequence[Delivery], now: datetime) -> str:
    if furthest.state == State.FAILED:
        return first_sentence(furthest.cause_text)
    failed = sum(delivery.state == State.FAILED for delivery in deliveries)
    unsure = sum(delivery.state == State.UNCERTAIN for delivery in deliveries)
    if failed:
        return f"{failed} no se entregó" if failed == 1 else f"{failed} no se entregaron"
    if unsure and furthest.state != State.UNCERTAIN:
        return f"{unsure} sin confirmar"
    return leaves_at(furthest.state, furthest.due_at, now, furthest.cause_code)
