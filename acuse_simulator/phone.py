"""The customer's phone: a list of chats, a chat, its documents, and what the customer does."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from acuse_simulator import inbound, pages
from acuse_simulator.graph.access import world_of

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def html(content: str) -> Response:
    headers = {"Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return HTMLResponse(content, headers=headers)


async def chats(request: Request) -> Response:
    world = world_of(request)
    return html(pages.chat_list(world) if "fragment" in request.query_params else pages.chats(world))


async def chat(request: Request) -> Response:
    world, customer = world_of(request), request.path_params["number"]
    fragment = "fragment" in request.query_params
    return html(pages.bubbles(world, customer) if fragment else pages.chat(world, customer))


async def document(request: Request) -> Response:
    """As the phone would open it: a real PDF in the browser, anything else as a download."""
    world = world_of(request)
    message = world.messages.get(request.path_params["wamid"])
    media = world.media.get(message.media or "") if message else None
    if message is None or media is None or message.customer != request.path_params["number"]:
        return PlainTextResponse("Ese documento no está en este teléfono.", status_code=404)
    shown = media.mime_type == "application/pdf" and not media.broken
    disposition = "inline" if shown else "attachment"
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(message.filename or 'Untitled')}",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(
        media.content, media_type="application/pdf" if shown else "application/octet-stream", headers=headers
    )


async def answer(request: Request) -> Response:
    world, customer = world_of(request), request.path_params["number"]
    async with request.form() as form:
        text = str(form.get("text", "")).strip()
    if text:
        inbound.write(world, inbound.business_number(world, customer), customer, text)
    return RedirectResponse(f"/phone/{customer}", status_code=303)


async def mark_read(request: Request) -> Response:
    customer = request.path_params["number"]
    inbound.read_all(world_of(request), customer)
    return RedirectResponse(f"/phone/{customer}", status_code=303)


def routes() -> list[BaseRoute]:
    one = "/phone/{number:digits}"
    return [
        Route("/phone/", chats, methods=["GET"]),
        Route(one, chat, methods=["GET"]),
        Route(f"{one}/document/{{wamid:path}}", document, methods=["GET"]),
        Route(f"{one}/answer", answer, methods=["POST"]),
        Route(f"{one}/read", mark_read, methods=["POST"]),
    ]
