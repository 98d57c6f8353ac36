"""The control API: what tests and the demo change and look at. JSON in, JSON out; 400 says what was wrong."""

import json
import secrets
from dataclasses import asdict, fields
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from acuse_simulator import announce, events, inbound, outcomes, payloads, signing
from acuse_simulator.config import Delays, Hooks
from acuse_simulator.entities import Account, Number, Subscription, Template, Token
from acuse_simulator.event import UnknownEventError
from acuse_simulator.faults import Fault, Kind
from acuse_simulator.graph.access import world_of
from acuse_simulator.world import World


class BadRequestError(Exception):
    """What the caller of the control API got wrong."""


async def bad_request(_: Request, error: Exception) -> Response:
    return JSONResponse({"error": str(error)}, status_code=400)


async def _json(request: Request) -> dict[str, Any]:
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        raise BadRequestError("the body isn't JSON") from None
    if not isinstance(body, dict):
        raise BadRequestError("the body must be an object")
    return body


def _set(target: Any, kind: Any, values: dict[str, Any]) -> None:
    known = {f.name for f in fields(kind)}
    if unknown := sorted(set(values) - known):
        raise BadRequestError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(known))}")
    for name, value in values.items():
        setattr(target, name, value)


async def state(request: Request) -> Response:
    world = world_of(request)
    return JSONResponse(
        {
            "app": {"id": world.config.app_id, "secret": world.config.app_secret},
            "verify_token": world.config.verify_token,
            "tokens": _valid(world),
            "grants": {t.value: [t.scopes, t.targets, t.expires_at] for t in world.tokens.values()},
            "subscribed": list(world.subscriptions),
            "waba_id": world.config.waba_id,
            "accounts": [asdict(world.account(waba)) for waba in world.wabas()],
            "app_fields": world.app_fields,
            "numbers": [asdict(n) for n in world.numbers.values()],
            "templates": [asdict(t) for t in world.templates.values()],
            "hooks": asdict(world.config.hooks),
            "delays": asdict(world.config.delays),
            "overrides": world.overrides,
            "faults": [asdict(waiting) for waiting in world.faults.waiting],
            "pending_webhooks": world.dispatcher.waiting,
        }
    )


async def configure_webhook(request: Request) -> Response:
    """Any of `config.Hooks`, and `app_secret`, `verify_token`."""
    world = world_of(request)
    body = await _json(request)
    if "app_secret" in body:
        world.config.app_secret = str(body.pop("app_secret"))
    if "verify_token" in body:
        world.config.verify_token = str(body.pop("verify_token"))
    url = body.get("url")
    if url is not None and not str(url).startswith(("http://", "https://")):
        raise BadRequestError("url must be http or https")
    if body.get("layout", "statuses") not in ("statuses", "changes", "entries", "mixed"):
        raise BadRequestError("layout is one of statuses, changes, entries, mixed")
    _set(world.config.hooks, Hooks, body)
    world.dispatcher.configure(world.config.hooks, world.config.app_secret)
    return JSONResponse(asdict(world.config.hooks))


async def configure_delays(request: Request) -> Response:
    world = world_of(request)
    body = await _json(request)
    for name in ("slow_seconds", "very_slow_seconds"):
        if name in body:
            setattr(world.config, name, float(body.pop(name)))
    _set(world.config.delays, Delays, body)
    return JSONResponse(asdict(world.config.delays))


async def tokens(request: Request) -> Response:
    """{"token", and any of `entities.Token`}: a new one, or other values for it. Without a token: all of them."""
    world = world_of(request)
    values = await _json(request)
    named = values.pop("token", None)
    for token in [str(named)] if named else list(world.tokens):
        _set(world.tokens.get(token) or world.add_token({"value": token}), Token, values)
    return JSONResponse(_valid(world))


def _valid(world: World) -> dict[str, bool]:
    return {token.value: token.valid for token in world.tokens.values()}


