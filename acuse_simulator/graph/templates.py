"""Message templates: made, reviewed after a while, edited, deleted, paused and unpaused."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse_simulator import announce, payloads
from acuse_simulator.entities import Template
from acuse_simulator.errors import GraphError
from acuse_simulator.graph import template_rules
from acuse_simulator.graph.access import MANAGEMENT, require_token, template_of, waba_of
from acuse_simulator.graph.nodes import SUCCESS, body_of, needed, page
from acuse_simulator.world import World

DEFAULTS = ("name", "parameter_format", "components", "language", "status", "category", "id")
DAY = 24 * 3600.0
NAME_BLOCKED = 30 * DAY
HOURLY = 100
MOST = {"verified": 6000}
MOST_UNVERIFIED = 250
EDITABLE = ("APPROVED", "REJECTED", "PAUSED")


def shown(template: Template) -> dict[str, Any]:
    return {
        "id": template.id,
        "name": template.name,
        "language": template.language,
        "status": template.status,
        "category": template.category,
        "parameter_format": template.parameter_format,
        "components": template.components,
        "quality_score": {"score": template.quality, "date": 1712099387},
        "rejected_reason": template.rejected_reason,
        "health_status": None,
    }


async def listed(request: Request) -> Response:
    """Filters: name, language, status, category."""
    world = require_token(request, MANAGEMENT)
    waba = waba_of(world, request, "get")
    rows = [shown(t) for t in world.templates.values() if t.waba == waba]
    for name in ("name", "language", "status", "category"):
        if wanted := request.query_params.get(name):
            rows = [row for row in rows if row[name] == wanted]
    return page(request, rows, DEFAULTS, "MessageTemplate")


async def create(request: Request) -> Response:
    """PENDING until the review: after `review_seconds`, or when the control API decides."""
    world = require_token(request, MANAGEMENT)
    waba = waba_of(world, request, "post")
    body = await body_of(request)
    needed(body, "name", "language", "category", "components")
    template_rules.check(world, body)
    _check_room(world, waba, body)
    account = world.account(waba)
    account.creations.append(world.clock())
    known: dict[str, Any] = {k: body[k] for k in ("name", "language", "components", "parameter_format") if k in body}
    template = world.add_template({**known, "waba": waba, "status": "PENDING", "category": _category(body)})
    _review(world, template)
    return JSONResponse({"id": template.id, "status": template.status, "category": template.category})


def _check_room(world: World, waba: str, body: dict[str, Any]) -> None:
    account, now = world.account(waba), world.clock()
    if world.template(waba, body["name"], body["language"]):
        said = ("Content in this language already exists", "There is already a template of that name and language.")
        raise GraphError(100, message="Invalid parameter", subcode=2388024, user=said)
    if account.blocked_names.get(body["name"], 0.0) > now:
        said = ("Name is blocked", "The name of a deleted template can't be used again for 30 days.")
        raise GraphError(100, message="Invalid parameter", subcode=2388023, user=said)
    if sum(t.waba == waba for t in world.templates.values()) >= MOST.get(account.verification, MOST_UNVERIFIED):
        said = ("Template limit", "The account has as many templates as it may have.")
        raise GraphError(100, message="Invalid parameter", subcode=2388019, user=said)
    account.creations = [at for at in account.creations if now - at < 3600]
    if len(account.creations) >= HOURLY:
        raise GraphError(80007, message="There have been too many calls to create templates of this account.")


def _category(body: dict[str, Any]) -> str:
    """A text that promotes something isn't a utility, whatever it was asked to be."""
    asked = str(body["category"]).upper()
    texts = " ".join(str(c.get("text", "")) for c in body["components"])
    return "MARKETING" if asked == "UTILITY" and template_rules.PROMOTIONAL.search(texts) else asked


def _review(world: World, template: Template) -> None:
    if world.config.review_seconds is None:
        return
    decision, reason = ("REJECTED", world.config.reject) if world.config.reject else ("APPROVED", "NONE")

    def happened() -> None:
        if template.status == "PENDING" and world.templates.get(template.id) is template:
            template.status, template.rejected_reason = decision, reason or "NONE"

    value = payloads.template_status(template, decision, reason or "NONE")
    announce.publish(
        world, template.waba, "message_template_status_update", value, world.config.review_seconds, happened
    )


async def edit(world: World, template: Template, request: Request) -> Response:
    body = await body_of(request)
    if template.status not in EDITABLE:
        said = ("Template can't be edited", f"A template that is {template.status} can't be edited.")
        raise GraphError(100, message="Invalid parameter", subcode=2388025, user=said)
    now = world.clock()
    if template.status == "APPROVED":
        if "category" in body and body["category"] != template.category:
            said = ("Category can't be edited", "The category of an approved template can't be changed.")
            raise GraphError(100, message="Invalid parameter", subcode=2388025, user=said)
        last_month = [at for at in template.edits if now - at < 30 * DAY]
        if len(last_month) >= 10 or any(now - at < DAY for at in last_month):
            said = ("Too many edits", "An approved template can be edited once a day and ten times in 30 days.")
            raise GraphError(100, message="Invalid parameter", subcode=2388025, user=said)
        template.edits = [*last_month, now]
    components = body.get("components", template.components)
    template_rules.check_components(world, components, named=template.parameter_format == "NAMED")
    template.components, template.status = components, "PENDING"
    _review(world, template)
    return JSONResponse(SUCCESS)


async def delete(request: Request) -> Response:
    """By name: in every language; with `hsm_id`: that one."""
    world = require_token(request, MANAGEMENT)
    waba = waba_of(world, request, "delete")
    (name,) = needed(await body_of(request), "name")
    wanted = request.query_params.get("hsm_id")
    found = [t for t in world.templates.values() if t.waba == waba and t.name == name and wanted in (None, t.id)]
    if not found:
        said = ("Template not found", "There is no template of that name.")
        raise GraphError(100, message="Invalid parameter", subcode=2593002, user=said)
    for template in found:
        del world.templates[template.id]
        if template.status in ("APPROVED", "PAUSED"):
            world.account(waba).blocked_names[name] = world.clock() + NAME_BLOCKED
    return JSONResponse(SUCCESS)


async def unpause(request: Request) -> Response:
    world = require_token(request, MANAGEMENT)
    template = template_of(world, request, "post")
    if template.status != "PAUSED":
        raise GraphError(100, message="The template is not paused.")
    template.status = "APPROVED"
    value = payloads.template_status(template, "APPROVED")
    announce.publish(world, template.waba, "message_template_status_update", value)
    return JSONResponse(SUCCESS)
