"""Everything under `/api/v1/`. Only the OpenAPI document and its page need no key."""

from __future__ import annotations

from typing import NoReturn

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path, re_path
from ninja.errors import HttpError, ValidationError

from acuse.api import deliveries, vouchers
from acuse.api.access import gated
from acuse.api.openapi import AcuseAPI, Reference
from acuse.api.problems import not_found
from acuse.api.refusals import REFUSALS, problem_of

OPEN = frozenset({"openapi-json", "openapi-view"})
#: ninja asks it for its own address; there is nothing to see.
ROOT = "api-root"

api = AcuseAPI(
    title="Acuse",
    version="1",
    description="Registrar comprobantes, enviarlos y saber qué fue de cada envío. Todo es de la empresa de la clave.",
    urls_namespace="api",
    docs=Reference(),
)
api.add_router("", vouchers.router)
api.add_router("", deliveries.router)


def _refused(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return problem_of(error if isinstance(error, Exception) else error()).as_response()


def _missing(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    return not_found().as_response()


for _kind in (*REFUSALS, ValidationError, HttpError, Exception):
    api.add_exception_handler(_kind, _refused)
api.add_exception_handler(Http404, _missing)


def _unknown(request: HttpRequest, **_: object) -> NoReturn:
    raise not_found()


def _behind_the_gate(pattern: URLPattern | URLResolver) -> URLPattern:
    if not isinstance(pattern, URLPattern):
        raise TypeError("ninja's routers are flat")
    if pattern.name in OPEN:
        return pattern
    view = _unknown if pattern.name == ROOT else pattern.callback
    return URLPattern(pattern.pattern, gated(view), pattern.default_args, pattern.name)


_patterns, _app_name, _namespace = api.urls
urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "",
        include(([_behind_the_gate(p) for p in _patterns], _app_name), _namespace),
    ),
    re_path(r"", gated(_unknown)),
]
