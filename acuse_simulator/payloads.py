"""Webhook payloads in their shapes of 2026 (Meta, status messages webhook reference; business-scoped user ids)."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from acuse_simulator import errors
from acuse_simulator.entities import Chat, Message, Number, Template


@dataclass(frozen=True)
class Item:
    """One change of one account, on its way to a callback."""

    waba: str
    field: str
    value: dict[str, Any]
    at: int
    url: str | None = None  #: an override of the account; None: the app's callback


def _value(number: Number, **parts: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": number.digits, "phone_number_id": number.id}
    return {"messaging_product": "whatsapp", "metadata": metadata, **parts}


def _contact(chat: Chat) -> dict[str, Any]:
    return {"profile": {"name": chat.name}, "wa_id": chat.customer, "user_id": chat.user_id}


def status(number: Number, chat: Chat, message: Message, name: str, at: int, code: int | None = None) -> dict[str, Any]:
    """A `failed` one carries no contacts, no user id and no pricing."""
    item: dict[str, Any] = {"id": message.wamid, "status": name, "timestamp": str(at), "recipient_id": chat.customer}
    if message.opaque is not None:
        item["biz_opaque_callback_data"] = message.opaque
    if name == "failed":
        assert code is not None, "a failure has a code"  # noqa: S101 -- a script without one is a bug of this package
        item["errors"] = [errors.asynchronous(code)]
        return _value(number, statuses=[item])
    item["recipient_user_id"] = chat.user_id
    if name in ("sent", "delivered"):
        item["pricing"] = {
            "billable": True,
            "pricing_model": "PMP",
            "type": "regular",
            "category": message.category,
        }
    return _value(number, contacts=[_contact(chat)], statuses=[item])


def inbound(number: Number, chat: Chat, message: Message) -> dict[str, Any]:
    item: dict[str, Any] = {
        "from": chat.customer,
        "from_user_id": chat.user_id,
        "id": message.wamid,
        "timestamp": str(int(message.at)),
        "type": "text",
        "text": {"body": message.text},
    }
    if message.context:
        item["context"] = {"from": number.digits, "id": message.context}
    return _value(number, contacts=[_contact(chat)], messages=[item])


def template_name(template: Template) -> dict[str, Any]:
    """Meta writes the language with a hyphen here."""
    return {
        "message_template_id": int(template.id),
        "message_template_name": template.name,
        "message_template_language": template.language.replace("_", "-"),
    }


def template_status(template: Template, event: str, reason: str = "NONE") -> dict[str, Any]:
    return {
        "event": event, **template_name(template), "reason": reason, "message_template_category": template.category,
    }  # fmt: skip


def preference(number: Number, chat: Chat, choice: str, at: int) -> dict[str, Any]:
    """The timestamp is a number here, and a string in messages and statuses (Meta)."""
    item = {
        "wa_id": chat.customer, "detail": f"User requested to {choice} marketing messages",
        "category": "marketing_messages", "value": choice, "timestamp": at,
    }  # fmt: skip
    return _value(number, contacts=[_contact(chat)], user_preferences=[item])


def _merged(items: Sequence[Item]) -> list[dict[str, Any]]:
    """Changes: statuses of the same number in one `value`, the rest each in its own."""
    changes: list[dict[str, Any]] = []
    open_values: dict[str, dict[str, Any]] = {}
    for item in items:
        statuses = item.value.get("statuses")
        if item.field != "messages" or statuses is None:
            changes.append({"value": item.value, "field": item.field})
            continue
        number = item.value["metadata"]["phone_number_id"]
        value = open_values.get(number)
        if value is None:
            value = open_values[number] = {**item.value, "statuses": list(statuses)}
            changes.append({"value": value, "field": item.field})
            continue
        value["statuses"] += statuses
        for contact in item.value.get("contacts", []):
            if contact not in value.setdefault("contacts", []):
                value["contacts"] = [*value["contacts"], contact]
    return changes


def _entry(waba: str, at: int, changes: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": waba, "time": at, "changes": changes}


def envelope(items: Sequence[Item], layout: str) -> dict[str, Any]:
    """`layout`: statuses (merged in one value) | changes (a change each) | entries (an entry each) | mixed."""
    entries: list[dict[str, Any]] = []
    if layout == "mixed":
        third = max(1, len(items) // 3)
        parts = ("statuses", items[:third]), ("changes", items[third : 2 * third]), ("entries", items[2 * third :])
        entries = [entry for name, part in parts for entry in envelope(part, name)["entry"]]
    elif layout == "entries":
        entries = [_entry(i.waba, i.at, [{"value": i.value, "field": i.field}]) for i in items]
    else:
        for waba in dict.fromkeys(i.waba for i in items):
            own = [i for i in items if i.waba == waba]
            each = [{"value": i.value, "field": i.field} for i in own]
            entries.append(_entry(waba, own[0].at, each if layout == "changes" else _merged(own)))
    return {"object": "whatsapp_business_account", "entry": entries}


def shuffled(items: list[Item]) -> list[Item]:
    return random.sample(items, len(items))
