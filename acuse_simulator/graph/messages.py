"""POST /{phone}/messages."""

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from acuse_simulator import ids, outcomes, receipts
from acuse_simulator.connections import Cut, HalfBody
from acuse_simulator.entities import Message, Number
from acuse_simulator.errors import GraphError, missing
from acuse_simulator.graph.access import MESSAGING, number_of, require_token
from acuse_simulator.graph.validation import Draft, opaque_of, understood
from acuse_simulator.outcomes import Answer, Outcome
from acuse_simulator.world import World

ERROR_PAGE = (
    "<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Sorry, something went wrong.</h1></body></html>"
)


async def send(request: Request) -> Response:
    world = require_token(request, MESSAGING)
    number = number_of(world, request, "post")
    body = await _json(request)
    if body.get("messaging_product") != "whatsapp":
        raise missing("messaging_product")
    if body.get("status") == "read":
        return _mark_read(world, body)
    try:
        draft = understood(world, number, body)
        _make_room(world, number, draft)
    except GraphError as error:
        _note_refused_body(world, number, body, error.code)
        raise
    world.tries[draft.to] += 1
    outcome = outcomes.for_try(outcomes.scripted(draft.to, world.overrides), world.tries[draft.to])
    if outcome.answer not in outcomes.ACCEPTING:
        _note(world, number, draft, outcome, wamid=None)
        return _refusal(outcome)
    message = _accept(world, number, draft, outcome)
    return await _answer(world, outcome, _accepted(world, draft, message, outcome))


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except ValueError:
        raise GraphError(100, message="Invalid JSON in the body of the request.") from None
    if not isinstance(body, dict):
        raise GraphError(100, message="The body of the request must be an object.")
    return body


def _make_room(world: World, number: Number, draft: Draft) -> None:
    now = world.clock()
    if not world.limits.number_has_room(number.id, number.throughput, now):
        raise GraphError(
            130429, "Message failed to send because there were too many messages sent from this phone number"
        )
    if not world.limits.pair_has_room(number.id, draft.to, now):
        raise GraphError(131056, "Too many messages sent from this phone number to the same recipient")


def _mark_read(world: World, body: dict[str, Any]) -> Response:
    message = world.messages.get(str(body.get("message_id")))
    if message is None or not message.inbound:
        raise GraphError(131009, "Message id is invalid")
    for earlier in world.chat(message.customer).messages:
        if earlier.inbound and earlier.number == message.number and earlier.at <= message.at:
            earlier.state = "read"
    world.chat(message.customer).revision += 1
    world.ledger.write("read", wamid=message.wamid, number=message.number)
    return JSONResponse({"success": True})


def _note_refused_body(world: World, number: Number, body: dict[str, Any], code: int) -> None:
    """What couldn't be understood is noted as it came."""
    try:
        opaque = opaque_of(body)
    except GraphError:
        opaque = None
    world.ledger.message(
        number=number.id,
        to=body.get("to"),
        opaque=opaque,
        accepted=False,
        wamid=None,
        code=code,
        outcome="invalid",
        body=body,
    )


def _note(world: World, number: Number, draft: Draft, outcome: Outcome, wamid: str | None) -> None:
    world.ledger.message(
        number=number.id,
        to=draft.raw_to,
        customer=draft.to,
        type=draft.kind,
        template=draft.template.name if draft.template else None,
        language=draft.template.language if draft.template else None,
        parameters=draft.parameters,
        text=draft.text,
        media=draft.media.id if draft.media else None,
        sha256=draft.media.sha256 if draft.media else None,
        link=draft.link,
        filename=draft.filename,
        opaque=draft.opaque,
        accepted=wamid is not None,
        wamid=wamid,
        code=outcome.code if wamid is None else None,
        outcome=outcome.name,
        attempt=world.tries[draft.to],
    )


def _accept(world: World, number: Number, draft: Draft, outcome: Outcome) -> Message:
    message = Message(
        wamid=ids.wamid(draft.to),
        number=number.id,
        customer=draft.to,
        at=world.clock(),
        inbound=False,
        text=draft.text,
        footer=draft.footer,
        media=draft.media.id if draft.media else None,
        filename=draft.filename,
        opaque=draft.opaque,
        category=draft.category,
        context=draft.context,
    )
    world.add_message(message)
    _note(world, number, draft, outcome, message.wamid)
    if draft.media is not None and draft.media.broken:
        outcome = outcomes.BROKEN_MEDIA
    receipts.schedule(world, message, outcome)
    return message


def _accepted(world: World, draft: Draft, message: Message, outcome: Outcome) -> dict[str, Any]:
    item = {"id": message.wamid}
    if draft.kind == "template":
        held = outcome.answer is Answer.HELD
        item["message_status"] = "held_for_quality_assessment" if held else "accepted"
    contact = {"input": draft.raw_to, "wa_id": draft.to}
    if draft.raw_to == world.chat(draft.to).user_id:
        contact = {"input": draft.raw_to, "user_id": draft.raw_to}
    return {"messaging_product": "whatsapp", "contacts": [contact], "messages": [item]}


async def _answer(world: World, outcome: Outcome, body: dict[str, Any]) -> Response:
    match outcome.answer:
        case Answer.SLOW | Answer.VERY_SLOW:
            slow = outcome.answer is Answer.SLOW
            if not await world.pause(world.config.slow_seconds if slow else world.config.very_slow_seconds):
                return Cut()
        case Answer.LOST:
            return Cut()
        case Answer.HALF:
            return HalfBody(json.dumps(body).encode())
        case _:
            pass
    return JSONResponse(body)


def _refusal(outcome: Outcome) -> Response:
    match outcome.answer:
        case Answer.CLOSED:
            return Cut()
        case Answer.HTML:
            return Response(ERROR_PAGE, status_code=outcome.code, media_type="text/html")
        case Answer.REDIRECT:
            return RedirectResponse("/elsewhere", status_code=302)
        case _:
            raise GraphError(outcome.code, f"Scripted by the recipient's last digits: {outcome.name}")
