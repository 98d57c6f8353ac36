"""The gate of `/api/v1/`: a good key or 401, whatever the path; then the size; then the rest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, TypeVar, cast

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt

from acuse.api.bodies import MAX_JSON, MAX_PDF, length_of, too_large
from acuse.api.ids import parse_id
from acuse.api.problems import not_found, one, unauthorized
from acuse.api.refusals import problem_of
from acuse.companies import services as companies
from acuse.companies.models import ApiKey
from acuse.companies.scope import Actor, actor_of_key, scoped
from acuse.intake.services import free_connection
from acuse.kernel import clock

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponseBase]
USE_NOTED_EVERY = timedelta(minutes=1)
#: Bodies over this are held in memory one at a time.
LARGE = 8 * 1024 * 1024
_large_slot = threading.BoundedSemaphore(1)


def gated(view: View) -> View:
    @csrf_exempt
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            request.api_actor = _authenticate(request)  # type: ignore[attr-defined]
            _check_length(request)
            with _turn_of(request):
                response = view(request, *args, **kwargs)
        except Exception as error:
            response = problem_of(error).as_response()
        if isinstance(response, HttpResponseNotAllowed):
            response = _not_allowed(response)
        add_never_cache_headers(cast(HttpResponse, response))
        return response

    return guarded


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.api_actor)  # type: ignore[attr-defined]


def own(queryset: QuerySet[M], actor: Actor, id_: str) -> M:
    """The row, if it is of the key's company. Raises Problem: other companies' rows don't exist."""
    key = parse_id(id_)
    found = scoped(queryset, actor).filter(pk=key).first() if key is not None else None
    if found is None:
        raise not_found()
    return found


def _authenticate(request: HttpRequest) -> Actor:
    scheme, _, plain = request.headers.get("Authorization", "").partition(" ")
    key = companies.find_api_key(plain.strip()) if scheme.lower() == "bearer" and plain.strip() else None
    if key is None:
        raise unauthorized()
    _note_use(key)
    return actor_of_key(key)


def _note_use(key: ApiKey) -> None:
    now = clock.now()
    if key.last_used_at is not None and now - key.last_used_at < USE_NOTED_EVERY:
        return
    unnoted = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    ApiKey.objects.filter(unnoted, pk=key.pk).update(last_used_at=now)


def _check_length(request: HttpRequest) -> None:
    length, pdf = length_of(request), request.content_type == "application/pdf"
    if length is not None and length > (MAX_PDF if pdf else MAX_JSON):
        raise too_large(pdf=pdf)


def _turn_of(request: HttpRequest) -> AbstractContextManager[object]:
    """A raw PDF goes to disk as it is read; a large JSON body is whole in memory, so it waits for its turn."""
    length = length_of(request)
    chunked = length is None and "Transfer-Encoding" in request.headers
    if request.content_type == "application/pdf" or not (chunked or (length or 0) > LARGE):
        return nullcontext()
    free_connection()
    return _large_slot


def _not_allowed(response: HttpResponseNotAllowed) -> HttpResponseBase:
    allowed = response.headers["Allow"]
    problem = one(405, "method_not_allowed", f"Acá va {allowed.replace(', ', ' o ')}.")
    problem.headers["Allow"] = allowed
    return problem.as_response()
