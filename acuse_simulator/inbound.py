"""What the customer does: writes, and reads."""

from acuse_simulator import announce, ids, payloads, receipts
from acuse_simulator.entities import Message, Number
from acuse_simulator.outcomes import READ
from acuse_simulator.world import World


def business_number(world: World, customer: str, wanted: str | None = None) -> Number:
    """The number asked for, else the one that wrote last, else the first. Raises KeyError."""
    if wanted is not None:
        return world.numbers[wanted]
    chat = world.chats.get(customer)
    if chat is not None and chat.messages:
        return world.numbers[chat.messages[-1].number]
    return next(iter(world.numbers.values()))


def write(world: World, number: Number, customer: str, text: str, context: str | None = None) -> Message:
    chat = world.chat(customer)
    message = Message(
        wamid=ids.wamid(customer),
        number=number.id,
        customer=customer,
        at=world.clock(),
        inbound=True,
        text=text,
        context=context,
    )
    world.add_message(message)
    announce.publish(world, number.waba, "messages", payloads.inbound(number, chat, message))
    return message


def read_all(world: World, customer: str) -> int:
    """The customer opens the chat: what was delivered becomes read. How many."""
    chat = world.chats.get(customer)
    unread = [m for m in chat.messages if not m.inbound and m.state == "delivered"] if chat else []
    for message in unread:
        receipts.emit(world, message, READ)
    return len(unread)
