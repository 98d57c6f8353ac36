"""What Meta's OpenAPI document (v23.0) lacks of the account's side: fields, and whole operations. See gaps.py."""

from __future__ import annotations

from typing import Any

from tests.meta.spec import REMOVED, Gap

TEXT, FLAG, INTEGER = {"type": "string"}, {"type": "boolean"}, {"type": "integer"}
SCHEMAS = ("components", "schemas")
NUMBER, LISTED, ACCOUNT = "PhoneNumberInfo", "WhatsAppBusinessAccountPhoneNumber", "WhatsAppBusinessAccount"
TEMPLATES = ("paths", "/{Version}/{WABA-ID}/message_templates")
TEMPLATE = ("paths", "/{Version}/{TEMPLATE_ID}")
JSON = ("content", "application/json", "schema")


def _object(required: str = "", **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required.split(), "properties": properties}


def _array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _lacks(schema: str, name: str, reason: str, value: Any = TEXT) -> Gap:
    return Gap((*SCHEMAS, schema, "properties", name), value, reason)


def _operation(path: str, verb: str, reason: str, answer: Any, body: tuple[str, Any] | None = None) -> Gap:
    """A path of the Graph API that the document leaves out."""
    made: dict[str, Any] = {"responses": {"200": {"content": {"application/json": {"schema": answer}}}}}
    if body is not None:
        media_type, schema = body
        made["requestBody"] = {"content": {media_type: {"schema": schema}}}
    return Gap(("paths", f"/{{Version}}/{path}"), {verb: made}, reason)


HEALTH = _object(
    "can_send_message entities",
    can_send_message={"enum": ["AVAILABLE", "LIMITED", "BLOCKED"]},
    entities=_array(
        _object(
            "entity_type id can_send_message",
            entity_type={"enum": ["PHONE_NUMBER", "MESSAGE_TEMPLATE", "WABA", "BUSINESS", "APP"]},
            id=TEXT,
            can_send_message={"enum": ["AVAILABLE", "LIMITED", "BLOCKED"]},
            additional_info=_array(TEXT),
            errors=_array(
                _object(
                    "error_code error_description possible_solution",
                    error_code=INTEGER, error_description=TEXT, possible_solution=TEXT,
                )
            ),
        )
    ),
)  # fmt: skip
_LEVEL = _object("level", level=TEXT)
_HOOK = _object(application=TEXT, whatsapp_business_account=TEXT, phone_number=TEXT)
_QUALITY = _object("score", score={"enum": ["GREEN", "YELLOW", "RED", "UNKNOWN"]}, date=INTEGER)
_EXAMPLE = _object(header_handle=_array(TEXT), body_text=_array(_array(TEXT)))
_FIELDS_OF_NUMBERS = "Phone numbers: a field that is asked for by name; the guide lists it."

_NUMBERS = [
    _lacks(NUMBER, "account_mode", _FIELDS_OF_NUMBERS, {"enum": ["SANDBOX", "LIVE"]}),
    _lacks(NUMBER, "is_on_biz_app", _FIELDS_OF_NUMBERS, FLAG),
    _lacks(NUMBER, "is_pin_enabled", _FIELDS_OF_NUMBERS, FLAG),
    _lacks(NUMBER, "new_name_status", _FIELDS_OF_NUMBERS),
    _lacks(NUMBER, "platform_type", _FIELDS_OF_NUMBERS),
    _lacks(NUMBER, "throughput", _FIELDS_OF_NUMBERS, _LEVEL),
    _lacks(NUMBER, "webhook_configuration", _FIELDS_OF_NUMBERS, _HOOK),
    _lacks(NUMBER, "whatsapp_business_manager_messaging_limit", _FIELDS_OF_NUMBERS),
    _lacks(NUMBER, "health_status", "Health status: a field of numbers, accounts and templates.", HEALTH),
    _lacks(LISTED, "is_on_biz_app", _FIELDS_OF_NUMBERS, FLAG),
    _lacks(LISTED, "is_pin_enabled", _FIELDS_OF_NUMBERS, FLAG),
    _lacks(LISTED, "name_status", _FIELDS_OF_NUMBERS),
    _lacks(LISTED, "new_name_status", _FIELDS_OF_NUMBERS),
    _lacks(LISTED, "webhook_configuration", _FIELDS_OF_NUMBERS, _HOOK),
    _lacks(LISTED, "whatsapp_business_manager_messaging_limit", _FIELDS_OF_NUMBERS),
    Gap(
        (*SCHEMAS, "WhatsAppPhoneNumberStatus"), TEXT,
        "Phone numbers: a number must be CONNECTED to send; the document's own enums contradict each other.",
    ),
    Gap(
        (*SCHEMAS, "WhatsAppBusinessProfileResponse", "properties", "data", "items"),
        {"$ref": "#/components/schemas/WhatsAppBusinessProfile"},
        "Business profile: each item of the guide's answer holds the fields themselves, not a `business_profile`.",
    ),
]  # fmt: skip

