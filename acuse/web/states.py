"""How the states look: the same word, icon and colour everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from acuse.deliveries.policy import PEOPLE_LIMIT
from acuse.deliveries.states import State
from acuse.web import formats


@dataclass(frozen=True, slots=True)
class Look:
    word: str
    #: A template of `bs_icon_templates`.
    icon: str
    #: The CSS class `state-<tone>`.
    tone: str


LOOKS: dict[str, Look] = {
    State.QUEUED: Look("En cola", "bs_icon/clock.svg", "waiting"),
    State.SENDING: Look("Enviando", "bs_icon/three-dots.svg", "moving"),
    State.SENT: Look("Enviado", "bs_icon/check2.svg", "plain"),
    State.DELIVERED: Look("Entregado", "bs_icon/check2-all.svg", "plain"),
    State.READ: Look("Leído", "bs_icon/check2-all.svg", "read"),
    State.FAILED: Look("No se entregó", "bs_icon/x-octagon.svg", "failed"),
    State.UNCERTAIN: Look("Sin confirmar", "bs_icon/question-circle.svg", "uncertain"),
    State.CANCELLED: Look("Cancelado", "bs_icon/slash-circle.svg", "cancelled"),
}
NOT_SENT = Look("Sin enviar", "bs_icon/dash.svg", "none")

STATE_CHOICES = [(state.value, LOOKS[state].word) for state in State]

_SHORTLY = timedelta(minutes=1)

CHANNEL_NAMES = {"whatsapp": "WhatsApp", "email": "Correo"}
CHANNEL_ICONS = {"whatsapp": "bs_icon/chat-dots.svg", "email": "bs_icon/envelope.svg"}


def look_of(state: str | None) -> Look:
    return LOOKS[State(state)] if state else NOT_SENT


def leaves_at(state: str, due_at: datetime, now: datetime, cause_code: str = "") -> str:
    """`sale 8:30`, for what is held in the queue until a later moment."""
    if state != State.QUEUED or due_at - now < _SHORTLY:
        return ""
    local = timezone.localtime(due_at)
    day = "" if local.date() == timezone.localtime(now).date() else f"{formats.day_and_month(local)} "
    why = ", por el límite de Meta" if cause_code == PEOPLE_LIMIT else ""
    return f"sale {day}{local.hour}:{local:%M}{why}"


def first_sentence(text: str) -> str:
    return text.split(". ", 1)[0].rstrip(".")
