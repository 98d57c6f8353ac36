"""Instalación: everybody who may enter, and who administers it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, F, Q, TextField, Value
from django.db.models.functions import Coalesce, Concat, NullIf
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies import services
from acuse.companies.folding import Fold
from acuse.companies.identity import signing_in
from acuse.companies.models import User
from acuse.companies.services import CompanyError
from acuse.web.access import AdminRequest, administering
from acuse.web.installation.companies import label
from acuse.web.security.users import link_context, require_another

_A_PAGE = 50
#: As the list shows a person: by name, else by address.
_SHOWN = Fold(Coalesce(NullIf("name", Value("")), "email", output_field=TextField()))
#: What the list may be in order of: word in the address, name, and by what. The first is the usual one.
_ORDERS: tuple[tuple[str, str, tuple[Any, ...]], ...] = (
    ("nombre", "Por nombre", ()),
    ("ingreso", "Último ingreso", (F("last_login").desc(nulls_last=True),)),
    ("administra", "Administran la instalación", (F("is_installation_admin").desc(),)),
)


@require_safe
@administering
def people(request: AdminRequest) -> HttpResponse:
    asked = request.GET.get("q", "").strip()
    active = Count("memberships", filter=Q(memberships__is_active=True), distinct=True)
    found = User.objects.select_related("second_factor").annotate(
        companies_count=active, searched=Fold(Concat(F("name"), Value(" "), F("email"), output_field=TextField()))
    )
    for word in asked.split():
        found = found.filter(searched__contains=Fold(Value(word)))
    order = next((one for one in _ORDERS if one[0] == request.GET.get("orden")), _ORDERS[0])
    page = Paginator(found.order_by(*order[2], _SHOWN, "pk"), _A_PAGE).get_page(request.GET.get("page"))
    orders = [(word, name, word == order[0]) for word, name, _ in _ORDERS]
    return render(request, "web/installation/people.html", {"people": page, "q": asked, "orders": orders})


def _around() -> dict[str, Any]:
    return {"back": reverse("web:installation_users"), "crumb": "Usuarios de la instalación"}


@sensitive_variables("link")
@require_http_methods(["GET", "HEAD", "POST"])
@administering
def password(request: AdminRequest, user_id: UUID) -> HttpResponse:
    person = get_object_or_404(User, pk=user_id)
    if request.method != "POST":
        return _ask(
            request,
            f"¿Mandar a {person} un enlace para elegir otra contraseña?",
            [
                f"Le llega a {person.email} y sirve una vez, durante una hora. Si no sale, te mostramos el enlace.",
                "Mientras no lo use, su contraseña de ahora sigue sirviendo.",
            ],
            "Mandar el enlace",
        )
    try:
        require_another(request, person)
        link = signing_in.send_password_link(person, label(request))
    except CompanyError as error:
        messages.warning(request, str(error))
        return redirect("web:installation_users")
    if link is None:
        messages.success(request, f"Le mandamos a {person.email} el enlace para elegir otra contraseña.")
        return redirect("web:installation_users")
    return render(request, "web/security/link_once.html", link_context(person, link) | _around())


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def second_factor(request: AdminRequest, user_id: UUID) -> HttpResponse:
    person = get_object_or_404(User, pk=user_id)
    if request.method == "POST":
        try:
            require_another(request, person)
        except CompanyError as error:
            messages.warning(request, str(error))
        else:
            signing_in.reset_second_factor(person, label(request))
            messages.success(request, f"{person} ingresa ahora solo con su contraseña.")
        return redirect("web:installation_users")
    what = [
        "Es para quien perdió el teléfono o las llaves. Se cierran sus sesiones, y se borran códigos y llaves.",
        "Hasta que la active de nuevo ingresa solo con la contraseña. Asegurate de que te lo pidió.",
    ]
    title = f"¿Desactivar la verificación en dos pasos de {person}?"
    return _ask(request, title, what, "Desactivar la verificación", danger=True)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def grant(request: AdminRequest, user_id: UUID) -> HttpResponse:
    person = get_object_or_404(User, pk=user_id, is_active=True)
    if request.method == "POST":
        services.grant_installation_admin(user=person, actor=label(request))
        messages.success(request, f"{person} administra ahora la instalación.")
        return redirect("web:installation_users")
    what = [
        "Va a poder crear empresas, activar el envío automático y ayudar con contraseñas, como vos.",
        "No le da vista de las empresas donde no tiene un rol.",
    ]
    return _ask(request, f"¿Dar a {person} la administración de la instalación?", what, "Dar la administración")


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def revoke(request: AdminRequest, user_id: UUID) -> HttpResponse:
    person = get_object_or_404(User, pk=user_id)
    if request.method == "POST":
        try:
            services.revoke_installation_admin(user=person, actor=label(request))
        except CompanyError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, f"{person} ya no administra la instalación.")
        return redirect("web:home" if person == request.user else "web:installation_users")
    what = ["Deja de ver esta página en este momento. Sus empresas y sus roles siguen igual."]
    title = f"¿Quitar a {person} la administración de la instalación?"
    return _ask(request, title, what, "Quitar la administración", danger=True)


def _ask(request: AdminRequest, title: str, what: list[str], submit: str, *, danger: bool = False) -> HttpResponse:
    context = {"title": title, "what": what, "submit": submit, "danger": danger, **_around()}
    return render(request, "web/confirm.html", context)
