"""A session begins, waits for its second step, and proves again who is there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.signals import user_login_failed
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme

from acuse.companies.identity import signing_in
from acuse.companies.identity.passkeys import CEREMONY_LIFE
from acuse.companies.models import User
from acuse.web.access import refuse_nul, to_sign_in
from acuse.web.accounts.address import client_address
from acuse.web.accounts.browsers import browser_name

P = ParamSpec("P")

_BACKEND = "django.contrib.auth.backends.ModelBackend"
_PENDING, _PASSKEY, _PROVED = "pending", "passkey", "proved_at"
_CEREMONY_COOKIE = "acuse_passkey"
#: Seconds between the password and the second step, and of a passkey's ceremony.
_PENDING_LIFE = 600
_CEREMONY_LIFE = int(CEREMONY_LIFE.total_seconds())
#: Seconds after which what guards the account asks who is there again.
_PROVED_LIFE = 900


class PersonRequest(HttpRequest):
    """What a view behind `person` gets."""

    user: User


def person(
    view: Callable[Concatenate[PersonRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Whoever has entered, with or without a company: one's own account."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, User):
            return to_sign_in(request)
        refuse_nul(request.GET, request.POST)
        response = view(request, *args, **kwargs)  # type: ignore[arg-type]
        add_never_cache_headers(response)
        return response

    return guarded


def proved(
    view: Callable[Concatenate[PersonRequest, P], HttpResponse],
) -> Callable[Concatenate[PersonRequest, P], HttpResponse]:
    """Asks for the password again, unless it was given a moment ago: an open session isn't enough here."""

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if time.time() - request.session.get(_PROVED, 0) > _PROVED_LIFE:
            page = request.get_full_path() if request.method in ("GET", "HEAD") else reverse("web:account")
            return redirect(f"{reverse('web:account_prove')}?{urlencode({'next': page})}")
        return view(request, *args, **kwargs)

    return guarded


def enter(request: HttpRequest, user: User, *, by: str) -> None:
    """The session is the user's from now on. `by`: what proved it."""
    request.session.pop(_PENDING, None)
    login(request, user, backend=_BACKEND)
    address, now = client_address(request), int(time.time())
    request.session[signing_in.SESSION_SINCE] = now
    request.session[signing_in.SESSION_ADDRESS] = address
    request.session[signing_in.SESSION_BROWSER] = browser_name(request.headers.get("User-Agent", ""))
    request.session[_PROVED] = now
    signing_in.note(user, "sign_in.done", by=by, address=address)


def prove(request: HttpRequest) -> None:
    request.session[_PROVED] = int(time.time())


def wait_for_second_step(request: HttpRequest, user: User, next_url: str) -> None:
    request.session.cycle_key()
    request.session[_PENDING] = {
        "user": str(user.pk), "password": user.get_session_auth_hash(), "at": int(time.time()), "next": next_url,
    }  # fmt: skip


def waiting(request: HttpRequest) -> tuple[User, str] | None:
    """Who gave the right password a moment ago, and where they were going."""
    kept: dict[str, Any] | None = request.session.get(_PENDING)
    if kept is None or time.time() - kept["at"] > _PENDING_LIFE:
        return None
    user = User.objects.filter(pk=UUID(kept["user"]), is_active=True).first()
    # the password may have been changed meanwhile
    if user is None or not constant_time_compare(kept["password"], user.get_session_auth_hash()):
        return None
    return user, kept["next"]


def stop_waiting(request: HttpRequest) -> None:
    request.session.pop(_PENDING, None)


def keep_ceremony(request: HttpRequest, response: HttpResponse, state: dict[str, Any]) -> None:
    """Of who has a session, in it. Anybody may ask for one, as often as they like: a stranger's goes in a signed
    cookie, and leaves nothing here."""
    if request.user.is_authenticated or waiting(request) is not None:
        request.session[_PASSKEY] = {"state": state, "at": int(time.time())}
        return
    response.set_signed_cookie(
        _CEREMONY_COOKIE, json.dumps(state), salt=_CEREMONY_COOKIE, max_age=_CEREMONY_LIFE,
        path=reverse("web:sign_in"), httponly=True, samesite="Strict", secure=settings.SESSION_COOKIE_SECURE,
    )  # fmt: skip


def take_ceremony(request: HttpRequest) -> dict[str, Any]:
    """Empty when there is none, or it is too old. That nobody enters twice by one `passkeys.prove` sees to."""
    kept = request.session.pop(_PASSKEY, None)
    if kept is not None:
        state: dict[str, Any] = kept["state"]
        return {} if time.time() - kept["at"] > _CEREMONY_LIFE else state
    try:
        text = request.get_signed_cookie(_CEREMONY_COOKIE, salt=_CEREMONY_COOKIE, max_age=_CEREMONY_LIFE)
    except (KeyError, BadSignature):
        text = None
    return cast(dict[str, Any], json.loads(text)) if text is not None else {}


def drop_ceremony(response: HttpResponse) -> None:
    """The browser that answered asks for another one."""
    response.delete_cookie(_CEREMONY_COOKIE, path=reverse("web:sign_in"), samesite="Strict")


#: Under which the passkeys that Acuse doesn't know are counted, address by address: they name nobody.
_NOBODY = "llave desconocida"


def count_failure(request: HttpRequest, user: User | None) -> None:
    """A wrong code or passkey counts as a wrong password does, for the lock-out by address (django-axes)."""
    email = user.email if user is not None else _NOBODY
    user_login_failed.send(sender=__name__, credentials={"email": email}, request=request)


def safe_next(request: HttpRequest) -> str:
    """A page of this site, and not the one that one enters by."""
    asked = request.POST.get("next", request.GET.get("next", ""))
    allowed = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    # a bare word would be taken for the name of a view
    if not allowed or not asked.startswith("/") or urlsplit(asked).path.startswith(reverse("web:sign_in")):
        return reverse("web:home")
    return asked
