"""The receipts of a message, and what the customer's phone knows meanwhile."""

import random

from acuse_simulator import announce, payloads
from acuse_simulator.entities import Message
from acuse_simulator.outcomes import READ, Outcome, Step
from acuse_simulator.world import World

#: How far a message is; a step back doesn't show on the phone.
_RANK = {"accepted": 0, "sent": 1, "failed": 2, "delivered": 3, "read": 4}


def schedule(world: World, message: Message, outcome: Outcome) -> None:
    steps = [s for s in outcome.receipts if s != READ or world.config.delays.read is not None]
    delays = [_delay(world, step) for step in steps]
    if not outcome.in_order:
        delays.sort()
    elif world.config.hooks.disorder:
        random.shuffle(delays)
    for step, delay in zip(steps, delays, strict=True):
        for _ in range(outcome.copies):
            emit(world, message, step, delay)


def _delay(world: World, step: Step) -> float:
    delays = world.config.delays
    by_status = {"sent": delays.sent, "delivered": delays.delivered, "read": delays.read, "failed": delays.failed}
    return by_status[step.status] or 0.0


def emit(world: World, message: Message, step: Step, delay: float = 0.0) -> None:
    """One status webhook, if the account is subscribed. Sent or not, the phone learns of it when the delay is over."""
    number = world.numbers[message.number]
    chat = world.chat(message.customer)

    def happened() -> None:
        message.history.append(step.status)
        if _RANK[step.status] > _RANK[message.state]:
            message.state = step.status
        chat.revision += 1

    value = payloads.status(number, chat, message, step.status, int(world.clock() + delay), step.code)
    announce.publish(world, number.waba, "messages", value, delay, happened)
