"""Bodies in the shapes that Meta documents; names, texts and numbers are made up."""

from typing import Any

Json = dict[str, Any]

PHONE, WABA = "106540352242922", "102290129340398"


def body(*changes: Json, waba: Any = WABA) -> Json:
    return {"object": "whatsapp_business_account", "entry": [{"id": waba, "changes": list(changes)}]}


def change(**value: Any) -> Json:
    metadata = {"display_phone_number": "15550783881", "phone_number_id": PHONE}
    return {"field": "messages", "value": {"messaging_product": "whatsapp", "metadata": metadata, **value}}


def status(wamid: str, word: str = "delivered", **more: Any) -> Json:
    return {
        "id": wamid,
        "status": word,
        "timestamp": "1750030073",
        "recipient_id": "5491123456789",
        "biz_opaque_callback_data": "018f",
        "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"},
        **more,
    }


def text(wamid: str, words: str = "Gracias", **more: Any) -> Json:
    return {
        "from": "5491123456789",
        "id": wamid,
        "timestamp": "1749416383",
        "type": "text",
        "text": {"body": words},
        **more,
    }


FAILED = status(
    "wamid.F",
    "failed",
    errors=[{"code": 131049, "title": "t", "message": "t", "error_data": {"details": "longer"}, "href": "/docs"}],
)
TEMPLATE_PAUSED = {
    "field": "message_template_status_update",
    "value": {
        "event": "PAUSED",
        "message_template_id": 1689556908129832,
        "message_template_name": "comprobantes",
        "message_template_language": "es-AR",
        "reason": "NONE",
    },
}
#: Everything at once, in two entries.
BATCH: Json = {
    "object": "whatsapp_business_account",
    "entry": [
        {
            "id": WABA,
            "time": 1750030073,
            "changes": [
                change(statuses=[status("wamid.A"), status("wamid.B", "read"), FAILED]),
                change(
                    contacts=[{"profile": {"name": "Ana"}, "wa_id": "5491123456789", "user_id": "AR.1349"}],
                    messages=[text("wamid.M", context={"from": "15550783881", "id": "wamid.Z"})],
                ),
            ],
        },
        {
            "id": "204",
            "changes": [
                TEMPLATE_PAUSED,
                change(statuses=[status("wamid.C", "sent")]),
                change(errors=[{"code": 130429, "title": "Rate limit hit"}]),
            ],
        },
    ],
}