async def account(request: Request) -> Response:
    """Other values for the account `id` (else the first)."""
    world = world_of(request)
    body = await _json(request)
    found = world.account(str(body.pop("id", world.config.waba_id)))
    world.subscriptions.setdefault(found.id, Subscription())
    _set(found, Account, body)
    return JSONResponse(asdict(found))


async def event(request: Request) -> Response:
    """{"event": a name of `events.EVENTS`, "template"?, "number"?, "waba"?, …}."""
    world = world_of(request)
    body = await _json(request)
    try:
        events.provoke(world, str(body.get("event", "")), body)
    except UnknownEventError as error:
        raise BadRequestError(str(error)) from None
    return JSONResponse({"event": body["event"]})


async def fault(request: Request) -> Response:
    """{"kind", "where"?, "method"?, "times"?, "code"?}, or {"clear": true}: trouble for the Graph's next requests."""
    world = world_of(request)
    body = await _json(request)
    if body.get("clear"):
        world.faults.waiting.clear()
        return JSONResponse([])
    if body.get("kind") not in [kind.value for kind in Kind]:
        raise BadRequestError(f"kind is one of {', '.join(Kind)}")
    _known_only(Fault, body)
    world.faults.waiting.append(Fault(**{**body, "kind": Kind(body["kind"])}))
    return JSONResponse([asdict(waiting) for waiting in world.faults.waiting])


async def settings(request: Request) -> Response:
    """`review_seconds`, `reject`, `enforce_tier`, `max_numbers`."""
    world = world_of(request)
    body = await _json(request)
    names = ("review_seconds", "reject", "enforce_tier", "max_numbers")
    if unknown := sorted(set(body) - set(names)):
        raise BadRequestError(f"unknown: {', '.join(unknown)}; known: {', '.join(names)}")
    for name, value in body.items():
        setattr(world.config, name, value)
    return JSONResponse({name: getattr(world.config, name) for name in names})


async def numbers(request: Request) -> Response:
    """A new number, or other values for one that `id` names: throughput, status, health…"""
    world = world_of(request)
    body = await _json(request)
    number = world.numbers.get(str(body.get("id", "")))
    if number is not None:
        _set(number, Number, body)
    elif "display" in body:
        _known_only(Number, body)
        number = world.add_number(body)
        world.subscriptions.setdefault(number.waba, Subscription())
    else:
        raise BadRequestError("a new number needs `display`")
    return JSONResponse(asdict(number))


def _known_only(kind: Any, values: dict[str, Any]) -> None:
    if unknown := sorted(set(values) - {f.name for f in fields(kind)}):
        raise BadRequestError(f"unknown: {', '.join(unknown)}")


async def templates(request: Request) -> Response:
    """A new template, or other values (`status`, `components`…) for the one of that name and language.

    A change of status is announced by a `message_template_status_update` webhook.
    """
    world = world_of(request)
    body = await _json(request)
    if "name" not in body:
        raise BadRequestError("which template? `name` is missing")
    waba = body.get("waba", world.config.waba_id)
    template = world.template(waba, body["name"], body.setdefault("language", "es_AR"))
    before = template.status if template else None
    if template is None:
        _known_only(Template, body)
        template = world.add_template(body)
    else:
        _set(template, Template, body)
    if template.status != before:
        shown = payloads.template_status(template, template.status, template.rejected_reason)
        announce.publish(world, template.waba, "message_template_status_update", shown)
    return JSONResponse(asdict(template))


async def outcome(request: Request) -> Response:
    """{"to": a number or its last four digits, "outcome": a name of the table or null}."""
    world = world_of(request)
    body = await _json(request)
    key = "".join(c for c in str(body.get("to", "")) if c.isdigit())
    name = body.get("outcome")
    if not key or (name is not None and name not in outcomes.BY_NAME):
        raise BadRequestError(f"outcome is one of {', '.join(outcomes.BY_NAME)}")
    world.overrides.pop(key, None)
    if name is not None:
        world.overrides[key] = name
    return JSONResponse(world.overrides)


