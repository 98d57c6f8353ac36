"""What an invitation's link opens: a new person chooses name and password, who has an account answers signed in."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.membership import invitations
from acuse.companies.membership.invitations import Answer
from acuse.companies.models import Invitation, User
from acuse.web.accounts.entering import enter
from acuse.web.accounts.invitation_form import NewPersonForm
from acuse.web.answers import form_page
from acuse.web.middleware import act_for

#: The token, while its holder signs in: it isn't written into the address of other pages.
_SESSION_TOKEN = "invitation"  # noqa: S105  (where it is kept)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    response = _invitation(request, token)
    # the path is a secret: whatever is fetched from the page learns the site at most. "no-referrer" would send
    # "Origin: null" with the form, which the CSRF check refuses
    response["Referrer-Policy"] = "strict-origin"
    return response


@never_cache
@require_safe
def pending(request: HttpRequest) -> HttpResponse:
    """Where signing in leads back to."""
    token = request.session.get(_SESSION_TOKEN)
    return redirect("web:invitation", token) if token else _closed(request)


def _invitation(request: HttpRequest, token: str) -> HttpResponse:
    found = invitations.find_open(token)
    if found is None:
        return _closed(request)
    if not invitations.is_backed(found):
        return _unbacked(request, found)
    if isinstance(request.user, User):
        return _of_account(request, found, token, request.user)
    if request.method == "POST" and "sign_in" in request.POST:
        return _to_sign_in(request, token)
    return _of_new_person(request, found, token)


def _closed(request: HttpRequest) -> HttpResponse:
    return render(request, "web/accounts/invitation_closed.html", status=410)


def _unbacked(request: HttpRequest, found: Invitation) -> HttpResponse:
    return render(request, "web/accounts/invitation_closed.html", {"unbacked": found}, status=410)


def _to_sign_in(request: HttpRequest, token: str) -> HttpResponse:
    request.session[_SESSION_TOKEN] = token
    return redirect(reverse("web:sign_in", query={"next": reverse("web:invitation_pending")}))


def _of_new_person(request: HttpRequest, found: Invitation, token: str) -> HttpResponse:
    form = NewPersonForm(request.POST or None)
    if form.is_valid():
        try:
            answer, user = invitations.accept_as_new(
                token=token, name=form.cleaned_data["name"], password=form.cleaned_data["password"]
            )
        except ValidationError as error:
            form.add_error("password", error)
        else:
            if answer is Answer.SIGN_IN:
                return render(request, "web/accounts/invitation_known.html", {"invitation": found}, status=409)
            if answer is Answer.UNBACKED:
                return _unbacked(request, found)
            if user is None:
                return _closed(request)
            enter(request, user, by="invitation")
            return _inside(request, found)
    return form_page(request, "web/accounts/invitation.html", {"form": form, "invitation": found})


def _of_account(request: HttpRequest, found: Invitation, token: str, user: User) -> HttpResponse:
    if not invitations.is_for(found, user):
        return render(request, "web/accounts/invitation_other.html", {"invitation": found}, status=409)
    if request.method != "POST":
        return render(request, "web/accounts/invitation_answer.html", {"invitation": found})
    request.session.pop(_SESSION_TOKEN, None)
    if "refuse" in request.POST:
        if invitations.refuse(token=token, user=user) is Answer.CLOSED:
            return _closed(request)
        return render(request, "web/accounts/invitation_refused.html", {"invitation": found})
    answer = invitations.accept(token=token, user=user)
    if answer is Answer.UNBACKED:
        return _unbacked(request, found)
    return _inside(request, found) if answer is Answer.DONE else _closed(request)


def _inside(request: HttpRequest, found: Invitation) -> HttpResponse:
    act_for(request, found.company)
    messages.success(request, f"Ya estás en {found.company.legal_name}.")
    return redirect("web:home")
