"""Webhook bodies in Meta's shapes."""

from __future__ import annotations

import json
from typing import Any

PHONE = "106540352242922"
WAMID = "wamid.HBgNNTQ5MzQxNTU1MDE5ORUCABEYEjQxN0ZB"
START = 1_790_000_000


def body(*changes: dict[str, Any]) -> bytes:
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "102290129340398", "changes": list(changes)}]}
    ).encode()


def change(*, phone: str = PHONE, **value: Any) -> dict[str, Any]:
    metadata = {"display_phone_number": "5493415550100", "phone_number_id": phone}
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def status(word: str, *, delivery: object = "", wamid: str = WAMID, at: int = START, **more: Any) -> dict[str, Any]:
    item = {"id": wamid, "status": word, "timestamp": str(at), "recipient_id": "5493415550199", **more}
    return item | ({"biz_opaque_callback_data": str(delivery)} if delivery else {})


def failed(code: int, **more: Any) -> dict[str, Any]:
    error = {"code": code, "title": "t", "message": "m", "error_data": {"details": "d"}}
    return status("failed", errors=[error], **more)


def message(
    text: str, *, wamid: str = "wamid.IN1", sender: str | None = "5493415550199", **more: Any
) -> dict[str, Any]:
    item: dict[str, Any] = {"id": wamid, "timestamp": str(START), "type": "text", "text": {"body": text}, **more}
    return item | ({"from": sender} if sender else {})
