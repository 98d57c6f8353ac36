"""Upload, read, download and delete files."""

import hashlib
import hmac
from collections.abc import Callable

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from acuse_simulator.entities import Media
from acuse_simulator.errors import GraphError, missing, unknown_object
from acuse_simulator.graph.access import MESSAGING, number_of, require_token
from acuse_simulator.world import World

LARGEST = 100 * 1024 * 1024
URL_LIFE = 300  #: seconds that a download address works
_OFFICE = "application/vnd.openxmlformats-officedocument."
#: MIME type → largest size. Documents, images, audio and video (Meta, supported media types).
TYPES = {
    **dict.fromkeys(
        (
            "application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel",
            "application/vnd.ms-powerpoint", f"{_OFFICE}wordprocessingml.document",
            f"{_OFFICE}spreadsheetml.sheet", f"{_OFFICE}presentationml.presentation",
        ),
        LARGEST,
    ),
    **dict.fromkeys(("image/jpeg", "image/png"), 5 * 1024 * 1024),
    **dict.fromkeys(("audio/aac", "audio/mp4", "audio/mpeg", "audio/amr", "audio/ogg"), 16 * 1024 * 1024),
    **dict.fromkeys(("video/mp4", "video/3gpp"), 16 * 1024 * 1024),
}  # fmt: skip
_MAGIC: dict[str, Callable[[bytes], bool]] = {
    "application/pdf": lambda head: b"%PDF-" in head,
    "image/jpeg": lambda head: head.startswith(b"\xff\xd8\xff"),
    "image/png": lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"),
}


def is_broken(mime_type: str, content: bytes) -> bool:
    """Whether the bytes aren't what the type says; only types with a known signature are looked at."""
    check = _MAGIC.get(mime_type)
    return not content or (check is not None and not check(content[:1024]))


async def upload(request: Request) -> Response:
    world = require_token(request, MESSAGING)
    number = number_of(world, request, "post")
    if int(request.headers.get("content-length") or 0) > LARGEST + 1024 * 1024:
        raise GraphError(100, "The file is larger than 100 MB", http=413)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise missing("file")
    async with request.form(max_files=1, max_fields=20) as form:
        if form.get("messaging_product") != "whatsapp":
            raise missing("messaging_product")
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise missing("file")
        declared = form.get("type")
        mime_type = (declared if isinstance(declared, str) else file.content_type or "").split(";")[0].strip()
        filename = file.filename or ""
        content = await file.read()
    _check(mime_type, content)
    broken = is_broken(mime_type, content)
    media = world.add_media(number.id, mime_type, filename, content, broken=broken)
    world.ledger.upload(
        id=media.id,
        number=number.id,
        mime_type=mime_type,
        filename=filename,
        size=len(content),
        sha256=media.sha256,
        broken=broken,
    )
    return JSONResponse({"id": media.id})


def _check(mime_type: str, content: bytes) -> None:
    if mime_type not in TYPES:
        allowed = ", ".join(sorted(TYPES))
        raise GraphError(
            100,
            message=f"Param file must be a file with one of the following types: {allowed}. "
            f"Received file of type '{mime_type}'.",
        )
    if len(content) > TYPES[mime_type]:
        raise GraphError(100, f"File size {len(content)} is larger than the {TYPES[mime_type]} bytes allowed")


def _find(world: World, request: Request, verb: str) -> Media:
    media = world.media.get(request.path_params["node"])
    owner = request.query_params.get("phone_number_id")
    if media is None or not media.alive(world.clock()) or (owner and owner != media.number):
        raise unknown_object(request.path_params["node"], verb)
    return media


def _ticket(world: World, media: Media, expires: int) -> str:
    return hmac.new(world.config.app_secret.encode(), f"{media.id}:{expires}".encode(), hashlib.sha256).hexdigest()


def describe(world: World, request: Request) -> Response:
    media = _find(world, request, "get")
    expires = int(world.clock()) + URL_LIFE
    base = str(request.base_url).rstrip("/")
    url = f"{base}/whatsapp_business/attachments/?mid={media.id}&ext={expires}&hash={_ticket(world, media, expires)}"
    return JSONResponse(
        {
            "messaging_product": "whatsapp",
            "url": url,
            "mime_type": media.mime_type,
            "sha256": media.sha256,
            "file_size": str(len(media.content)),
            "id": media.id,
        }
    )


async def delete(request: Request) -> Response:
    world = require_token(request)
    media = _find(world, request, "delete")
    media.deleted = True
    world.ledger.write("media_deleted", id=media.id)
    return JSONResponse({"success": True})


async def download(request: Request) -> Response:
    """404 once the address is over five minutes old."""
    world = require_token(request)
    query = request.query_params
    media = world.media.get(query.get("mid", ""))
    expires = int(query["ext"]) if query.get("ext", "").isdigit() else 0
    if media is None or not media.alive(world.clock()) or world.clock() > expires:
        raise unknown_object(query.get("mid", ""), "get")
    if not hmac.compare_digest(query.get("hash", ""), _ticket(world, media, expires)):
        raise unknown_object(media.id, "get")
    return Response(media.content, media_type=media.mime_type)