async def expire_media(request: Request) -> Response:
    """{"id"} or nothing (all): as if thirty days had gone by."""
    world = world_of(request)
    wanted = (await _json(request)).get("id")
    found = [m for m in world.media.values() if wanted in (None, m.id)]
    for media in found:
        media.deleted = True
    return JSONResponse({"expired": len(found)})


async def ledger(request: Request) -> Response:
    """`?since=N`: only what came after entry N."""
    since = request.query_params.get("since", "0")
    if not since.isdigit():
        raise BadRequestError("since is a number")
    return JSONResponse(world_of(request).ledger.as_json(int(since)))


async def webhooks(request: Request) -> Response:
    """Every POST made to callbacks, and how many items still wait."""
    dispatcher = world_of(request).dispatcher
    return JSONResponse({"pending": dispatcher.waiting, "posts": list(dispatcher.journal)})


async def reset(request: Request) -> Response:
    world_of(request).reset()
    return JSONResponse({"reset": True})


async def write_inbound(request: Request) -> Response:
    """{"from", "text", "context"?: wamid, "number"?: phone number id}."""
    world = world_of(request)
    body = await _json(request)
    customer = "".join(c for c in str(body.get("from", "")) if c.isdigit())
    if not customer or not body.get("text"):
        raise BadRequestError("`from` and `text` are needed")
    try:
        number = inbound.business_number(world, customer, body.get("number"))
    except KeyError:
        raise BadRequestError("no such phone number id") from None
    message = inbound.write(world, number, customer, str(body["text"]), body.get("context"))
    return JSONResponse({"wamid": message.wamid, "user_id": world.chat(customer).user_id})


async def raw_webhook(request: Request) -> Response:
    """{"payload": anything} or {"raw": text}, signed and posted once. `signature` replaces the right one."""
    world = world_of(request)
    body = await _json(request)
    url = body.get("url") or world.config.hooks.url
    if not url or ("payload" not in body and "raw" not in body):
        raise BadRequestError("`payload` or `raw`, and a configured url, are needed")
    content = str(body["raw"]).encode() if "raw" in body else signing.serialise(body["payload"])
    secret = str(body.get("app_secret", world.config.app_secret))
    signature = body["signature"] if "signature" in body else signing.signature(content, secret)
    status = await world.dispatcher.post(url, content, signature)
    return JSONResponse({"status": status})


async def verify_webhook(request: Request) -> Response:
    """Meta's GET handshake with the configured address."""
    world = world_of(request)
    body = await _json(request)
    url = body.get("url") or world.config.hooks.url
    if not url:
        raise BadRequestError("no webhook url is configured")
    token = str(body.get("verify_token", world.config.verify_token))
    right, status, text = await world.dispatcher.verify(url, token, str(secrets.randbelow(10**10)))
    return JSONResponse({"verified": right, "status": status, "body": text[:500]})


def routes() -> list[BaseRoute]:
    def post(path: str, endpoint: Any) -> Route:
        return Route(f"/control/{path}", endpoint, methods=["POST"])

    def get(path: str, endpoint: Any) -> Route:
        return Route(f"/control/{path}", endpoint, methods=["GET"])

    return [
        get("state", state),
        get("ledger", ledger),
        get("webhooks", webhooks),
        post("configure-webhook", configure_webhook),
        post("delays", configure_delays),
        post("tokens", tokens),
        post("account", account),
        post("event", event),
        post("fault", fault),
        post("settings", settings),
        post("numbers", numbers),
        post("templates", templates),
        post("outcomes", outcome),
        post("expire-media", expire_media),
        post("reset", reset),
        post("inbound", write_inbound),
        post("webhook", raw_webhook),
        post("verify-webhook", verify_webhook),
    ]
