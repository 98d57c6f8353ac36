"""The deliveries of a voucher with what happened to each, in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch

from acuse.deliveries.answers import Said, said
from acuse.deliveries.models import Delivery, DeliveryEvent, InboundMessage, Suspension
from acuse.deliveries.selectors import held
from acuse.deliveries.states import CANCELLABLE, LEFT, EventKind, State
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from acuse.web import polling
from acuse.web.actors import by_whom, who
from acuse.web.bubbles import Bubble, TemplateText, bubble_of, texts_of
from acuse.web.polling import answer_after, look_again_after, soonest
from acuse.web.states import leaves_at

#: The newest; older ones are counted.
_SHOWN = 50
#: Within one second, what can only come first, and what can only come last.
_PLACE: dict[str, int] = {EventKind.REQUESTED: 0, EventKind.DELIVERED: 2, EventKind.READ: 3}


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Answer:
    message: InboundMessage
    said: Said


@dataclass(frozen=True, slots=True)
class Entry:
    delivery: Delivery
    moments: list[Moment]
    answers: list[Answer]
    bubble: Bubble
    #: `sale 8:30`.
    note: str
    #: Asked again already: the newer one is what counts.
    resent: bool
    #: What a queued one waits for.
    held_by: Suspension | None

    @property
    def cause(self) -> Delivery | Suspension | None:
        """Whose `cause_text` and `cause_next_step` tell why it is where it is."""
        if self.resent:
            return None
        return self.held_by or (self.delivery if self.delivery.cause_text else None)

    @property
    def may_cancel(self) -> bool:
        return self.delivery.state in CANCELLABLE

    @property
    def may_resend(self) -> bool:
        return self.delivery.state in (State.FAILED, State.CANCELLED) and not self.resent

    @property
    def may_repeat(self) -> bool:
        """It arrived, or may have: to send it again is asked first."""
        return self.delivery.state in LEFT and not self.resent

    @property
    def may_resolve(self) -> bool:
        return self.delivery.state == State.UNCERTAIN and not self.resent


@dataclass(frozen=True, slots=True)
class History:
    entries: list[Entry]
    #: Older deliveries that aren't shown.
    more: int
    poll: polling.Poll


def history_of(voucher: Voucher, *, with_answers: bool = True) -> History:
    """The newest first. As many queries for any number of deliveries."""
    of_voucher = Delivery.objects.filter(voucher=voucher)
    newest = of_voucher.select_related("contact__party", "file").prefetch_related("events", "resends")
    if with_answers:
        newest = newest.prefetch_related(Prefetch("answers", InboundMessage.objects.select_related("contact")))
    rows = list(newest.order_by("-created_at", "-id")[:_SHOWN])
    more = of_voucher.count() - _SHOWN if len(rows) == _SHOWN else 0
    now = clock.now()
    waiting = held(rows)
    texts = texts_of(rows)
    entries = [
        _entry(
            row, now, waiting.get(row.pk), texts.get(row.template_key), list(row.answers.all()) if with_answers else []
        )
        for row in rows
    ]
    waits = [look_again_after(row.state, row.updated_at, now) for row in rows]
    if with_answers:
        waits += [answer_after(row.state, row.updated_at, now) for row in rows]
    wait = soonest(waits)
    return History(entries, more, polling.Poll(wait, _fingerprint(entries)))


def _entry(
    row: Delivery,
    now: datetime,
    held_by: Suspension | None,
    text: TemplateText | None,
    answers: list[InboundMessage],
) -> Entry:
    return Entry(
        delivery=row,
        moments=_moments(row),
        answers=[Answer(message, said(message)) for message in sorted(answers, key=lambda one: (one.at, one.pk))],
        bubble=bubble_of(row.channel, row.content, text),
        note=leaves_at(row.state, row.due_at, now),
        resent=bool(row.resends.all()),
        held_by=held_by,
    )


def _moments(row: Delivery) -> list[Moment]:
    events = list(row.events.all())
    if any(event.kind == EventKind.SENT for event in events):
        events = [event for event in events if not _is_echo(event)]
    # providers tell whole seconds: a receipt of the same second may say that it came before it was asked
    events.sort(key=lambda event: (event.at.replace(microsecond=0), _PLACE.get(event.kind, 1), event.at, event.pk))
    return [moment_of(event, row) for event in events]


def _is_echo(event: DeliveryEvent) -> bool:
    """The provider's own `sent`: where its answer came, that said it already."""
    return event.kind == EventKind.PROVIDER and event.detail.get("status") == "sent"


