"""What every node of the Graph shares: reading a body, choosing fields, pages by cursor."""

import base64
import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse_simulator.errors import GraphError

SUCCESS = {"success": True}


async def body_of(request: Request) -> dict[str, Any]:
    """JSON, a form, or nothing: the Graph takes all three, and the query's parameters beside them."""
    query = dict(request.query_params)
    if request.headers.get("content-type", "").startswith(("multipart/", "application/x-www-form-urlencoded")):
        async with request.form() as form:
            return {**query, **dict(form)}
    raw = await request.body()
    try:
        body = json.loads(raw) if raw.strip() else {}
    except ValueError:
        raise GraphError(100, message="Invalid JSON in the body of the request.") from None
    if not isinstance(body, dict):
        raise GraphError(100, message="The body of the request must be an object.")
    return {**query, **body}


def needed(body: dict[str, Any], *names: str) -> list[str]:
    """The values as text. Raises GraphError 100 for the first one that is missing."""
    for name in names:
        if body.get(name) in (None, ""):
            raise GraphError(100, message=f"The parameter {name} is required.")
    return [str(body[name]) for name in names]


def picked(request: Request, row: dict[str, Any], defaults: Sequence[str], kind: str) -> Response:
    return JSONResponse(_chosen(request, defaults, kind)(row))


def page(request: Request, rows: list[dict[str, Any]], defaults: Sequence[str], kind: str) -> Response:
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


def _chosen(request: Request, defaults: Sequence[str], kind: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    asked = [f.strip() for f in re.split(r",(?![^{(]*[})])", request.query_params.get("fields", "")) if f.strip()]

    def choose(row: dict[str, Any]) -> dict[str, Any]:
        for name in asked:
            if name not in row:
                raise GraphError(100, message=f"Tried accessing nonexisting field ({name}) on node type ({kind})")
        names = dict.fromkeys([*(asked or defaults), "id"])
        # what has no value is left out, as Meta does
        return {name: row[name] for name in names if row[name] is not None}

    return choose


def _cursor(place: int) -> str:
    return base64.urlsafe_b64encode(str(place).encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    try:
        return int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise GraphError(100, message="Invalid cursor.") from None
