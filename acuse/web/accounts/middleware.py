"""How long a session lives, and how its person reads numbers and dates."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from acuse.companies.identity.signing_in import SESSION_SINCE
from acuse.companies.models import User
from acuse.web import formats

_SEEN = "seen_at"
#: Seconds; the session is written again no more often.
_SEEN_EVERY = 300
#: What static/web/session.js says of a request that nobody asked for: a poller keeps no session alive.
BY_ITSELF = "X-Acuse-By-Itself"


class SessionLifeMiddleware:
    """Each thing done gives the session `SESSION_COOKIE_AGE` more; it ends `SESSION_LONGEST_AGE` after it began."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            self._look(request)
        return self.get_response(request)

    def _look(self, request: HttpRequest) -> None:
        now = int(time.time())
        since = request.session.setdefault(SESSION_SINCE, now)
        if now - since > settings.SESSION_LONGEST_AGE:
            logout(request)
        elif BY_ITSELF not in request.headers and now - request.session.get(_SEEN, 0) > _SEEN_EVERY:
            request.session[_SEEN] = now


class FormatsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not isinstance(request.user, User):
            return self.get_response(request)
        with formats.using(request.user.formats):
            return self.get_response(request)
