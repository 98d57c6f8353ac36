"""The states as the charts group them: in the order in which they are stacked, each with its pattern."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from acuse.deliveries.states import State


@dataclass(frozen=True, slots=True)
class Group:
    #: Names the pattern `p-<key>` of `charts/_patterns.html`.
    key: str
    word: str
    states: tuple[State, ...]

    def of(self, states: Counter[str]) -> int:
        return sum(states[state] for state in self.states)


READ = Group("read", "Leídos", (State.READ,))
DELIVERED = Group("delivered", "Entregados", (State.DELIVERED,))
SENT = Group("sent", "Enviados", (State.SENT,))
OPEN = Group("open", "En cola", (State.QUEUED, State.SENDING))
UNCERTAIN = Group("uncertain", "Sin confirmar", (State.UNCERTAIN,))
FAILED = Group("failed", "No se entregaron", (State.FAILED,))
CANCELLED = Group("cancelled", "Cancelados", (State.CANCELLED,))

GROUPS = (READ, DELIVERED, SENT, OPEN, UNCERTAIN, FAILED, CANCELLED)
