"""Tokens, and looking up what a request names."""

from starlette.requests import Request

from acuse_simulator.entities import Number
from acuse_simulator.errors import GraphError, unknown_object
from acuse_simulator.world import World


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth") and token:
        return token.strip()
    return request.query_params.get("access_token", "")


def require_token(request: Request) -> World:
    world = world_of(request)
    token = bearer(request)
    if not token:
        raise GraphError(104)
    if token not in world.tokens:
        raise GraphError(190, message="Invalid OAuth access token - Cannot parse access token")
    if not world.tokens[token]:
        raise GraphError(190, message="Error validating access token: the session has been invalidated", subcode=460)
    return world


def number_of(world: World, request: Request, verb: str) -> Number:
    node = request.path_params["node"]
    if node not in world.numbers:
        raise unknown_object(node, verb)
    return world.numbers[node]


def waba_of(world: World, request: Request, verb: str) -> str:
    node: str = request.path_params["node"]
    if node not in world.wabas():
        raise unknown_object(node, verb)
    return node
