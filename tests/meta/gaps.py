"""What Meta's OpenAPI document (v23.0) lacks or says otherwise than Meta's own guides, which the product follows.

Each is an amendment to the document. One that nothing needs is reported as stale: take it away then.
"""

from __future__ import annotations

from typing import Any

from tests.meta.account_gaps import ACCOUNT_GAPS
from tests.meta.spec import REMOVED, Gap

TEXT = {"type": "string"}
SCHEMAS = ("components", "schemas")
_UPLOAD = ("paths", "/{Version}/{Phone-Number-ID}/media", "post", "requestBody", "content", "multipart/form-data")
_LIST = ("paths", "/{Version}/{WABA-ID}/message_templates", "get", "responses", "200", "content", "application/json")
_TEMPLATE = (*_LIST, "schema", "properties", "data", "items", "properties")
_EXAMPLE = (*_TEMPLATE, "components", "items", "properties", "example", "properties")


def _lacks(schema: str, *path: str | int, reason: str, value: Any = TEXT) -> Gap:
    """A property that the schema, or what is at `path` in it, doesn't describe; the last of `path` is its name."""
    return Gap((*SCHEMAS, schema, *path[:-1], "properties", path[-1]), value, reason)


_SENT = [
    Gap(
        (*_UPLOAD, "schema", "properties", "type"), TEXT,
        "Media, upload: the form's `type` is required by the guide; the document leaves it out.",
    ),
    _lacks(
        "BaseMessageProperties", "biz_opaque_callback_data",
        reason="Messages API reference: an opaque string that receipts echo; the document doesn't know it.",
    ),
    Gap(
        (*SCHEMAS, "LanguageObject", "required", "policy"), REMOVED,
        "Templates: `language` is just its code in every example of the guides; the policy is of the on-premises API.",
    ),
    _lacks(
        "MediaObject", "oneOf", 0, "filename",
        reason="Templates with a document header: `filename` names the file; without it it shows as untitled.",
    ),
    _lacks(
        "TextParameter", "allOf", 1, "parameter_name",
        reason="Templates with named parameters (2024): the document only knows positional ones.",
    ),
]  # fmt: skip

_ANSWERED = [
    _lacks(
        "GraphAPIError", "properties", "error", "error_data",
        reason="Error codes: errors of the Cloud API carry `error_data.details`.",
        value={
            "type": "object",
            "required": ["details"],
            "properties": {"messaging_product": {"const": "whatsapp"}, "details": TEXT},
        },
    ),
    _lacks(
        "PhoneNumberInfo", "status",
        reason="Phone numbers: `status` (CONNECTED, PENDING…) is a field that is asked for by name.",
    ),
    Gap(
        (*SCHEMAS, "WhatsAppBusinessAccountPhoneNumber", "required", "status"), REMOVED,
        "Phone numbers: the list answers `status` only when it is asked for by name.",
    ),
    _lacks(
        "WhatsAppBusinessAccountPhoneNumber", "platform_type",
        reason="Phone numbers: in the list's answer of the guide.",
    ),
    _lacks(
        "WhatsAppBusinessAccountPhoneNumber", "throughput",
        reason="Phone numbers: in the list's answer of the guide.",
        value={"type": "object", "required": ["level"], "properties": {"level": TEXT}},
    ),
    Gap(
        (*_TEMPLATE, "parameter_format"), {"enum": ["POSITIONAL", "NAMED"]},
        "Templates with named parameters (2024) tell their format.",
    ),
    Gap(
        (*_EXAMPLE, "header_handle"), {"type": "array", "items": TEXT},
        "Templates: the example of a media header is a handle.",
    ),
    Gap(
        (*_EXAMPLE, "body_text_named_params"),
        {"type": "array", "items": {"type": "object", "properties": {"param_name": TEXT, "example": TEXT}}},
        "Templates with named parameters (2024): their examples have names.",
    ),
    _lacks(
        "SubscribedApp", "whatsapp_business_api_data",
        reason="Subscribed apps: each item of the guide's answer holds the app under this name.",
        value={"type": "object", "required": ["id"], "properties": {"id": TEXT, "name": TEXT, "link": TEXT}},
    ),
]  # fmt: skip

_POSTED = [
    _lacks("Entry", "time", reason="Graph webhooks: each entry has its time.", value={"type": "integer"}),
    _lacks(
        "StatusMessageValue", "contacts",
        reason="Status webhooks since the business-scoped user ids (2026): they carry the contact.",
        value={"type": "array", "items": {"$ref": "#/components/schemas/ContactProfile"}},
    ),
    _lacks("ContactProfile", "user_id", reason="Business-scoped user ids (2026)."),
    _lacks("Statuses", "recipient_user_id", reason="Business-scoped user ids (2026)."),
    _lacks("Statuses", "biz_opaque_callback_data", reason="Status webhooks: the opaque data of the message."),
    _lacks("Pricing", "type", reason="Pricing by message (2025): regular, free_customer_service, free_entry_point."),
    Gap(
        (*SCHEMAS, "IncomingMessage"),
        {
            "type": "object",
            "required": ["from", "id", "timestamp", "type"],
            "properties": {
                "from": TEXT,
                "from_user_id": TEXT,
                "id": TEXT,
                "timestamp": TEXT,
                "type": {"const": "text"},
                "text": {"type": "object", "required": ["body"], "properties": {"body": TEXT}},
            },
        },
        "Received texts: the document takes them for those that are sent (`messaging_product`, `to`), which nobody "
        "receives; this is the guide's, with the business-scoped user id.",
    ),
]  # fmt: skip

GAPS: list[Gap] = [*_SENT, *_ANSWERED, *_POSTED, *ACCOUNT_GAPS]
