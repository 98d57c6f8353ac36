"""Entering: the password, then the second step of who has one; or a passkey, which is both."""

from __future__ import annotations

import json
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies import mail
from acuse.companies.identity import passkeys, second_factor, signing_in
from acuse.companies.models import User
from acuse.companies.services import CompanyError
from acuse.web.accounts.entering import (
    count_failure,
    drop_ceremony,
    enter,
    keep_ceremony,
    safe_next,
    stop_waiting,
    take_ceremony,
    wait_for_second_step,
    waiting,
)
from acuse.web.accounts.forms import CodeForm, SignInForm
from acuse.web.accounts.locking import locked_out, note_failure, note_replay


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    next_url = safe_next(request)
    if isinstance(request.user, User):
        return redirect(next_url)
    form = SignInForm(request, data=request.POST if request.method == "POST" else None)
    if form.is_bound:
        if form.is_valid():
            return _after_password(request, form.get_user(), next_url)
        email = form.cleaned_data.get("username", "")
        if email and form.cleaned_data.get("password"):
            note_failure(request, User.objects.filter(email__iexact=email).first(), by="password")
    return render(request, "web/accounts/sign_in.html", {"form": form, "next": next_url, "mail": mail.configured()})


def _after_password(request: HttpRequest, user: User, next_url: str) -> HttpResponse:
    if signing_in.has_second_factor(user):
        wait_for_second_step(request, user, next_url)
        return redirect("web:sign_in_code")
    enter(request, user, by="password")
    return redirect(next_url)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    found = waiting(request)
    if found is None:
        return redirect("web:sign_in")
    user, next_url = found
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not AxesProxyHandler.is_allowed(request, {"email": user.email}):
            return locked_out(request, credentials={"email": user.email})
        try:
            proof = second_factor.prove(user, form.cleaned_data["code"])
        except second_factor.TooManyCodes as many:
            return render(request, "web/locked_out.html", {"until": many.until, "codes": True}, status=429)
        if proof is not None:
            enter(request, user, by=f"password+{proof}")
            _warn_of_recovery(request, user, proof)
            return redirect(next_url)
        count_failure(request, user)
        note_failure(request, user, by="code")
        form.add_error("code", "Ese código no es, o ya se usó. Esperá el siguiente y escribilo de nuevo.")
    factor = second_factor.of(user)
    context = {
        "form": form, "has_app": bool(factor and factor.key), "has_passkeys": second_factor.passkeys_of(user).exists(),
        "next": next_url,
    }  # fmt: skip
    return render(request, "web/accounts/sign_in_code.html", context)


def _warn_of_recovery(request: HttpRequest, user: User, proof: second_factor.Proof) -> None:
    if proof is second_factor.Proof.RECOVERY:
        left = second_factor.unused_codes(user)
        words = "No te queda ningún código" if left == 0 else f"Te quedan {left}" if left > 1 else "Te queda uno"
        messages.warning(request, f"Entraste con un código de recuperación. {words}: en Mi cuenta podés hacer nuevos.")


@never_cache
@require_POST
def passkey_options(request: HttpRequest) -> HttpResponse:
    """What the browser asks the passkey for: one of who gave the password, else any of this site."""
    found = waiting(request)
    options, state = passkeys.begin_proving(found[0] if found else None, host=request.get_host())
    response = JsonResponse(options)
    keep_ceremony(request, response, state)
    return response


@never_cache
@require_POST
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    response = _after_passkey(request)
    drop_ceremony(response)
    return response


def _after_passkey(request: HttpRequest) -> HttpResponse:
    next_url, found = safe_next(request), waiting(request)
    back = redirect("web:sign_in_code" if found else "web:sign_in")
    state = take_ceremony(request)
    try:
        answer = passkey_answer(request)
        if not state:
            raise CompanyError("passkey", "Pasó demasiado tiempo desde que lo pediste. Probá de nuevo.")
        user = passkeys.prove(answer=answer, state=state, host=request.get_host(), user=found[0] if found else None)
    except passkeys.Refused as refused:
        count_failure(request, refused.user)
        note_failure(request, refused.user, by="passkey")
        messages.error(request, str(refused))
        return back
    except passkeys.Replayed as replayed:
        note_replay(request, replayed.user)
        messages.error(request, str(replayed))
        return back
    except CompanyError as error:
        messages.error(request, str(error))
        return back
    # also while passwords have to wait: nobody guesses one
    enter(request, user, by="passkey")
    return redirect(next_url)


def passkey_answer(request: HttpRequest) -> dict[str, Any]:
    """Raises CompanyError."""
    try:
        answer = json.loads(request.POST.get("credential", ""))
    except ValueError as error:
        raise CompanyError("passkey", "El navegador no mandó la llave de acceso. Probá de nuevo.") from error
    return answer if isinstance(answer, dict) else {}


@require_POST
def start_again(request: HttpRequest) -> HttpResponse:
    stop_waiting(request)
    return redirect("web:sign_in")


@require_http_methods(["POST", "OPTIONS"])
def sign_out(request: HttpRequest) -> HttpResponse:
    if isinstance(request.user, User):
        signing_in.note(request.user, "sign_out")
    logout(request)
    return redirect("web:sign_in")
