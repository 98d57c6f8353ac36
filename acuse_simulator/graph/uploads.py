"""The resumable upload (Graph API, upload): a session of an app, its bytes in one or more parts, a handle."""

import base64
import secrets

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse_simulator.entities import Upload
from acuse_simulator.errors import GraphError, unknown_object
from acuse_simulator.graph.access import require_token, token_of
from acuse_simulator.graph.nodes import body_of, needed
from acuse_simulator.world import World

TYPES = ("application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4")
MOST = 100 * 1024 * 1024  #: bytes


async def start(request: Request) -> Response:
    world = require_token(request)
    app_id = request.path_params["node"]
    if app_id != world.config.app_id or token_of(request).app_id != app_id:
        raise unknown_object(app_id, "post")
    name, length, mime_type = needed(await body_of(request), "file_name", "file_length", "file_type")
    if mime_type not in TYPES:
        raise GraphError(100, message=f"Param file_type must be one of {{{', '.join(TYPES)}}}")
    if not length.isdigit() or not 0 < int(length) <= MOST:
        raise GraphError(100, message="Param file_length is not a length that is allowed.")
    token = base64.urlsafe_b64encode(secrets.token_bytes(24)).decode().rstrip("=")
    upload = Upload(f"upload:{token}", name, int(length), mime_type)
    world.uploads[upload.id] = upload
    return JSONResponse({"id": upload.id})


async def receive(world: World, upload_id: str, request: Request) -> Response:
    """The header `file_offset` says where these bytes go: where the ones before ended."""
    upload = _found(world, upload_id, "post")
    offset = request.headers.get("file_offset", "")
    if not offset.isdigit() or int(offset) != len(upload.content):
        raise GraphError(100, message=f"Invalid file_offset: {len(upload.content)} is expected.")
    upload.content += await request.body()
    if len(upload.content) > upload.size:
        del world.uploads[upload_id]
        raise GraphError(100, message="The file is larger than its file_length.")
    if len(upload.content) < upload.size:
        raise GraphError(100, message="The file isn't whole yet.", http=400)
    upload.handle = f"4::{base64.b64encode(upload.mime_type.encode()).decode()}:{secrets.token_urlsafe(24)}"
    return JSONResponse({"h": upload.handle})


def describe(world: World, upload_id: str) -> Response:
    upload = _found(world, upload_id, "get")
    return JSONResponse({"id": upload.id, "file_offset": len(upload.content)})


def _found(world: World, upload_id: str, verb: str) -> Upload:
    if upload_id not in world.uploads:
        raise unknown_object(upload_id, verb)
    return world.uploads[upload_id]
