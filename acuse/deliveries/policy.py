"""The decisions about deliveries that need no database: whom, by what, when again. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from acuse.channels.contract import AGAIN, Cause, Channel, Refusal, Scope, Verdict
from acuse.deliveries.states import RANK, State
from acuse.kernel.backoff import next_delay

#: Without a number of its own in the provider's table, a delivery is tried this often…
MAX_TRIES = 8
#: …within this time of its first try; then it is rejected.
RETRY_WINDOW = timedelta(hours=24)
BACKOFF_BASE = 5.0
BACKOFF_FACTOR = 3.0
BACKOFF_CAP = 4 * 3600.0
#: A suspension without a moment of its own tries one delivery this often.
PROBE_PERIOD = timedelta(minutes=15)
#: Meta keeps an upload 30 days; a day of margin.
MEDIA_LIFE = timedelta(days=29)
#: WhatsApp's pair limit: one message in 6 seconds to the same person, bursts borrowed from the future.
PAIR_PERIOD = 6.0
PAIR_BURST = 45
#: The cause's code of what waits for a place among the people whom the provider lets one write to in a day.
PEOPLE_LIMIT = "people_limit"

SUSPENDING_SCOPES = frozenset({Scope.LANE, Scope.ACCOUNT, Scope.TEMPLATE})


#: In the place of AGAIN, where nothing goes on by itself any more.
EXHAUSTED = "Se intentó varias veces y no salió. Reenvialo más tarde."


@dataclass(frozen=True, slots=True)
class Again:
    """Put back into the queue, due at `due_at`."""

    due_at: datetime
    #: The recipient waits too, not only this delivery.
    recipient_waits: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The delivery is `failed`."""

    flag_contact: bool
    #: Noted of the person instead: there is nothing to mend in the address.
    stop_marketing: bool = False
    #: It passes, but not in the tries or the time that there were.
    exhausted: bool = False


@dataclass(frozen=True, slots=True)
class Suspend:
    """The delivery goes back to the queue; what the scope names is suspended, and probed at `probe_at`."""

    scope: Scope
    probe_at: datetime


@dataclass(frozen=True, slots=True)
class DontKnow:
    """The delivery is `uncertain`."""


Decision = Again | GiveUp | Suspend | DontKnow


def decide(
    refusal: Refusal,
    *,
    tries: int,
    first_tried_at: datetime,
    now: datetime,
    random: Callable[[], float],
) -> Decision:
    """What becomes of a delivery whose attempt was refused. `tries` counts this attempt."""
    match refusal.verdict:
        case Verdict.UNKNOWN:
            return DontKnow()
        case Verdict.REJECTED:
            stopped = refusal.marketing_stopped
            return GiveUp(flag_contact=refusal.scope is Scope.RECIPIENT and not stopped, stop_marketing=stopped)
        case Verdict.SUSPENDED if refusal.scope in SUSPENDING_SCOPES:
            return Suspend(scope=refusal.scope, probe_at=refusal.not_before or now + PROBE_PERIOD)
        case _:
            return _again(refusal, tries=tries, first_tried_at=first_tried_at, now=now, random=random)


def _again(
    refusal: Refusal, *, tries: int, first_tried_at: datetime, now: datetime, random: Callable[[], float]
) -> Again | GiveUp:
    limit = refusal.max_tries or MAX_TRIES
    if tries >= limit or now - first_tried_at >= RETRY_WINDOW:
        return GiveUp(flag_contact=False, exhausted=True)
    if refusal.backoff_base is not None:
        delay = min(refusal.backoff_base**tries, BACKOFF_CAP)
    else:
        delay = next_delay(tries, base=BACKOFF_BASE, factor=BACKOFF_FACTOR, cap=BACKOFF_CAP, random=random)
    due_at = now + timedelta(seconds=delay)
    if refusal.not_before is not None and refusal.not_before > due_at:
        due_at = refusal.not_before
    return Again(due_at=due_at, recipient_waits=refusal.scope is Scope.RECIPIENT)


def exhausted(cause: Cause) -> Cause:
    """As it is told once nothing more is tried."""
    return replace(cause, next_step=cause.next_step.replace(AGAIN, EXHAUSTED))


def suspended_thing(scope: Scope, lane_id: int, account_key: str, template_key: str) -> tuple[Scope, str]:
    """The scope and the key of a suspension; without a template there is only the lane to stop."""
    match scope:
        case Scope.ACCOUNT:
            return scope, account_key
        case Scope.TEMPLATE if template_key:
            return scope, template_key
        case _:
            return Scope.LANE, str(lane_id)


@dataclass(frozen=True, slots=True)
class Address:
    channel: Channel
    to: str


def choose_addresses(
    *, addresses: Mapping[Channel, str], order: Sequence[Channel], every: bool, available: Iterable[Channel]
) -> list[Address]:
    """Where a contact gets it: the first channel for which it has an address and the company a lane, or every one."""
    usable = frozenset(available)
    found = [Address(channel, addresses[channel]) for channel in order if channel in usable and addresses.get(channel)]
    return found if every else found[:1]


@dataclass(frozen=True, slots=True)
class Segment:
    """The customer classes that automatic sending covers; nothing chosen covers everyone."""

    class_ids: frozenset[int]
    unclassified: bool

    def covers(self, *, is_customer: bool, class_id: int | None) -> bool:
        if not is_customer or (not self.class_ids and not self.unclassified):
            return True
        return self.unclassified if class_id is None else class_id in self.class_ids


def moves_forward(current: State, told: State) -> bool:
    """Whether a receipt changes the state: only forward, but a failure never undoes a delivery that is known."""
    if current is State.CANCELLED:
        return told in (State.DELIVERED, State.READ)
    return RANK[told] > RANK[current]