def _fingerprint(entries: list[Entry]) -> str:
    return polling.fingerprint(":".join(map(str, _shown_of(entry))) for entry in entries)


def _shown_of(entry: Entry) -> tuple[object, ...]:
    row, held_by = entry.delivery, entry.held_by
    counts = len(entry.moments), len(entry.answers)
    return row.pk, row.state, entry.note, *counts, entry.resent, held_by and held_by.pk


def moment_of(event: DeliveryEvent, delivery: Delivery) -> Moment:
    text, tone = _WORDS[EventKind(event.kind)](event.detail, delivery.channel)
    return Moment(event.at, text, tone)


def _requested(detail: dict[str, Any], channel: str) -> tuple[str, str]:
    if detail.get("origin") == "automatic":
        return "Lo pidió el envío automático.", "plain"
    return f"Lo pidió {by_whom(detail.get('by'))}.", "plain"


def _sent(detail: dict[str, Any], channel: str) -> tuple[str, str]:
    taker = "WhatsApp" if channel == "whatsapp" else "El servidor de correo"
    held = " Lo retiene hasta revisarlo." if detail.get("note") == "held_for_quality_assessment" else ""
    return f"{taker} lo aceptó.{held}", "plain"


def _resolved(detail: dict[str, Any], channel: str) -> tuple[str, str]:
    arrived = "había llegado" if detail.get("as") == "sent" else "no había llegado"
    return f"{who(detail.get('by'))} confirmó que {arrived}.", "plain"


def _cancelled(detail: dict[str, Any], channel: str) -> tuple[str, str]:
    reason = detail.get("text") or "Se canceló antes de salir."
    by = f" ({by_whom(detail['by'])})" if detail.get("by") else ""
    return f"{reason.rstrip('.')}{by}.", "cancelled"


def _told(detail: dict[str, Any], channel: str) -> tuple[str, str]:
    what = detail.get("status") or detail.get("text") or detail.get("note") or ""
    if what == "sent" and channel == "whatsapp":
        return "WhatsApp avisó que lo envió.", "plain"
    return f"Aviso del proveedor: {what}." if what else "Aviso del proveedor.", "plain"


def _because(text: str, tone: str) -> Callable[[dict[str, Any], str], tuple[str, str]]:
    def words(detail: dict[str, Any], channel: str) -> tuple[str, str]:
        return (f"{text}: {detail['text']}" if detail.get("text") else f"{text}."), tone

    return words


_WORDS: dict[EventKind, Callable[[dict[str, Any], str], tuple[str, str]]] = {
    EventKind.REQUESTED: _requested,
    EventKind.SENT: _sent,
    EventKind.DELIVERED: lambda detail, channel: ("Llegó al teléfono.", "plain"),
    EventKind.READ: lambda detail, channel: ("Lo leyeron.", "read"),
    EventKind.FAILED: _because("No se entregó", "failed"),
    EventKind.RETRY: _because("No salió y se intenta de nuevo", "plain"),
    EventKind.SUSPENDED: _because("Quedó en espera", "uncertain"),
    EventKind.UNCERTAIN: _because("Salió y no hubo respuesta", "uncertain"),
    EventKind.CANCELLED: _cancelled,
    EventKind.RESOLVED: _resolved,
    EventKind.RESENT: lambda detail, channel: (f"{who(detail.get('by'))} lo volvió a pedir.", "plain"),
    EventKind.PROVIDER: _told,
}
