"""Every refusal is a problem (RFC 9457): `{type, title, status, detail, errors: [{field, code, text}]}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import JsonResponse

CONTENT_TYPE = "application/problem+json"

#: Status → the last word of its type, and its title.
TITLES: dict[int, tuple[str, str]] = {
    400: ("bad-request", "El pedido está mal formado"),
    401: ("unauthorized", "Falta una clave válida"),
    403: ("forbidden", "No tenés permiso"),
    404: ("not-found", "No existe"),
    405: ("method-not-allowed", "Método no admitido"),
    408: ("too-slow", "Tardó demasiado en llegar"),
    409: ("conflict", "Choca con lo que ya está registrado"),
    413: ("too-large", "Es demasiado grande"),
    415: ("unsupported-media-type", "Tipo de contenido no admitido"),
    422: ("invalid", "Hay datos para corregir"),
    500: ("internal-error", "Algo falló de nuestro lado"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    #: As in the request: `party.contacts[0].mobile`; None when it is about the whole.
    field: str | None
    #: Stable.
    code: str
    #: Spanish.
    text: str

    def as_json(self) -> dict[str, str | None]:
        return {"field": self.field, "code": self.code, "text": self.text}


class Problem(Exception):
    """The answer is this problem."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        errors: Iterable[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def as_json(self) -> dict[str, Any]:
        name, title = TITLES[self.status]
        return {
            "type": f"urn:acuse:problem:{name}",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "errors": [error.as_json() for error in self.errors],
        }

    def as_response(self) -> JsonResponse:
        return JsonResponse(
            self.as_json(), status=self.status, content_type=CONTENT_TYPE, headers=self.headers,
            json_dumps_params={"ensure_ascii": False},
        )  # fmt: skip


def invalid(errors: Iterable[FieldError], *, status: int = 422) -> Problem:
    """The detail says them all, so that whoever logs only it knows what to mend."""
    found = tuple(errors)
    detail = " ".join(f"{error.field}: {error.text}" if error.field else error.text for error in found[:20])
    return Problem(status, detail, errors=found)


def one(status: int, code: str, text: str, field: str | None = None) -> Problem:
    return Problem(status, text, errors=(FieldError(field, code, text),))


def not_found() -> Problem:
    return one(404, "not_found", "No existe, o no es de esta empresa.")


def unauthorized() -> Problem:
    text = "La clave falta o no sirve. Mandala así: Authorization: Bearer <clave>."
    return Problem(
        401,
        text,
        errors=(FieldError(None, "unauthorized", text),),
        headers={"WWW-Authenticate": 'Bearer realm="acuse"'},
    )


def internal() -> Problem:
    return one(500, "internal_error", "Algo falló de nuestro lado y quedó anotado. Probá de nuevo en unos minutos.")
