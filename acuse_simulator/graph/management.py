"""Accounts, numbers, templates, subscriptions and tokens."""

import base64
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse_simulator.entities import Number, Subscription, Template
from acuse_simulator.errors import GraphError, unknown_object
from acuse_simulator.graph import media
from acuse_simulator.graph.access import bearer, number_of, require_token, waba_of, world_of
from acuse_simulator.world import World

NUMBER_DEFAULTS = (
    "verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type",
    "throughput", "id",
)  # fmt: skip
WABA_DEFAULTS = ("id", "name", "timezone_id", "message_template_namespace")
TEMPLATE_DEFAULTS = ("name", "parameter_format", "components", "language", "status", "category", "id")


async def node(request: Request) -> Response:
    """GET /{id}: a number, an account, a template or a file."""
    world = require_token(request)
    wanted = request.path_params["node"]
    if wanted in world.numbers:
        return _picked(request, _number(world, world.numbers[wanted]), NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber")
    if wanted in world.wabas():
        return _picked(request, _waba(world, wanted), WABA_DEFAULTS, "WhatsAppBusinessAccount")
    if wanted in world.templates:
        shown = _template(world.templates[wanted])
        return _picked(request, shown, TEMPLATE_DEFAULTS, "MessageTemplate")
    return media.describe(world, request)


async def phone_numbers(request: Request) -> Response:
    world = require_token(request)
    waba = waba_of(world, request, "get")
    numbers = [_number(world, n) for n in world.numbers.values() if n.waba == waba]
    return _page(request, numbers, NUMBER_DEFAULTS, "WhatsAppBusinessPhoneNumber")


async def message_templates(request: Request) -> Response:
    """Filters: name, language, status, category."""
    world = require_token(request)
    waba = waba_of(world, request, "get")
    rows = [_template(t) for t in world.templates.values() if t.waba == waba]
    for name in ("name", "language", "status", "category"):
        if wanted := request.query_params.get(name):
            rows = [row for row in rows if row[name] == wanted]
    return _page(request, rows, TEMPLATE_DEFAULTS, "MessageTemplate")


async def create_template(request: Request) -> Response:
    """Stays PENDING until the control API approves it."""
    world = require_token(request)
    waba = waba_of(world, request, "post")
    body = await _body(request)
    for name in ("name", "language", "category", "components"):
        if not body.get(name):
            raise GraphError(100, message=f"The parameter {name} is required.")
    if world.template(waba, body["name"], body["language"]):
        raise GraphError(100, message="Invalid parameter", subcode=2388024)
    known: dict[str, Any] = {
        k: body[k] for k in ("name", "language", "category", "components", "parameter_format") if k in body
    }
    template = world.add_template({**known, "waba": waba, "status": "PENDING"})
    return JSONResponse({"id": template.id, "status": template.status, "category": template.category})


async def subscribe(request: Request) -> Response:
    """With an override, its address must pass the verification handshake first."""
    world = require_token(request)
    waba = waba_of(world, request, "post")
    body = await _body(request)
    override, token = body.get("override_callback_uri"), body.get("verify_token")
    if override:
        right, status, _ = await world.dispatcher.verify(
            str(override), str(token or ""), str(secrets.randbelow(10**10))
        )
        if not right:
            raise GraphError(2200, message=f"Callback verification failed with the following errors: HTTP {status}")
    world.subscriptions[waba] = Subscription(override or None, token or None)
    return JSONResponse({"success": True})


async def subscriptions(request: Request) -> Response:
    world = require_token(request)
    subscription = world.subscriptions.get(waba_of(world, request, "get"))
    if subscription is None:
        return JSONResponse({"data": []})
    app = {"id": world.config.app_id, "name": world.config.app_name, "link": "https://example.com/"}
    row: dict[str, Any] = {"whatsapp_business_api_data": app}
    if subscription.override_url:
        row["override_callback_uri"] = subscription.override_url
    return JSONResponse({"data": [row]})


async def unsubscribe(request: Request) -> Response:
    world = require_token(request)
    world.subscriptions.pop(waba_of(world, request, "delete"), None)
    return JSONResponse({"success": True})


async def register(request: Request) -> Response:
    world = require_token(request)
    number = number_of(world, request, "post")
    body = await _body(request)
    if not str(body.get("pin", "")).isdigit() or len(str(body["pin"])) != 6:
        raise GraphError(100, message="Param pin must be 6 characters long.")
    number.status = "CONNECTED"
    return JSONResponse({"success": True})


async def debug_token(request: Request) -> Response:
    """The caller shows a valid token or `app id|app secret`."""
    world = world_of(request)
    if bearer(request) != f"{world.config.app_id}|{world.config.app_secret}":
        require_token(request)
    asked = request.query_params.get("input_token", "")
    if not asked:
        raise GraphError(100, message="The parameter input_token is required.")
    if not world.tokens.get(asked, False):
        error = {"code": 190, "message": "Invalid OAuth access token.", "subcode": 460}
        return JSONResponse({"data": {"error": error, "is_valid": False, "scopes": []}})
    scopes = ["whatsapp_business_management", "whatsapp_business_messaging"]
    return JSONResponse(
        {
            "data": {
                "app_id": world.config.app_id,
                "type": "SYSTEM_USER",
                "application": world.config.app_name,
                "data_access_expires_at": 0,
                "expires_at": 0,
                "is_valid": True,
                "issued_at": 1712099387,
                "scopes": scopes,
                "granular_scopes": [{"scope": scope} for scope in scopes],
                "user_id": "104169029247128",
            }
        }
    )


async def _body(request: Request) -> dict[str, Any]:
    """JSON, a form, or nothing: the Graph takes all three."""
    if request.headers.get("content-type", "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        async with request.form() as form:
            return dict(form)
    raw = await request.body()
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise GraphError(100, message="Invalid JSON in the body of the request.") from None
    if not isinstance(body, dict):
        raise GraphError(100, message="The body of the request must be an object.")
    return body


def _number(world: World, number: Number) -> dict[str, Any]:
    return {
        "id": number.id,
        "display_phone_number": number.display,
        "verified_name": number.name,
        "status": number.status,
        "quality_rating": number.quality,
        "code_verification_status": "VERIFIED",
        "name_status": "APPROVED",
        "new_name_status": "NONE",
        "platform_type": "CLOUD_API",
        "throughput": {"level": "STANDARD" if number.throughput <= 80 else "HIGH"},
        "account_mode": "LIVE",
        "is_official_business_account": False,
        "is_pin_enabled": True,
        "is_on_biz_app": False,
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "webhook_configuration": {"application": world.config.hooks.url or ""},
        "health_status": _health(world, number),
    }


def _health(world: World, number: Number) -> dict[str, Any]:
    entities: list[dict[str, Any]] = [
        {"entity_type": "PHONE_NUMBER", "id": number.id, **number.health},
        {"entity_type": "WABA", "id": number.waba, "can_send_message": "AVAILABLE"},
        {"entity_type": "BUSINESS", "id": "506914307656634", "can_send_message": "AVAILABLE"},
        {"entity_type": "APP", "id": world.config.app_id, "can_send_message": "AVAILABLE"},
    ]
    worst = max((e["can_send_message"] for e in entities), key=["AVAILABLE", "LIMITED", "BLOCKED"].index)
    return {"can_send_message": worst, "entities": entities}


def _waba(world: World, waba: str) -> dict[str, Any]:
    numbers = [n for n in world.numbers.values() if n.waba == waba]
    health = [_health(world, n) for n in numbers] or [{"can_send_message": "AVAILABLE", "entities": []}]
    return {
        "id": waba,
        "name": world.config.app_name,
        "currency": "ARS",
        "country": "AR",
        "timezone_id": "10",
        "message_template_namespace": "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9",
        "account_review_status": "APPROVED",
        "business_verification_status": "verified",
        "ownership_type": "SELF",
        "primary_funding_id": "1234567890",
        "status": "ACTIVE",
        "whatsapp_business_manager_messaging_limit": "TIER_2K",
        "health_status": health[0],
    }


def _template(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "quality_score": {"score": "UNKNOWN", "date": 1712099387},
        "rejected_reason": "NONE",
    }


def _chosen(request: Request, defaults: Sequence[str], kind: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    asked = [f.strip() for f in request.query_params.get("fields", "").split(",") if f.strip()]

    def choose(row: dict[str, Any]) -> dict[str, Any]:
        for name in asked:
            if name not in row:
                raise GraphError(100, message=f"Tried accessing nonexisting field ({name}) on node type ({kind})")
        return {name: row[name] for name in dict.fromkeys([*(asked or defaults), "id"])}

    return choose


def _picked(request: Request, row: dict[str, Any], defaults: Sequence[str], kind: str) -> Response:
    return JSONResponse(_chosen(request, defaults, kind)(row))


def _page(request: Request, rows: list[dict[str, Any]], defaults: Sequence[str], kind: str) -> Response:
    """Cursors are the row's place, in base64; `next` is there only when more follows."""
    query = request.query_params
    limit = int(query["limit"]) if query.get("limit", "").isdigit() else 25
    if limit == 0:
        raise GraphError(100, message="Param limit must be greater than 0.")
    start = 0
    if after := query.get("after"):
        start = _place(after) + 1
    shown = rows[start : start + limit]
    answer: dict[str, Any] = {"data": [_chosen(request, defaults, kind)(row) for row in shown]}
    if shown:
        last = _cursor(start + len(shown) - 1)
        answer["paging"] = {"cursors": {"before": _cursor(start), "after": last}}
        if start + limit < len(rows):
            answer["paging"]["next"] = str(
                request.url.include_query_params(after=last).remove_query_params("access_token")
            )
    return JSONResponse(answer)


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise GraphError(100, message="Invalid cursor.") from None


def not_found(path: str) -> GraphError:
    return unknown_object(path.rsplit("/", 1)[-1], "get")
