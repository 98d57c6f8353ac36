"""Seguridad > Roles."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.models import Role
from acuse.companies.permissions import roles as services
from acuse.companies.permissions.pages import ADMINISTRATOR, Action, Page
from acuse.companies.scope import scoped
from acuse.companies.services import CompanyError
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.security.forms import NewRoleForm, RoleNameForm, add_error
from acuse.web.security.role_words import words_of


@dataclass(frozen=True, slots=True)
class Line:
    role: Role
    members: int
    #: What it may do.
    words: str
    may_edit: bool
    may_delete: bool


@require_safe
@acting
def roles(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.ROLES, Action.VIEW)
    active = Count("memberships", filter=Q(memberships__is_active=True), distinct=True)
    rows = scoped(Role.objects.annotate(members=active).prefetch_related("grants"), request.actor)
    context = {
        "lines": [_line(request, row) for row in rows.order_by("name")],
        "may_create": request.actor.may(Page.ROLES, Action.CREATE),
    }
    return render(request, "web/security/roles.html", context)


def _line(request: ActorRequest, role: Role) -> Line:
    members = role.members  # type: ignore[attr-defined]
    words = words_of(role)
    if role.name == ADMINISTRATOR:
        words = f"{words} No se cambia ni se borra."
    changeable = services.may_change(request.actor, role)
    return Line(
        role=role, members=members, words=words,
        may_edit=changeable and request.actor.may(Page.ROLES, Action.EDIT),
        may_delete=changeable and request.actor.may(Page.ROLES, Action.VOID),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def create(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.ROLES, Action.CREATE)
    form = NewRoleForm(request.POST or None, roles=services.givable(request.actor))
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = services.create_role(by=request.actor, name=given["name"], copied_from=given["copied_from"])
        except CompanyError as error:
            add_error(form, error)
        else:
            messages.success(request, f"«{made.name}» está creado. Marcá lo que puede.")
            return redirect(reverse("web:grants", query={"rol": made.pk}))
    context = {"title": "Crear rol", "form": form, "submit": "Crear", "back": reverse("web:roles"), "crumb": "Roles"}
    return form_page(request, "web/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def rename(request: ActorRequest, role_id: int) -> HttpResponse:
    request.actor.require(Page.ROLES, Action.EDIT)
    role = own_or_404(Role.objects.all(), request.actor, pk=role_id)
    before = role.name
    form = RoleNameForm(request.POST or None, initial={"name": before})
    if form.is_valid():
        try:
            services.rename_role(by=request.actor, role=role, name=form.cleaned_data["name"])
        except CompanyError as error:
            add_error(form, error)
        else:
            messages.success(request, f"Ahora se llama «{role.name}».")
            return redirect("web:roles")
    context = {
        "title": f"Cambiar el nombre de «{before}»",
        "form": form,
        "back": reverse("web:roles"),
        "crumb": "Roles",
    }
    return form_page(request, "web/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def delete(request: ActorRequest, role_id: int) -> HttpResponse:
    request.actor.require(Page.ROLES, Action.VOID)
    role = own_or_404(Role.objects.all(), request.actor, pk=role_id)
    if request.method == "POST":
        try:
            services.delete_role(by=request.actor, role=role)
        except CompanyError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, f"«{role.name}» está borrado.")
        return redirect("web:roles")
    held = services.held_words(role)
    context = {
        "title": f"El rol «{role.name}» no se puede borrar" if held else f"¿Borrar el rol «{role.name}»?",
        "what": [held] if held else ["Nadie lo tiene. No se puede deshacer."],
        "submit": "" if held else "Borrar el rol",
        "danger": True,
        "back": reverse("web:roles"),
        "crumb": "Roles",
    }
    return render(request, "web/confirm.html", context)
