"""What a refusal makes of an attempt, as the outbox settles it. Pure."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from acuse.channels.contract import Refusal
from acuse.deliveries import policy
from acuse.deliveries.lane.attempt import Attempt
from acuse.deliveries.lane.outbox import Outcome
from acuse.deliveries.states import EventKind, State


def outcome_of(attempt: Attempt, refusal: Refusal, decision: policy.Decision, now: datetime) -> Outcome:
    detail = {"cause": refusal.cause.code, "text": refusal.cause.text, **refusal.detail}
    outcome = partial(Outcome, attempt.id, attempt.number, cause=refusal.cause, detail=detail)
    match decision:
        case policy.DontKnow():
            return outcome(state=State.UNCERTAIN, event=EventKind.UNCERTAIN, counted=1)
        case policy.GiveUp(exhausted=True):
            cause = policy.exhausted(refusal.cause)
            return outcome(state=State.FAILED, event=EventKind.FAILED, counted=1, cause=cause)
        case policy.GiveUp(flag_contact=flag, stop_marketing=stop):
            ended = partial(outcome, state=State.FAILED, event=EventKind.FAILED, counted=1)
            return ended(flag_contact=flag, stop_marketing=stop)
        case policy.Again(due_at=due_at):
            return outcome(state=State.QUEUED, event=EventKind.RETRY, counted=1, due_at=due_at)
        case policy.Suspend():
            return outcome(state=State.QUEUED, event=EventKind.SUSPENDED, due_at=now)
