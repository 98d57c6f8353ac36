"""Tokens, and looking up what a request names."""

from starlette.requests import Request

from acuse_simulator.entities import SCOPES, Number, Template, Token
from acuse_simulator.errors import GraphError, unknown_object
from acuse_simulator.world import World

MANAGEMENT, MESSAGING = SCOPES


def world_of(request: Request) -> World:
    world: World = request.app.state.world
    return world


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "oauth") and token:
        return token.strip()
    return request.query_params.get("access_token", "")


def is_app_token(world: World, request: Request) -> bool:
    """`app id|app secret`, which acts for the app itself."""
    return bearer(request) == f"{world.config.app_id}|{world.config.app_secret}"


def token_of(request: Request) -> Token:
    """The valid token that the request carries. Raises GraphError 104 or 190."""
    world = world_of(request)
    given = bearer(request)
    if not given:
        raise GraphError(104)
    token = world.tokens.get(given)
    if token is None:
        raise GraphError(190, message="Invalid OAuth access token - Cannot parse access token")
    if token.expires_at and token.expires_at <= world.clock():
        raise GraphError(190, message="Error validating access token: Session has expired", subcode=463)
    if not token.valid:
        raise GraphError(190, message="Error validating access token: the session has been invalidated", subcode=460)
    return token


def require_token(request: Request, scope: str | None = None) -> World:
    """Raises GraphError 200 when the token lacks `scope`."""
    token = token_of(request)
    if scope is not None and scope not in token.scopes:
        raise GraphError(200, message=f"You do not have the necessary permissions required: {scope}")
    return world_of(request)


def number_of(world: World, request: Request, verb: str) -> Number:
    node = request.path_params["node"]
    if node not in world.numbers:
        raise unknown_object(node, verb)
    number = world.numbers[node]
    _require_target(request, number.waba)
    return number


def waba_of(world: World, request: Request, verb: str) -> str:
    node: str = request.path_params["node"]
    if node not in world.wabas():
        raise unknown_object(node, verb)
    _require_target(request, node)
    return node


def template_of(world: World, request: Request, verb: str) -> Template:
    node = request.path_params["node"]
    if node not in world.templates:
        raise unknown_object(node, verb)
    template = world.templates[node]
    _require_target(request, template.waba)
    return template


def _require_target(request: Request, waba: str) -> None:
    """A system user that wasn't given the account gets a code of the 200 range (Meta, permissions)."""
    token = world_of(request).tokens.get(bearer(request))
    if token is not None and token.targets is not None and waba not in token.targets:
        raise GraphError(200, message="You do not have the necessary permissions to access this business account")
