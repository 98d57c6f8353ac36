"""Accounts, their health, the subscriptions of the app, and what a token is."""

import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse_simulator.entities import Number, Subscription
from acuse_simulator.errors import GraphError, unknown_object
from acuse_simulator.graph import media, numbers, templates, uploads
from acuse_simulator.graph.access import (
    MANAGEMENT,
    bearer,
    is_app_token,
    number_of,
    require_token,
    template_of,
    token_of,
    waba_of,
    world_of,
)  # fmt: skip
from acuse_simulator.graph.nodes import SUCCESS, body_of, needed, picked
from acuse_simulator.world import World

DEFAULTS = ("id", "name", "timezone_id", "message_template_namespace")
_WORST = ["AVAILABLE", "LIMITED", "BLOCKED"].index
_BUSINESS = "506914307656634"
#: What an app may subscribe to (Meta, webhooks overview).
FIELDS = (
    "messages",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "business_capability_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "security",
    "user_preferences",
)


async def node(request: Request) -> Response:
    """GET /{id}: a number, an account, a template, an upload or a file."""
    world = require_token(request)
    wanted = request.path_params["node"]
    if wanted in world.numbers:
        number = number_of(world, request, "get")
        shown = {**numbers.shown(world, number), "health_status": _number_health(world, number)}
        return picked(request, shown, numbers.DEFAULTS, "WhatsAppBusinessPhoneNumber")
    if wanted in world.wabas():
        return picked(request, _waba(world, waba_of(world, request, "get")), DEFAULTS, "WhatsAppBusinessAccount")
    if wanted in world.templates:
        template = template_of(world, request, "get")
        shown = {**templates.shown(template), "health_status": _template_health(template.id, template.status)}
        return picked(request, shown, templates.DEFAULTS, "MessageTemplate")
    if wanted.startswith("upload:"):
        return uploads.describe(world, wanted)
    return media.describe(world, request)


async def change(request: Request) -> Response:
    """POST /{id}: a number's settings, a template's text, or the bytes of an upload."""
    world = require_token(request)
    wanted = request.path_params["node"]
    if wanted in world.numbers:
        return await numbers.change(world, number_of(world, request, "post"), request)
    if wanted in world.templates:
        return await templates.edit(world, template_of(world, request, "post"), request)
    if wanted.startswith("upload:"):
        return await uploads.receive(world, wanted, request)
    raise unknown_object(wanted, "post")


def _number_health(world: World, number: Number) -> dict[str, Any]:
    entities: list[dict[str, Any]] = [
        {"entity_type": "PHONE_NUMBER", "id": number.id, **number.health},
        {"entity_type": "WABA", "id": number.waba, **world.account(number.waba).health},
        {"entity_type": "BUSINESS", "id": _BUSINESS, "can_send_message": "AVAILABLE"},
        {"entity_type": "APP", "id": world.config.app_id, "can_send_message": "AVAILABLE"},
    ]
    return {"can_send_message": max((e["can_send_message"] for e in entities), key=_WORST), "entities": entities}


def _template_health(template_id: str, status: str) -> dict[str, Any]:
    entity: dict[str, Any] = {"entity_type": "MESSAGE_TEMPLATE", "id": template_id, "can_send_message": "AVAILABLE"}
    if status != "APPROVED":
        entity |= {
            "can_send_message": "BLOCKED",
            "errors": [
                {
                    "error_code": 141002,
                    "error_description": "The message template is not approved.",
                    "possible_solution": "Wait for its review, or mend it in WhatsApp Manager.",
                }
            ],
        }
    return {"can_send_message": entity["can_send_message"], "entities": [entity]}


def _waba(world: World, waba: str) -> dict[str, Any]:
    account = world.account(waba)
    own = [_number_health(world, n) for n in world.numbers.values() if n.waba == waba]
    alone = {"entity_type": "WABA", "id": waba, **account.health}
    health = own[0] if own else {"can_send_message": account.health["can_send_message"], "entities": [alone]}
    return {
        "id": waba,
        "name": account.name,
        "currency": "ARS",
        "country": "AR",
        "timezone_id": "10",
        "message_template_namespace": "ba30dd89_2ebd_41e4_b805_f2c05ae04cc9",
        "account_review_status": account.review,
        "business_verification_status": account.verification,
        "ownership_type": "SELF",
        "primary_funding_id": account.funding,
        "status": account.status,
        "whatsapp_business_manager_messaging_limit": account.tier,
        "health_status": health,
    }


