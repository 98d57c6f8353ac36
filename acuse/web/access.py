"""The one gate of the pages: who isn't signed in signs in, who may not is told so, and nothing of it is cached."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from acuse.companies.models import User
from acuse.companies.scope import Actor, NotAllowed, scoped
from acuse.web import understood

#: Of htmx: what it asks is shown in the side panel.
PANEL_TARGET = "panel-body"
#: Of htmx: what is shown of a form while one types. Nobody is sent away in the middle of it: saving does.
WHILE_TYPING = frozenset({understood.MOBILE, understood.DOCUMENT, "preview", "draft-seen"})
#: In the address of the page to enter: the session ended while one worked.
ENDED = "terminada"

P = ParamSpec("P")
M = TypeVar("M", bound=Model)

NO_COMPANY = "Tu usuario no tiene acceso a ninguna empresa. Pedile a quien administra Acuse que te dé un rol."


NOT_ADMINISTERING = "Esto es de quien administra la instalación. Pedíselo a esa persona."


class ActorRequest(HttpRequest):
    """What a view behind `acting` gets."""

    actor: Actor
    htmx: HtmxDetails
    #: The page that the menu marks, when it isn't the one of the address.
    menu_path: str


class AdminRequest(HttpRequest):
    """What a view behind `administering` gets."""

    user: User
    htmx: HtmxDetails


def acting(
    view: Callable[Concatenate[ActorRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if getattr(request, "actor", None) is None:
            if request.user.is_authenticated:
                return _without_company(request)
            return to_sign_in(request)
        refuse_nul(request.GET, request.POST)
        try:
            response = view(cast(ActorRequest, request), *args, **kwargs)
        except NotAllowed as refused:
            raise PermissionDenied(str(refused)) from refused
        add_never_cache_headers(response)
        return response

    return guarded


def _without_company(request: HttpRequest) -> HttpResponseBase:
    if administers_installation(request) and request.path == reverse("web:home"):
        return redirect("web:installation")
    raise PermissionDenied(NO_COMPANY)


def administering(
    view: Callable[Concatenate[AdminRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For who administers the installation, with or without a company. It gives no sight of the companies' work."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if not administers_installation(request):
            raise PermissionDenied(NOT_ADMINISTERING)
        refuse_nul(request.GET, request.POST)
        response = view(cast(AdminRequest, request), *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


def refuse_nul(*given: QueryDict) -> None:
    """PostgreSQL keeps it in no text, and no page of ours sends it. Raises BadRequest."""
    if any("\0" in value for values in given for _, texts in values.lists() for value in texts):
        raise BadRequest("NUL")


def administers_installation(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_active and request.user.is_installation_admin


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """And back to the page that one was on. Who was on one is told why: only a page that was open sends a form or a
    session that is over."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    if htmx.target in WHILE_TYPING:
        return HttpResponse(status=204)
    if htmx:
        # a fragment would be replaced by the whole sign-in page; what was open in the panel is a page of its own too
        here = request.get_full_path() if htmx.target == PANEL_TARGET else htmx.current_url_abs_path
        back = urlencode({"next": here or reverse("web:home"), ENDED: 1})
        return HttpResponseClientRedirect(f"{reverse('web:sign_in')}?{back}")
    # one that holds something is of who is entering, at the second step or with an invitation
    ended = settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.is_empty()
    was_inside = request.method == "POST" or ended
    back = urlencode({"next": way_back(request), **({ENDED: 1} if was_inside else {})})
    return redirect(f"{reverse('web:sign_in')}?{back}")


def way_back(request: HttpRequest) -> str:
    """Where one was: a form that was sent isn't a page that can be opened, the page that held it is."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return reverse("web:home")
    return page._replace(scheme="", netloc="", fragment="").geturl()


def own_or_404(queryset: QuerySet[M], actor: Actor, **lookup: object) -> M:
    """The row, if it is of the actor's company. Other companies' rows don't exist."""
    found = scoped(queryset, actor).filter(**lookup).first()
    if found is None:
        raise Http404
    return found
