"""Mi cuenta: name, formats, colours, password, open sessions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth import authenticate, update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies.identity import second_factor, signing_in
from acuse.companies.models import User
from acuse.web.accounts.entering import PersonRequest, person, prove, safe_next
from acuse.web.accounts.forms import ChangePasswordForm, ProfileForm, ProveForm
from acuse.web.accounts.locking import note_failure
from acuse.web.answers import form_page

CRUMB = "Mi cuenta"


@require_http_methods(["GET", "HEAD", "POST"])
@person
def account(request: PersonRequest) -> HttpResponse:
    user = request.user
    form = ProfileForm(request.POST or None, initial={"name": user.name, "formats": user.formats, "theme": user.theme})
    if form.is_valid():
        given = form.cleaned_data
        signing_in.save_profile(user, name=given["name"], formats=given["formats"], theme=given["theme"])
        messages.success(request, "Guardamos tus datos.")
        return redirect("web:account")
    factor = second_factor.of(user)
    context = {
        "form": form,
        "factor": factor,
        "has_app": bool(factor and factor.key),
        "passkeys": second_factor.passkeys_of(user),
        "codes_left": second_factor.unused_codes(user),
        "sessions": signing_in.sessions_of(user),
        "this_session": request.session.session_key,
    }
    return form_page(request, "web/accounts/account.html", context)


@require_POST
@person
def theme(request: PersonRequest) -> HttpResponse:
    """From the user's menu: htmx asks for nothing back, a browser without it returns to its page."""
    chosen = request.POST.get("theme", "")
    if chosen not in User.Theme:
        return HttpResponseBadRequest()
    signing_in.set_theme(request.user, chosen)
    if "HX-Request" in request.headers:
        return HttpResponse(status=204)
    return redirect(safe_next(request))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@person
def password(request: PersonRequest) -> HttpResponse:
    form = ChangePasswordForm(request.POST or None)
    if form.is_valid() and _is_password(request, form.cleaned_data["current"]):
        try:
            signing_in.change_password(
                request.user, form.cleaned_data["password"], keep_session=request.session.session_key
            )
        except ValidationError as error:
            form.add_error("password", error)
        else:
            update_session_auth_hash(request, request.user)
            messages.success(request, "Cambiaste tu contraseña. Cerramos tus otras sesiones.")
            return redirect("web:account")
    elif form.is_valid():
        form.add_error("current", "Esa no es tu contraseña actual. Escribila de nuevo.")
    context = {"title": "Cambiar la contraseña", "form": form, "submit": "Cambiar la contraseña", "crumb": CRUMB,
               "back": reverse("web:account")}  # fmt: skip
    return form_page(request, "web/accounts/password.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@person
def prove_again(request: PersonRequest) -> HttpResponse:
    """The password, before what guards the account is changed."""
    next_url = safe_next(request)
    form = ProveForm(request.POST or None)
    if form.is_valid():
        if _is_password(request, form.cleaned_data["password"]):
            prove(request)
            return redirect(next_url)
        form.add_error("password", "Esa no es tu contraseña. Escribila de nuevo.")
    return render(request, "web/accounts/prove.html", {"form": form, "next": next_url, "back": reverse("web:account")})


def _is_password(request: PersonRequest, given: str) -> bool:
    """Wrong ones count for the lock-out, as at the door: an open session is no place to guess."""
    if authenticate(request, email=request.user.email, password=given) is not None:
        return True
    note_failure(request, request.user, by="password")
    return False


@require_POST
@person
def end_other_sessions(request: PersonRequest) -> HttpResponse:
    ended = signing_in.end_other_sessions(request.user, request.session.session_key)
    messages.success(request, f"Cerramos {ended} sesiones." if ended > 1 else "Cerramos una sesión." if ended
                     else "No había otras sesiones abiertas.")  # fmt: skip
    return redirect("web:account")
