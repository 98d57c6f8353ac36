"""How far a confirmed batch is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Count

from acuse.deliveries.models import Batch, BatchItem, Delivery
from acuse.deliveries.selectors import last_asked
from acuse.deliveries.statements import statement
from acuse.deliveries.states import LEFT, OPEN, State

#: Deliveries that are over, and didn't leave as far as anybody knows.
STAYED = frozenset({State.FAILED, State.UNCERTAIN, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Progress:
    #: Vouchers whose deliveries are in the outbox, and those still to be asked.
    asked: int = 0
    to_ask: int = 0
    #: Vouchers that can't be sent.
    refused: int = 0
    #: Vouchers left out because they were asked before: done with, and still in the queue.
    repeats: int = 0
    queued: int = 0
    #: Deliveries by state.
    states: Mapping[str, int] = field(default_factory=dict)
    #: Open deliveries that no lane claims, for now.
    held: int = 0

    @property
    def deliveries(self) -> int:
        return sum(self.states.values())

    @property
    def open(self) -> int:
        return self._count(OPEN)

    @property
    def left(self) -> int:
        return self._count(LEFT)

    @property
    def delivered(self) -> int:
        return self._count({State.DELIVERED, State.READ})

    @property
    def read(self) -> int:
        return self._count({State.READ})

    @property
    def stayed(self) -> int:
        return self._count(STAYED)

    @property
    def unsent(self) -> int:
        """What didn't leave: deliveries, and vouchers without any."""
        return self.stayed + self.refused

    @property
    def all(self) -> int:
        """Deliveries, and vouchers that will be some."""
        return self.deliveries + self.to_ask

    def _count(self, states: frozenset[State] | set[State]) -> int:
        return sum(self.states.get(state.value, 0) for state in states)


def progress_of(batch: Batch) -> Progress:
    outcomes: Counter[tuple[str, bool]] = Counter()
    states: Counter[str] = Counter()
    held = 0
    with connection.cursor() as cursor:
        cursor.execute(statement("batch_progress"), {"batch": batch.pk})
        for what, name, flag, count in cursor.fetchall():
            match what:
                case "voucher":
                    outcomes[name, flag] += count
                case "delivery":
                    states[name] += count
                    held += count if flag and name in OPEN else 0
                case "replaced":
                    states[name] -= count
    wanted = [BatchItem.Outcome.GOES, *([BatchItem.Outcome.REPEATS] if batch.again else [])]
    return Progress(
        asked=sum(outcomes[outcome, True] for outcome in wanted),
        to_ask=sum(outcomes[outcome, False] for outcome in wanted),
        refused=outcomes["refused", True] + outcomes["refused", False],
        repeats=0 if batch.again else outcomes["repeats", True] + outcomes["repeats", False],
        queued=outcomes["queued", True] + outcomes["queued", False],
        states={state: count for state, count in states.items() if count > 0},
        held=held,
    )


@dataclass(frozen=True, slots=True)
class Cause:
    """Why some deliveries of a batch didn't leave."""

    state: str
    code: str
    text: str
    next_step: str
    count: int


def causes_of(batch: Batch) -> list[Cause]:
    """The commonest first; what was asked again in their place left out."""
    ours = Delivery.objects.filter(batch=batch, state__in=[s.value for s in STAYED])
    stayed = last_asked(ours).order_by()
    groups = stayed.values_list("state", "cause_code", "cause_text", "cause_next_step")
    return [Cause(*row) for row in groups.annotate(count=Count("pk")).order_by("-count")[:50]]
