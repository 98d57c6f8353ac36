"""The PDF of a voucher, of its present version or as it was: streamed, and able to do nothing but be seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from acuse.kernel.names import safe_file_name
from acuse.vouchers import files
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import VoucherVersion
from acuse.web.access import ActorRequest, acting
from acuse.web.vouchers.one import find

#: The browser shows the PDF and nothing else: no script runs in it and no other site frames it. CSP's own `sandbox`
#: isn't used, since Chromium's PDF viewer refuses to open in one.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
_CHUNK = 256 * 1024


@require_safe
@acting
def pdf(request: ActorRequest, kind: VoucherKind, voucher_id: UUID, version: int | None = None) -> HttpResponseBase:
    """`?descargar` asks for it as a download."""
    found = find(request, kind, voucher_id)
    sha256, name = found.file_id, found.title
    if version is not None:
        kept = VoucherVersion.objects.filter(voucher=found, version=version).first()
        if kept is None:
            raise Http404
        sha256, name = kept.file_id, f"{kept.content.get('title', found.title)} v{version}"
    if sha256 is None:
        raise Http404
    return serve(request, files.path_of(sha256), safe_file_name(name), download="descargar" in request.GET)


def serve(request: HttpRequest, path: Path, name: str, *, download: bool) -> HttpResponseBase:
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise Http404 from error
    # each server wants its own kind of iterator, and reads the other one whole
    chunks = _slowly(path) if isinstance(request, ASGIRequest) else _at_once(path)
    response = StreamingHttpResponse(chunks, content_type="application/pdf")
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = content_disposition_header(download, name) or "inline"
    response["Content-Security-Policy"] = _POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def _at_once(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


async def _slowly(path: Path) -> AsyncIterator[bytes]:
    # see `exporting.Stream`
    await sync_to_async(close_old_connections)()
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
            yield chunk
    finally:
        file.close()
