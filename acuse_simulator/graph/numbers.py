"""Phone numbers: added, verified by a code, registered with a PIN, and their settings and profile."""

import re
import secrets
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse_simulator import ids
from acuse_simulator.entities import Number, Subscription
from acuse_simulator.errors import GraphError
from acuse_simulator.graph.access import MANAGEMENT, number_of, require_token, waba_of
from acuse_simulator.graph.nodes import SUCCESS, body_of, needed, page
from acuse_simulator.world import World

DEFAULTS = (
    "verified_name", "code_verification_status", "display_phone_number", "quality_rating", "platform_type",
    "throughput", "id",
)  # fmt: skip
CODE_LIFE = 600.0  #: seconds
CODE_WAIT = 30.0  #: seconds before another code is sent
PIN_GUESSES = 5
PIN_PACE = 1.0  #: seconds between guesses of a PIN
REGISTRATIONS, REGISTRATIONS_IN = 10, 72 * 3600.0
AFTER_DELETION = 300.0  #: seconds
PROFILE = ("about", "address", "description", "email", "profile_picture_url", "websites", "vertical")
_LENGTHS = {"about": 139, "address": 256, "description": 512, "email": 128}
_VERTICALS = (
    "UNDEFINED", "OTHER", "AUTO", "BEAUTY", "APPAREL", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GROCERY", "GOVT",
    "HOTEL", "HEALTH", "NONPROFIT", "PROF_SERVICES", "RETAIL", "TRAVEL", "RESTAURANT", "NOT_A_BIZ",
)  # fmt: skip


def shown(world: World, number: Number) -> dict[str, Any]:
    account = world.account(number.waba)
    override = number.override or {}
    return {
        "id": number.id,
        "display_phone_number": number.display,
        "verified_name": number.name,
        "status": number.status,
        "quality_rating": number.quality,
        "code_verification_status": number.code_status,
        "name_status": number.name_status,
        "new_display_name": number.new_name,
        "new_name_status": "PENDING_REVIEW" if number.new_name else "NONE",
        "platform_type": "CLOUD_API" if number.status == "CONNECTED" else "NOT_APPLICABLE",
        "throughput": {"level": "STANDARD" if number.throughput <= 80 else "HIGH"},
        "account_mode": number.account_mode,
        "is_official_business_account": False,
        "is_pin_enabled": number.pin is not None,
        "is_on_biz_app": number.on_biz_app,
        "whatsapp_business_manager_messaging_limit": account.tier,
        "webhook_configuration": {
            "application": world.config.hooks.url or "",
            **({"phone_number": override["url"]} if override else {}),
        },
        "health_status": None,
    }


