"""Too many wrong tries (django-axes): until when, and a notice to the person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from acuse.companies import mail
from acuse.companies.identity import signing_in
from acuse.companies.models import User
from acuse.kernel import clock
from acuse.web.accounts.address import client_address, counted_address


def username(request: HttpRequest | None, credentials: dict[str, Any] | None) -> str:
    """Under which the tries of an address are counted. As PostgreSQL's upper() sees it, which finds the user: ſ and ı
    are S and I, or each spelling would have tries of its own."""
    given = credentials.get("email") if credentials else request.POST.get("username") if request else None
    return str(given or "").strip().upper().lower()


def locked_out(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The answer to every try until the wait ends, right or wrong."""
    email = username(request, credentials)
    found = AccessAttempt.objects.filter(username=email, ip_address=counted_address(request))
    last = found.aggregate(last=Max("attempt_time"))["last"]
    context = {"limit": settings.AXES_FAILURE_LIMIT, "mail": mail.configured(), "until": _end(last)}
    return render(request, "web/locked_out.html", context, status=429)


def note_failure(request: HttpRequest, user: User | None, *, by: str) -> None:
    """After a failed try was counted: the audit of known users, and the notice when it was the last one."""
    if user is None:
        return
    failures: int | None = getattr(request, "axes_failures_since_start", None)
    # none: it was locked already, and this try isn't looked at
    if failures is None:
        return
    address = client_address(request)
    signing_in.note(user, "sign_in.failed", by=by, address=address)
    if getattr(request, "axes_locked_out", False):
        signing_in.note(user, "sign_in.locked", by=by, address=address)
        if mail.configured():
            mail.send_later(
                user.email, "Acuse cerró el paso a tu usuario por unos minutos", _text(user, failures, address)
            )


def note_replay(request: HttpRequest, user: User) -> None:
    """Nobody guessed: it isn't counted, and the person reads that somebody had their passkey's answer."""
    detail = {"by": "passkey", "address": client_address(request), "reason": "Con esa misma respuesta ya se entró."}
    signing_in.note(user, "sign_in.refused", **detail)


def _end(last: datetime | None) -> datetime:
    return (last or clock.now()) + timedelta(hours=settings.AXES_COOLOFF_TIME)


def _text(user: User, failures: int, address: str) -> str:
    until = timezone.localtime(_end(clock.now()))
    return (
        f"Hola, {user}.\n\nHubo {failures} intentos seguidos de entrar a Acuse con tu correo y una contraseña, un "
        f"código o una llave que no son, desde la dirección {address}. Desde ahí no se puede entrar hasta las "
        f"{until:%H:%M}.\n\n"
        f"Si fuiste vos, esperá y probá de nuevo, o elegí otra contraseña: {settings.BASE_URL}/ingresar/olvide/\n\n"
        "Si no fuiste vos, tu contraseña sigue a salvo. Avisale a quien administra Acuse.\n"
    )