async def subscribe(request: Request) -> Response:
    """With an override, its address must pass the verification handshake first."""
    world = require_token(request, MANAGEMENT)
    waba = waba_of(world, request, "post")
    body = await body_of(request)
    override, token = body.get("override_callback_uri"), body.get("verify_token")
    if override:
        await _shake_hands(world, str(override), str(token or ""))
    world.subscriptions[waba] = Subscription(override or None, token or None)
    return JSONResponse(SUCCESS)


async def _shake_hands(world: World, url: str, verify_token: str) -> None:
    right, status, _ = await world.dispatcher.verify(url, verify_token, str(secrets.randbelow(10**10)))
    if not right:
        raise GraphError(2200, message=f"Callback verification failed with the following errors: HTTP {status}")


async def subscriptions(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    subscription = world.subscriptions.get(waba_of(world, request, "get"))
    if subscription is None:
        return JSONResponse({"data": []})
    app = {"id": world.config.app_id, "name": world.config.app_name, "link": "https://example.com/"}
    row: dict[str, Any] = {"whatsapp_business_api_data": app}
    if subscription.override_url:
        row["override_callback_uri"] = subscription.override_url
    return JSONResponse({"data": [row]})


async def unsubscribe(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    world.subscriptions.pop(waba_of(world, request, "delete"), None)
    return JSONResponse(SUCCESS)


async def subscribe_app(request: Request) -> Response:
    """POST /{app}/subscriptions with the app's own token: the callback of every account, after the handshake."""
    world = _require_app(request)
    body = await body_of(request)
    kind, url, verify_token, fields = needed(body, "object", "callback_url", "verify_token", "fields")
    if kind != "whatsapp_business_account":
        raise GraphError(100, message="Param object must be one of {whatsapp_business_account}")
    wanted = [name.strip() for name in fields.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in FIELDS]:
        raise GraphError(100, message=f"Param fields[0] must be one of {{{', '.join(FIELDS)}}} - got {unknown[0]}")
    await _shake_hands(world, url, verify_token)
    world.config.hooks.url, world.config.verify_token, world.app_fields = url, verify_token, wanted
    return JSONResponse(SUCCESS)


async def app_subscriptions(request: Request) -> Response:
    world = _require_app(request)
    if world.config.hooks.url is None:
        return JSONResponse({"data": []})
    fields = [{"name": name, "version": request.path_params["version"]} for name in world.app_fields or FIELDS]
    row = {"object": "whatsapp_business_account", "callback_url": world.config.hooks.url, "active": True}
    return JSONResponse({"data": [{**row, "fields": fields}]})


def _require_app(request: Request) -> World:
    world = world_of(request)
    if request.path_params["node"] != world.config.app_id:
        raise unknown_object(request.path_params["node"], request.method.lower())
    if not is_app_token(world, request):
        raise GraphError(190, message="Invalid OAuth access token signature.")
    return world


async def debug_token(request: Request) -> Response:
    """The caller shows a valid token or `app id|app secret`."""
    world = world_of(request)
    if not is_app_token(world, request):
        if "|" in bearer(request):
            raise GraphError(190, message="Invalid OAuth access token signature.")
        token_of(request)
    asked = request.query_params.get("input_token", "")
    if not asked:
        raise GraphError(100, message="The parameter input_token is required.")
    token = world.tokens.get(asked)
    if token is None:
        error = {"code": 190, "message": "Invalid OAuth access token.", "subcode": 460}
        return JSONResponse({"data": {"error": error, "is_valid": False, "scopes": []}})
    expired = bool(token.expires_at) and token.expires_at <= world.clock()
    limited = {} if token.targets is None else {"target_ids": token.targets}
    data: dict[str, Any] = {
        "app_id": token.app_id,
        "type": token.type,
        "application": world.config.app_name,
        "data_access_expires_at": 0,
        "expires_at": token.expires_at,
        "is_valid": token.valid and not expired,
        "issued_at": 1712099387,
        "scopes": token.scopes,
        "granular_scopes": [{"scope": scope, **limited} for scope in token.scopes],
        "user_id": "104169029247128",
    }
    if not data["is_valid"]:
        data["error"] = {"code": 190, "message": "Error validating access token.", "subcode": 463 if expired else 460}
    return JSONResponse({"data": data})