async def listed(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    waba = waba_of(world, request, "get")
    rows = [shown(world, n) for n in world.numbers.values() if n.waba == waba]
    return page(request, rows, DEFAULTS, "WhatsAppBusinessPhoneNumber")


async def add(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    waba = waba_of(world, request, "post")
    cc, local, name = needed(await body_of(request), "cc", "phone_number", "verified_name")
    digits = re.sub(r"\D", "", cc + local)
    if not 8 <= len(digits) <= 15:
        raise GraphError(100, message="Param phone_number is not a valid phone number.")
    if any(n.digits == digits for n in world.numbers.values()):
        said = ("Phone number already exists", "This phone number is already registered to an account.")
        raise GraphError(100, subcode=2388012, user=said)
    if sum(n.waba == waba for n in world.numbers.values()) >= world.config.max_numbers:
        said = ("Phone number limit", "You have reached the maximum number of phone numbers of your business.")
        raise GraphError(100, subcode=2388103, user=said)
    number = world.add_number(
        {
            "id": ids.numeric_id(), "display": f"+{digits}", "waba": waba, "name": name, "status": "PENDING",
            "quality": "UNKNOWN", "name_status": "PENDING_REVIEW", "code_status": "NOT_VERIFIED",
        }
    )  # fmt: skip
    world.subscriptions.setdefault(waba, Subscription())
    return JSONResponse({"id": number.id})


async def request_code(request: Request) -> Response:
    """The code is in `GET /control/state` and on the operator's page, as it would be in the SMS."""
    world = require_token(request, MANAGEMENT)
    number = number_of(world, request, "post")
    method, _ = needed(await body_of(request), "code_method", "language")
    if method not in ("SMS", "VOICE"):
        raise GraphError(100, message="Param code_method must be one of {SMS, VOICE}")
    if number.code_status == "VERIFIED":
        raise GraphError(136024, user=("Request code error", "The phone number is already verified."))
    now = world.clock()
    if now - number.code_sent_at < CODE_WAIT:
        raise GraphError(136024, user=("Request code error", "Wait a little before you ask for another code."))
    number.code, number.code_sent_at, number.code_failures = f"{secrets.randbelow(10**6):06d}", now, 0
    return JSONResponse(SUCCESS)


async def verify_code(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    number = number_of(world, request, "post")
    (code,) = needed(await body_of(request), "code")
    if number.code_failures >= PIN_GUESSES:
        raise GraphError(136025, user=("Verify code error", "Too many wrong codes. Ask for a new one later."))
    alive = number.code is not None and world.clock() - number.code_sent_at < CODE_LIFE
    if not alive or re.sub(r"\D", "", code) != number.code:
        number.code_failures += 1
        raise GraphError(136025, user=("Verify code error", "The code is wrong or has expired."))
    number.code, number.code_status = None, "VERIFIED"
    return JSONResponse(SUCCESS)


async def register(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    number = number_of(world, request, "post")
    body = await body_of(request)
    pin = str(body.get("pin", ""))
    if not re.fullmatch(r"[0-9]{6}", pin):
        raise GraphError(100, message="Param pin must be 6 characters long.")
    now = world.clock()
    number.registrations = [at for at in number.registrations if now - at < REGISTRATIONS_IN]
    if len(number.registrations) >= REGISTRATIONS:
        raise GraphError(133016, "There were too many requests to register this number; wait 72 hours")
    if now - number.deleted_at < AFTER_DELETION:
        raise GraphError(133015, "The phone number was recently deleted; wait five minutes before you register it")
    if number.code_status != "VERIFIED":
        raise GraphError(133006, "Phone number needs to be verified before registering")
    _check_pin(number, pin, now)
    number.registrations.append(now)
    number.pin, number.pin_failures, number.status = pin, 0, "CONNECTED"
    if number.quality == "UNKNOWN":
        number.quality = "GREEN"
    return JSONResponse(SUCCESS)


def _check_pin(number: Number, pin: str, now: float) -> None:
    if number.pin is None or number.pin == pin:
        return
    if number.pin_failures >= PIN_GUESSES:
        raise GraphError(133008, "Too many two-step verification PIN guesses; try again later")
    if number.pin_failures and now - number.pin_tried_at < PIN_PACE:
        raise GraphError(133009, "The two-step verification PIN was entered too quickly")
    number.pin_failures, number.pin_tried_at = number.pin_failures + 1, now
    raise GraphError(133005, "Two-step verification PIN mismatch")


async def deregister(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    number = number_of(world, request, "post")
    if number.on_biz_app:
        raise GraphError(100, message="This number is on the WhatsApp Business app and cannot be deregistered.")
    number.status = "DISCONNECTED"
    return JSONResponse(SUCCESS)


async def change(world: World, number: Number, request: Request) -> Response:
    """POST /{phone}: the PIN, another name to show, a callback of its own."""
    body = await body_of(request)
    if pin := body.get("pin"):
        if not re.fullmatch(r"[0-9]{6}", str(pin)):
            raise GraphError(100, message="Param pin must be 6 characters long.")
        number.pin, number.pin_failures = str(pin), 0
    if name := body.get("new_display_name"):
        number.new_name = str(name)
    hook = body.get("webhook_configuration")
    if isinstance(hook, dict):
        url = str(hook.get("override_callback_uri", ""))
        number.override = {"url": url} if url else None
    return JSONResponse(SUCCESS)


async def profile(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    number = number_of(world, request, "get")
    asked = [f.strip() for f in request.query_params.get("fields", ",".join(PROFILE)).split(",") if f.strip()]
    row = {name: number.profile[name] for name in asked if name in number.profile}
    return JSONResponse({"data": [{**row, "messaging_product": "whatsapp"}]})


async def change_profile(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    number = number_of(world, request, "post")
    body = await body_of(request)
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, message="The parameter messaging_product is required.")
    _check_profile(body)
    handle = body.get("profile_picture_handle")
    if handle is not None:
        upload = next((u for u in world.uploads.values() if u.handle == handle), None)
        if upload is None or not upload.mime_type.startswith("image/"):
            raise GraphError(100, message="Param profile_picture_handle is not a valid handle of a picture.")
        number.profile["profile_picture_url"] = f"https://pps.example.com/{upload.id.removeprefix('upload:')}.jpg"
    number.profile |= {name: body[name] for name in PROFILE if name in body and name != "profile_picture_url"}
    return JSONResponse(SUCCESS)


def _check_profile(body: dict[str, Any]) -> None:
    for name, most in _LENGTHS.items():
        if name in body and len(str(body[name])) > most:
            raise GraphError(100, message=f"Param {name} must be at most {most} characters long.")
    if "about" in body and not str(body["about"]).strip():
        raise GraphError(100, message="Param about must be between 1 and 139 characters long.")
    if body.get("email") and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(body["email"])):
        raise GraphError(100, message="Param email must be a valid e-mail address.")
    websites = body.get("websites", [])
    right = isinstance(websites, list) and len(websites) <= 2
    if not right or not all(re.fullmatch(r"https?://\S{1,248}", str(site)) for site in websites):
        raise GraphError(100, message="Param websites must be at most 2 addresses of 256 characters.")
    if body.get("vertical", "OTHER") not in _VERTICALS:
        raise GraphError(100, message=f"Param vertical must be one of {{{', '.join(_VERTICALS)}}}")
