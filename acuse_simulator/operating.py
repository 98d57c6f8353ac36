"""The operator's page and its forms. What can't be done is said, and changes nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from acuse_simulator import desk, events, outcomes
from acuse_simulator.event import UnknownEventError
from acuse_simulator.faults import Fault, Kind
from acuse_simulator.graph.access import world_of
from acuse_simulator.phone import html
from acuse_simulator.world import World

Given = dict[str, str]
Act = Callable[[World, Given], str]

SECONDS_OF_REVIEW = 5.0


class RefusedError(ValueError):
    """In Spanish, for the page."""


async def operator(request: Request) -> Response:
    world, query = world_of(request), request.query_params
    if "fragment" in query:
        return html(desk.state(world))
    wrong = "no" in query
    return html(desk.operator(world, query.get("no" if wrong else "ok", ""), wrong=wrong))


async def icon(_: Request) -> Response:
    """What a browser asks for beside a page of JSON."""
    return RedirectResponse("/static/mark.svg")


def _event(world: World, given: Given) -> str:
    name = given.pop("event", "")
    try:
        events.provoke(world, name, {key: value for key, value in given.items() if value})
    except UnknownEventError:
        raise RefusedError("Eso ya no está: elegí otra vez.") from None
    return f"Hecho: {events.EVENTS[name].says}."


def _fault(world: World, given: Given) -> str:
    if "clear" in given:
        world.faults.waiting.clear()
        return "No falla más nada."
    kind, where = given.get("kind", ""), given.get("where", "")
    if kind not in [known.value for known in Kind] or where not in desk.PLACES:
        raise RefusedError("Elegí de la lista.")
    times, code = _number(given, "times", 1, 1000), _number(given, "code", 0, 9_999_999)
    world.faults.waiting.append(Fault(Kind(kind), where, times=times, code=code))
    return f"Va a fallar {desk.PLACES[where]}: {desk.TROUBLE[Kind(kind)]}."


def _number(given: Given, name: str, least: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise RefusedError(f"Tiene que ser un número de {least} a {most}.")
    return int(text)


def _settings(world: World, given: Given) -> str:
    review, config = given.get("review", ""), world.config
    if review not in desk.REVIEWS:
        raise RefusedError("Elegí de la lista.")
    config.max_numbers = _number(given, "max_numbers", 0, 100)
    config.review_seconds = SECONDS_OF_REVIEW if review else None
    config.reject = None if review in ("", "approve") else review
    config.enforce_tier = bool(given.get("tier"))
    return "Guardado."


def _outcome(world: World, given: Given) -> str:
    to = "".join(c for c in given.get("to", "") if c.isdigit())
    name = given.get("outcome", "")
    if not to or (name and name not in outcomes.BY_NAME):
        raise RefusedError("Escribí un celular, o sus últimos cuatro dígitos.")
    world.overrides.pop(to, None)
    if not name:
        return f"{to} va como los demás."
    world.overrides[to] = name
    return f"{to}: {outcomes.BY_NAME[name].says}."


def _reset(world: World, given: Given) -> str:
    world.reset()
    return "Todo está como cuando arrancó."


def _form(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answered(request: Request) -> Response:
        async with request.form() as form:
            given = {name: value for name, value in form.items() if isinstance(value, str)}
        try:
            address = desk.back(act(world_of(request), given))
        except RefusedError as refused:
            address = desk.back(str(refused), wrong=True)
        return RedirectResponse(address, status_code=303)

    return answered


def routes() -> list[BaseRoute]:
    acts: dict[str, Any] = {
        "event": _event, "fault": _fault, "settings": _settings, "outcome": _outcome, "reset": _reset,
    }  # fmt: skip
    return [
        Route("/", operator, methods=["GET"]),
        Route("/favicon.ico", icon, methods=["GET"]),
        *(Route(f"/{name}", _form(act), methods=["POST"]) for name, act in acts.items()),
    ]
