"""Reading what comes in a request, within limits."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja.params.models import Body, BodyModel, Query, QueryModel
from pydantic_core import from_json

from acuse.api.problems import FieldError, Problem, invalid, one
from acuse.intake.services import IntakeError, TakenPdf, take_pdf
from acuse.vouchers import files

MAX_PDF = files.MAX_BYTES
MAX_JSON = 64 * 1024 * 1024
_CHUNK = 1024 * 1024
#: Characters of base64 decoded at once: a multiple of 4.
_SLICE = 4 * 256 * 1024


def length_of(request: HttpRequest) -> int | None:
    """None when the request doesn't say."""
    text = str(request.META.get("CONTENT_LENGTH") or "")
    return int(text) if text.isascii() and text.isdigit() else None


def too_large(*, pdf: bool) -> Problem:
    text = "El PDF pasa los 100 MB." if pdf else "El pedido pasa los 64 MB. Los PDF grandes van por …/pdf."
    return one(413, "too_large", text)


def too_slow() -> Problem:
    return one(408, "too_slow", "El pedido no terminó de llegar, y no se guardó nada. Mandalo de nuevo.")


def read_json(request: HttpRequest) -> Any:
    """Raises Problem."""
    if length_of(request) == 0:
        return {}
    kind = request.content_type or "application/json"
    if kind != "application/json" and not kind.endswith("+json"):
        raise one(415, "not_json", "El cuerpo tiene que ser JSON, con Content-Type: application/json.")
    length = length_of(request)
    # in one piece: joining pieces would hold the body twice
    raw = request.read((MAX_JSON if length is None else min(length, MAX_JSON)) + 1)
    if len(raw) > MAX_JSON:
        raise too_large(pdf=False)
    if raw.isspace() or not raw:
        return {}
    try:
        return from_json(raw, allow_inf_nan=False, cache_strings="keys")
    except ValueError as error:
        raise one(422, "invalid_json", f"El cuerpo no es JSON válido: {error}.") from error


class JsonModel(BodyModel):
    """Instead of ninja's: it reads within limits, and its refusals are ours."""

    @classmethod
    def get_request_data(cls, request: HttpRequest, api: Any, path_params: dict[str, Any]) -> dict[str, Any]:
        return {cls.__read_from_single_attr__: read_json(request)}


class Json(Body):  # type: ignore[misc]
    _model = JsonModel

    @classmethod
    def _param_source(cls) -> str:
        return "body"


class FiltersModel(QueryModel):
    """Instead of ninja's, which ignores what it doesn't know: a misspelt filter would answer everything."""

    @classmethod
    def get_request_data(cls, request: HttpRequest, api: Any, path_params: dict[str, Any]) -> dict[str, Any] | None:
        known: dict[str, Any] = getattr(cls, "__ninja_flatten_map__", {})
        if unknown := sorted(set(request.GET) - set(known)):
            text = f"No conocemos este parámetro. Los que hay son {', '.join(known)}."
            raise invalid(FieldError(name, "unknown_field", text) for name in unknown[:20])
        data: dict[str, Any] | None = super().get_request_data(request, api, path_params)
        return data


class Filters(Query):  # type: ignore[misc]
    _model = FiltersModel

    @classmethod
    def _param_source(cls) -> str:
        return "query"


def pdf_of_request(request: HttpRequest) -> TakenPdf:
    """The raw body, written to disk as it is read. Raises Problem, IntakeError."""
    if request.content_type != "application/pdf":
        raise one(415, "not_pdf_type", "Mandá el PDF tal cual, con Content-Type: application/pdf.")
    return take_pdf(_chunks(request))


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(_CHUNK):
        yield chunk


def pdf_of_base64(text: str | None) -> TakenPdf | None:
    """Decoded piece by piece to disk. Raises IntakeError."""
    if text is None:
        return None
    try:
        return take_pdf(_decoded(text))
    except IntakeError as error:
        raise IntakeError(error.code, str(error), field="pdf_base64") from error


def _decoded(text: str) -> Iterator[bytes]:
    """Line breaks are allowed, as MIME writes them."""
    if any(blank in text for blank in "\r\n \t"):
        text = text.translate({ord(blank): None for blank in "\r\n \t"})
    padding = text.find("=")
    if padding != -1 and padding < len(text) - 2:
        raise _not_base64()
    for start in range(0, len(text), _SLICE):
        try:
            yield base64.b64decode(text[start : start + _SLICE], validate=True)
        except (binascii.Error, ValueError) as error:
            raise _not_base64() from error


def _not_base64() -> IntakeError:
    return IntakeError("pdf_base64_invalid", "El PDF no está bien codificado en base64.", field="pdf_base64")