_ACCOUNTS = [
    _lacks(ACCOUNT, "health_status", "Health status: a field of numbers, accounts and templates.", HEALTH),
    _lacks(ACCOUNT, "primary_funding_id", "Account assets (codegen): there when a funding source is attached."),
    _lacks(ACCOUNT, "status", "Account assets (codegen): ACTIVE, DISABLED…"),
    _lacks(ACCOUNT, "whatsapp_business_manager_messaging_limit", "Messaging limits: of the portfolio, since v24."),
    Gap(
        (*SCHEMAS, "BusinessVerificationStatus"), TEXT,
        "Account assets (codegen): verified, not_verified, pending_submission… in lower case, and more than the four.",
    ),
    Gap(
        (*SCHEMAS, ACCOUNT, "required", "name"), REMOVED,
        "Graph API: what is answered are the fields that were asked for, and the id.",
    ),
    _operation(
        "debug_token", "get", "Graph API, debug_token: the document has messaging only.",
        _object(
            "data",
            data=_object(
                "is_valid scopes",
                app_id=TEXT, type=TEXT, application=TEXT, data_access_expires_at=INTEGER, expires_at=INTEGER,
                is_valid=FLAG, issued_at=INTEGER, scopes=_array(TEXT), user_id=TEXT,
                granular_scopes=_array(_object("scope", scope=TEXT, target_ids=_array(TEXT))),
                error=_object("code message", code=INTEGER, message=TEXT, subcode=INTEGER),
            ),
        ),
    ),
    Gap(
        ("paths", "/{Version}/{Application-ID}/subscriptions"),
        {
            "get": {"responses": {"200": {"content": {"application/json": {"schema": _object(
                "data",
                data=_array(_object(
                    "object callback_url fields active",
                    object={"const": "whatsapp_business_account"}, callback_url=TEXT, active=FLAG,
                    fields=_array(_object("name version", name=TEXT, version=TEXT)),
                )),
            )}}}}},
            "post": {
                "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": _object(
                    "object callback_url verify_token fields",
                    object={"const": "whatsapp_business_account"}, callback_url=TEXT, verify_token=TEXT, fields=TEXT,
                )}}},
                "responses": {"200": {"content": {"application/json": {"schema": _object("success", success=FLAG)}}}},
            },
        },
        "Graph API, app subscriptions: the callback of every account of the app; the document has messaging only.",
    ),
    _operation(
        "{Application-ID}/uploads", "post", "Graph API, resumable upload: its session. The document has no uploads.",
        _object("id", id={"type": "string", "pattern": "^upload:"}),
        (
            "application/x-www-form-urlencoded",
            _object(
                "file_name file_length file_type",
                file_name=TEXT, file_length={"type": "string", "pattern": "^[0-9]+$"},
                file_type={"enum": ["application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4"]},
            ),
        ),
    ),
    _operation(
        "upload:{Upload-ID}", "post", "Graph API, resumable upload: its bytes. The document has no uploads.",
        _object("h", h=TEXT),
    ),
]  # fmt: skip

_MADE = (*TEMPLATES, "post", "requestBody", *JSON, "properties")
_ONE = (*TEMPLATE, "get", "responses", "200", *JSON, "properties")
_MANY = (*TEMPLATES, "get", "responses", "200", *JSON, "properties", "data", "items", "properties")
_HANDLE = "Templates: the example of a media header is a handle."
_ASKED = "Templates: a field that is asked for by name."

_MESSAGE_TEMPLATES = [
    Gap(
        (*_MADE, "components", "items", "properties", "format"), TEXT,
        "Templates: a header has a format (DOCUMENT); the document only knows texts and buttons here.",
    ),
    Gap(
        (*_MADE, "components", "items", "properties", "example"), _EXAMPLE,
        "Templates: media headers and variables need an example to be reviewed.",
    ),
    Gap((*_MADE, "parameter_format"), {"enum": ["POSITIONAL", "NAMED"]}, "Templates with named parameters (2024)."),
    Gap((*_ONE, "parameter_format"), {"enum": ["POSITIONAL", "NAMED"]}, "Templates with named parameters (2024)."),
    Gap((*_ONE, "quality_score"), _QUALITY, _ASKED),
    Gap((*_ONE, "rejected_reason"), TEXT, _ASKED),
    Gap((*_ONE, "health_status"), HEALTH, "Health status: a field of numbers, accounts and templates."),
    Gap((*_ONE, "components", "items", "properties", "example", "properties", "header_handle"), _array(TEXT), _HANDLE),
    Gap((*_MANY, "quality_score"), _QUALITY, _ASKED),
    Gap((*_MANY, "rejected_reason"), TEXT, _ASKED),
    Gap(
        (*TEMPLATE, "post", "requestBody", *JSON, "properties", "components", "items", "properties", "example",
         "properties", "header_handle"),
        _array(TEXT), _HANDLE,
    ),
    _operation(
        "{TEMPLATE_ID}/unpause", "post", "Template pacing: a paused template comes back by hand; not in the document.",
        _object("success", success=FLAG),
        ("application/json", _object()),
    ),
]  # fmt: skip

ACCOUNT_GAPS: list[Gap] = [*_NUMBERS, *_ACCOUNTS, *_MESSAGE_TEMPLATES]
