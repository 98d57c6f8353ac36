"""Which path is answered by whom, and errors in Meta's form."""

import re

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from acuse_simulator.errors import GraphError
from acuse_simulator.graph import accounts, media, messages, numbers, templates, uploads

PREFIX = "/{version:graph_version}"
_NODE = f"{PREFIX}/{{node}}"


def routes() -> list[BaseRoute]:
    return [
        Route("/whatsapp_business/attachments/", media.download, methods=["GET"]),
        Route("/debug_token", accounts.debug_token, methods=["GET"]),
        Route(f"{PREFIX}/debug_token", accounts.debug_token, methods=["GET"]),
        Route(f"{_NODE}/media", media.upload, methods=["POST"]),
        Route(f"{_NODE}/messages", messages.send, methods=["POST"]),
        Route(f"{_NODE}/uploads", uploads.start, methods=["POST"]),
        Route(f"{_NODE}/request_code", numbers.request_code, methods=["POST"]),
        Route(f"{_NODE}/verify_code", numbers.verify_code, methods=["POST"]),
        Route(f"{_NODE}/register", numbers.register, methods=["POST"]),
        Route(f"{_NODE}/deregister", numbers.deregister, methods=["POST"]),
        Route(f"{_NODE}/whatsapp_business_profile", numbers.profile, methods=["GET"]),
        Route(f"{_NODE}/whatsapp_business_profile", numbers.change_profile, methods=["POST"]),
        Route(f"{_NODE}/phone_numbers", numbers.listed, methods=["GET"]),
        Route(f"{_NODE}/phone_numbers", numbers.add, methods=["POST"]),
        Route(f"{_NODE}/message_templates", templates.listed, methods=["GET"]),
        Route(f"{_NODE}/message_templates", templates.create, methods=["POST"]),
        Route(f"{_NODE}/message_templates", templates.delete, methods=["DELETE"]),
        Route(f"{_NODE}/unpause", templates.unpause, methods=["POST"]),
        Route(f"{_NODE}/subscriptions", accounts.app_subscriptions, methods=["GET"]),
        Route(f"{_NODE}/subscriptions", accounts.subscribe_app, methods=["POST"]),
        Route(f"{_NODE}/subscribed_apps", accounts.subscriptions, methods=["GET"]),
        Route(f"{_NODE}/subscribed_apps", accounts.subscribe, methods=["POST"]),
        Route(f"{_NODE}/subscribed_apps", accounts.unsubscribe, methods=["DELETE"]),
        Route(_NODE, accounts.node, methods=["GET"]),
        Route(_NODE, accounts.change, methods=["POST"]),
        Route(_NODE, media.delete, methods=["DELETE"]),
    ]


async def graph_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, GraphError):
        raise error
    headers = {"facebook-api-version": request.path_params.get("version", ""), "x-fb-trace-id": "simulated"}
    if error.code == 4:
        headers["x-app-usage"] = '{"call_count":100,"total_cputime":25,"total_time":25}'
    return JSONResponse(error.body(), status_code=error.http, headers=headers)


async def unknown_path(request: Request, _: Exception) -> Response:
    path = request.url.path
    known_version = re.match(r"/v\d+\.\d+(/|$)", path) is not None
    message = f"Unknown path components: {path}" if known_version else f"Unsupported version or path: {path}"
    error = GraphError(2500, message=message, http=404)
    error.type = "OAuthException"
    return JSONResponse(error.body(), status_code=404)
