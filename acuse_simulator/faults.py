"""Trouble on command for any endpoint of the Graph: error pages, refusals, silence. First in, first out."""

import re
from dataclasses import dataclass
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from acuse_simulator.connections import Cut, HalfBody
from acuse_simulator.errors import GraphError

ERROR_PAGE = "<!DOCTYPE html><html><body><h1>Sorry, something went wrong.</h1></body></html>"
_GRAPH = re.compile(r"/v\d+\.\d+/|/debug_token$")


class Kind(StrEnum):
    JSON_500 = "json_500"  #: Meta's JSON error with HTTP 500 (code 2)
    HTML_500 = "html_500"  #: an error page in HTML
    RATE_LIMITED = "rate_limited"  #: 80007, with the usage header
    SLOW = "slow"  #: answered, after `slow_seconds`
    NEVER = "never"  #: no answer for `very_slow_seconds`, then the connection is cut
    CUT = "cut"  #: the connection is closed at once
    HALF = "half"  #: half of a JSON answer
    LOST = "lost"  #: carried out, and the connection is cut instead of the answer
    REFUSED = "refused"  #: Meta's JSON error with `code`


@dataclass
class Fault:
    """For the next `times` requests whose method and path match (`where`: a regular expression, searched)."""

    kind: Kind
    where: str = ""
    method: str = ""
    times: int = 1
    code: int = 1
    subcode: int | None = None


class Faults:
    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, method: str, path: str) -> Fault | None:
        for fault in self.waiting:
            if fault.method in ("", method) and re.search(fault.where, path):
                fault.times -= 1
                if fault.times <= 0:
                    self.waiting.remove(fault)
                return fault
        return None


class FaultMiddleware:
    """In front of the Graph's paths; the control API and the phone never fail."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        fault = None
        if scope["type"] == "http" and _GRAPH.match(scope["path"]):
            fault = scope["app"].state.world.faults.take(scope["method"], scope["path"])
        if fault is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        await request.body()
        world = scope["app"].state.world
        if fault.kind is Kind.SLOW:
            await world.pause(world.config.slow_seconds)
            await self.app(scope, _again(await request.body()), send)
            return
        if fault.kind is Kind.LOST:
            await self.app(scope, _again(await request.body()), _nowhere)
        if fault.kind is Kind.NEVER:
            await world.pause(world.config.very_slow_seconds)
        await _trouble(fault)(scope, receive, send)


async def _nowhere(message: Message) -> None:
    """An answer that nobody gets."""


def _again(body: bytes) -> Receive:
    """The body once more, for the application behind."""
    given = False

    async def receive() -> dict[str, object]:
        nonlocal given
        if given:
            return {"type": "http.disconnect"}
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _trouble(fault: Fault) -> Response:
    match fault.kind:
        case Kind.HTML_500:
            return Response(ERROR_PAGE, status_code=500, media_type="text/html")
        case Kind.JSON_500:
            return JSONResponse(GraphError(2, http=500).body(), status_code=500)
        case Kind.RATE_LIMITED:
            usage = '{"1":[{"type":"whatsapp","call_count":100,"estimated_time_to_regain_access":7}]}'
            headers = {"x-business-use-case-usage": usage}
            return JSONResponse(GraphError(80007).body(), status_code=400, headers=headers)
        case Kind.HALF:
            return HalfBody(b'{"data":[{"id":"1", "name":"mitad"}]}')
        case Kind.REFUSED:
            error = GraphError(fault.code, subcode=fault.subcode)
            return JSONResponse(error.body(), status_code=error.http)
        case _:
            return Cut()
