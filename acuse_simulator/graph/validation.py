"""Whether a message is one that the platform would accept. Raises GraphError; changes nothing."""

import re
from dataclasses import dataclass, field
from typing import Any

from acuse_simulator.entities import Media, Number, Template
from acuse_simulator.errors import GraphError, missing
from acuse_simulator.graph import template_parameters
from acuse_simulator.world import World

OPAQUE_LIMIT = 512
TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024


@dataclass
class Draft:
    """A message understood: what the customer would see, and what the ledger notes."""

    to: str
    raw_to: str
    kind: str
    opaque: str | None = None
    text: str = ""
    footer: str = ""
    category: str = "service"
    media: Media | None = None
    link: str | None = None
    filename: str = ""
    template: Template | None = None
    parameters: list[str] = field(default_factory=list)
    context: str | None = None


def recipient(world: World, body: dict[str, Any]) -> tuple[str, str]:
    """(digits, as given). `to` wins over `recipient`, a business-scoped user id."""
    raw = body.get("to")
    if raw in (None, ""):
        user = body.get("recipient")
        if not isinstance(user, str) or not user:
            raise missing("to")
        customer = world.customer_of(user)
        if customer is None:
            raise GraphError(131009, f"Unknown user id {user}")
        return customer, user
    if not isinstance(raw, str):
        raise GraphError(100, message="The parameter to must be a string.")
    if not re.fullmatch(r"\+?[\d\s()\-]+", raw) or not 7 <= len(digits := re.sub(r"\D", "", raw)) <= 15:
        raise GraphError(131009, "Parameter 'to' is not a valid phone number")
    return digits, raw


def opaque_of(body: dict[str, Any]) -> str | None:
    opaque = body.get("biz_opaque_callback_data")
    if opaque is None:
        return None
    if not isinstance(opaque, str) or len(opaque) > OPAQUE_LIMIT:
        raise GraphError(100, message=f"Param biz_opaque_callback_data must be at most {OPAQUE_LIMIT} characters long.")
    return opaque


def understood(world: World, number: Number, body: dict[str, Any]) -> Draft:
    to, raw = recipient(world, body)
    draft = Draft(to, raw, str(body.get("type", "text")), opaque_of(body))
    if number.status != "CONNECTED":
        raise GraphError(133010, "The phone number is not registered on the platform")
    _check_account(world, number, to)
    if to == number.digits:
        raise GraphError(131021, "The recipient is the sender")
    if draft.kind == "template":
        _template(world, number, draft, _object(body, "template"))
    elif draft.kind == "text":
        _text(draft, _object(body, "text"))
    elif draft.kind == "document":
        _document(world, number, draft, _object(body, "document"))
    else:
        raise GraphError(131051, f"The simulator knows text, document and template, not {draft.kind!r}")
    if draft.kind != "template":
        _reply(world, number, draft, body)
    return draft


def _check_account(world: World, number: Number, to: str) -> None:
    account = world.account(number.waba)
    if account.status != "ACTIVE" or account.restricted:
        raise GraphError(131031, "The business account is locked or restricted")
    if account.funding is None:
        raise GraphError(131042, "There was an error related to the payment method of the account")
    if number.allowed is not None and to not in number.allowed:
        raise GraphError(131030, "Recipient phone number not in allowed list")
    if world.config.enforce_tier and not world.has_room_in_tier(number, to):
        raise GraphError(131048, "The portfolio has reached its limit of different people in 24 hours")


def _object(body: dict[str, Any], name: str) -> dict[str, Any]:
    value = body.get(name)
    if not isinstance(value, dict):
        raise missing(name)
    return value


def _reply(world: World, number: Number, draft: Draft, body: dict[str, Any]) -> None:
    """A free-form message: only while the customer's window is open."""
    chat = world.chats.get(draft.to)
    if chat is None or not chat.window_open(number.id, world.clock()):
        raise GraphError(131047, "More than 24 hours have passed since the recipient last replied to the sender number")
    context = body.get("context")
    if isinstance(context, dict):
        draft.context = str(context.get("message_id", "")) or None


def _text(draft: Draft, text: dict[str, Any]) -> None:
    content = text.get("body")
    if not isinstance(content, str) or not content:
        raise missing("text['body']")
    if len(content) > TEXT_LIMIT:
        raise GraphError(100, message=f"Param text['body'] must be at most {TEXT_LIMIT} characters long.")
    draft.text = content


def _document(world: World, number: Number, draft: Draft, document: dict[str, Any]) -> None:
    caption = document.get("caption", "")
    if not isinstance(caption, str) or len(caption) > CAPTION_LIMIT:
        raise GraphError(100, message=f"Param document['caption'] must be at most {CAPTION_LIMIT} characters long.")
    draft.text = caption
    _attach(world, number, draft, document)


def _attach(world: World, number: Number, draft: Draft, document: dict[str, Any]) -> None:
    """By `id` or by `link`, exactly one."""
    by_id, link = document.get("id"), document.get("link")
    if bool(by_id) == bool(link):
        raise GraphError(131008 if not by_id else 131009, "A document needs either an id or a link")
    filename = document.get("filename", "")
    if not isinstance(filename, str):
        raise GraphError(131009, "Parameter 'filename' is not a string")
    draft.filename = filename
    if link:
        if not isinstance(link, str) or not re.match(r"https?://", link):
            raise GraphError(131009, "Parameter 'link' is not a valid address")
        draft.link = link
        return
    media = world.media.get(str(by_id))
    if media is None or media.number != number.id:
        raise GraphError(
            100, message="Param document['id'] is not a valid whatsapp business account media attachment ID"
        )
    if not media.alive(world.clock()):
        raise GraphError(131053, f"Media {media.id} has expired or was deleted; upload it again")
    draft.media = media


def _template(world: World, number: Number, draft: Draft, body: dict[str, Any]) -> None:
    name, language = body.get("name"), body.get("language")
    code = language.get("code") if isinstance(language, dict) else None
    if not isinstance(name, str) or not name:
        raise GraphError(131008, "template['name'] is missing")
    if not isinstance(code, str) or not code:
        raise GraphError(131008, "template['language']['code'] is missing")
    template = world.template(number.waba, name, code)
    if template is not None and template.status == "PAUSED":
        raise GraphError(132015, f"Template {name} is paused due to low quality")
    if template is not None and template.status == "DISABLED":
        raise GraphError(132016, f"Template {name} has been paused too many times and is now disabled")
    if template is None or template.status != "APPROVED":
        raise GraphError(132001, f"template name ({name}) does not exist in {code}")
    draft.template = template
    draft.category = template.category.lower()
    filled = template_parameters.fill(template, body.get("components", []))
    draft.text, draft.footer, draft.parameters = filled.text, filled.footer, filled.parameters
    if filled.document is not None:
        _attach(world, number, draft, filled.document)
        if draft.media is not None and draft.media.mime_type != "application/pdf":
            raise GraphError(132012, f"header: the document is {draft.media.mime_type}, expected application/pdf")
