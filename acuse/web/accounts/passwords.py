"""A forgotten password: a link by mail, and the page where a new one is chosen."""

from __future__ import annotations

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from acuse.companies import mail
from acuse.companies.identity import signing_in
from acuse.companies.services import digest_of
from acuse.web.accounts.address import client_address, counted_address
from acuse.web.accounts.forms import ForgottenForm, PasswordForm
from acuse.web.answers import form_page

#: Links asked within an hour: for one address of mail, and from one address of the network.
_MOST_TO_ONE, _MOST_FROM_ONE = 3, 20
_HOUR = 3600


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgot_password(request: HttpRequest) -> HttpResponse:
    if not mail.configured():
        return render(request, "web/accounts/forgot_password.html", {"mail": False})
    form = ForgottenForm(request.POST or None)
    if not form.is_valid():
        return form_page(request, "web/accounts/forgot_password.html", {"mail": True, "form": form})
    email, address = form.cleaned_data["email"].strip().lower(), client_address(request)
    if _too_many(f"from:{counted_address(request)}", _MOST_FROM_ONE):
        return render(request, "web/accounts/too_many_links.html", status=429)
    # of too many to one person nothing is told: whoever asks would learn that there is such a person
    if not _too_many(f"to:{email}", _MOST_TO_ONE):
        signing_in.ask_password_link(email, address=address)
    return render(request, "web/accounts/password_link_sent.html", {"email": email})


def _too_many(what: str, most: int) -> bool:
    """Counted by each process that serves pages."""
    key = f"password-links:{digest_of(what)}"
    cache.add(key, 0, _HOUR)
    return cache.incr(key) > most


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    response = _new_password(request, uid, token)
    # the path is a secret: whatever is fetched from the page learns the site at most
    response["Referrer-Policy"] = "strict-origin"
    return response


def _new_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    user = signing_in.user_of_link(uid, token)
    if user is None:
        return render(request, "web/accounts/password_link_closed.html", {"mail": mail.configured()}, status=410)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            signing_in.change_password(user, form.cleaned_data["password"], keep_session=None)
        except ValidationError as error:
            form.add_error("password", error)
        else:
            messages.success(request, "Listo: ya podés ingresar con tu contraseña nueva.")
            return redirect("web:sign_in")
    return form_page(request, "web/accounts/new_password.html", {"form": form, "person": user})
