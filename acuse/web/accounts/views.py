"""Sign in, sign out, accept an invitation, change company."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth import login
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies import services
from acuse.web.access import ActorRequest, acting
from acuse.web.accounts.forms import PasswordForm, SignInForm
from acuse.web.context import companies_of
from acuse.web.middleware import SESSION_COMPANY

_BACKEND = "django.contrib.auth.backends.ModelBackend"


class SignIn(LoginView):
    template_name = "web/accounts/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    response = _invitation(request, token)
    # the path is a secret: whatever is fetched from the page learns the site at most. "no-referrer" would send
    # "Origin: null" with the form, which the CSRF check refuses
    response["Referrer-Policy"] = "strict-origin"
    return response


def _invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = services.open_invitation(token)
    if found is None:
        return render(request, "web/accounts/invitation_closed.html", status=410)
    form = PasswordForm(request.POST or None)
    if form.is_valid():
        try:
            user = services.accept_invitation(token=token, password=form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error("password", error)
        else:
            if user is None:
                return render(request, "web/accounts/invitation_closed.html", status=410)
            login(request, user, backend=_BACKEND)
            request.session[SESSION_COMPANY] = str(found.company_id)
            return redirect("web:home")
    return render(request, "web/accounts/invitation.html", {"form": form, "invitation": found})


@require_POST
@acting
def choose_company(request: ActorRequest) -> HttpResponse:
    try:
        chosen = UUID(request.POST.get("company", ""))
    except ValueError as error:
        raise Http404 from error
    if not companies_of(request).filter(pk=chosen).exists():
        raise Http404
    request.session[SESSION_COMPANY] = str(chosen)
    return redirect("web:home")
