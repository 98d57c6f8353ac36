"""Seguridad > Usuarios: the company's people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib import messages
from django.db.models import DateTimeField, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.folding import Fold
from acuse.companies.identity import signing_in
from acuse.companies.membership import members
from acuse.companies.models import Membership, Role, User
from acuse.companies.permissions import roles
from acuse.companies.permissions.meanwhile import ChangedMeanwhile
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.companies.services import CompanyError
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.grids.grid import BY_NAME, NEWEST, Grid
from acuse.web.grids.keyset import Sort
from acuse.web.security.filters import MemberFilter
from acuse.web.security.forms import MemberRolesForm, add_error
from acuse.web.security.invitations import listed
from acuse.web.security.tables import MemberTable

_NEVER = Value(datetime(1970, 1, 1, tzinfo=UTC), DateTimeField())
#: As the list shows a person: by name, else by address.
_SHOWN = Fold(Coalesce(NullIf("user__name", Value("")), "user__email", output_field=TextField()))

MEMBERS = Grid(
    page=Page.USERS,
    one="usuario",
    many="usuarios",
    filterset=MemberFilter,
    table=MemberTable,
    sorts=(
        Sort("name", "Nombre", (_SHOWN, "pk"), BY_NAME),
        Sort("last_login", "Último ingreso", (Coalesce("user__last_login", _NEVER), "pk"), NEWEST, True),
    ),
)


@require_safe
@acting
def users(request: ActorRequest) -> HttpResponseBase:
    request.actor.require(Page.USERS, Action.VIEW)
    shown = MEMBERS.open(request, _members(request.actor))
    context = {
        "title": "Usuarios",
        "invitations": listed(request.actor),
        "may_invite": request.actor.may(Page.USERS, Action.CREATE),
    }
    return shown.answer("web/security/users.html", "web/security/_users.html", context)


def _members(actor: Actor) -> QuerySet[Membership]:
    rows = scoped(Membership.objects.select_related("user", "user__second_factor"), actor)
    return rows.prefetch_related("roles")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def user(request: ActorRequest, member_id: int) -> HttpResponse:
    request.actor.require(Page.USERS, Action.VIEW)
    member = _member(request, member_id)
    may_edit = request.actor.may(Page.USERS, Action.EDIT) and member.is_active
    if request.method == "POST":
        request.actor.require(Page.USERS, Action.EDIT)
    givable = roles.givable(request.actor)
    initial = {"roles": member.roles.all(), "seen": _seen(member)}
    form = MemberRolesForm(request.POST or None, roles=givable, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            members.set_roles(
                by=request.actor, membership=member, roles=list(form.cleaned_data["roles"]),
                seen=_keys(form.cleaned_data["seen"]) if "seen" in request.POST else None,
            )  # fmt: skip
        except ChangedMeanwhile as error:
            data = request.POST.copy()
            data["seen"] = _seen(member)
            data.setlist("roles", sorted(map(str, error.meanwhile.merged)))
            form = MemberRolesForm(data, roles=givable)
            add_error(form, error)
        except CompanyError as error:
            add_error(form, error)
        else:
            messages.success(request, f"Guardado: {_names(member.roles.order_by('name'))} para {member.user}.")
            return redirect("web:users")
    return form_page(request, "web/security/user.html", _facts(request, member, form, may_edit))


def _seen(member: Membership) -> str:
    return " ".join(map(str, sorted(member.roles.values_list("pk", flat=True))))


def _keys(text: str) -> frozenset[int]:
    return frozenset(int(key) for key in text.split() if key.isascii() and key.isdecimal())


def _names(held: QuerySet[Role]) -> str:
    return ", ".join(role.name for role in held)


def _facts(request: ActorRequest, member: Membership, form: MemberRolesForm, may_edit: bool) -> dict[str, Any]:
    over = not members.may_act_on(request.actor, member)
    elsewhere = members.belongs_elsewhere(member.user, request.actor)
    two_factor = signing_in.has_second_factor(member.user)
    may_help = may_edit and not over and member.user_id != request.user.pk
    return {
        "title": str(member.user),
        "member": member,
        "roles": _names(member.roles.order_by("name")),
        "form": form,
        "two_factor": two_factor,
        "may_edit": may_edit and not over,
        "over": over and request.actor.may(Page.USERS, Action.EDIT),
        "may_void": request.actor.may(Page.USERS, Action.VOID) and not over,
        "may_help": may_help and not elsewhere,
        "elsewhere": may_help and elsewhere,
        "oneself": member.user_id == request.user.pk,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def deactivate(request: ActorRequest, member_id: int) -> HttpResponse:
    request.actor.require(Page.USERS, Action.VOID)
    member = _member(request, member_id)
    oneself = member.user_id == request.user.pk
    what = [
        f"{member.user} deja de ver {request.actor.company.legal_name} ya mismo, también en lo que tiene abierto.",
        "Su cuenta y sus otras empresas, si las tiene, siguen igual. Lo que hizo queda en la auditoría.",
        "La podés reactivar cuando quieras, con los mismos roles.",
    ]
    if oneself:
        what.insert(0, "Esta persona sos vos: no vas a poder deshacerlo.")
    invited = members.open_invitations(request.actor.company).filter(invited_by=f"user:{member.user.email}").count()
    if invited:
        what.append(
            "Se cancela la invitación que hizo y nadie respondió."
            if invited == 1
            else f"Se cancelan las {invited} invitaciones que hizo y nadie respondió."
        )
    done = f"{member.user} ya no entra a {request.actor.company.legal_name}."
    return _confirmed(
        request, member, lambda: members.deactivate(by=request.actor, membership=member), done,
        {
            "title": f"¿Desactivar a {member.user}?", "what": what, "submit": "Desactivar", "danger": True,
            "keys": members.keys_made_by(member), "may_see_keys": request.actor.may(Page.API_KEYS, Action.VIEW),
        },
        "web/security/user_deactivate.html",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def reactivate(request: ActorRequest, member_id: int) -> HttpResponse:
    request.actor.require(Page.USERS, Action.VOID)
    member = _member(request, member_id)
    held = _names(member.roles.order_by("name")) or "sin rol"
    return _confirmed(
        request, member, lambda: members.reactivate(by=request.actor, membership=member),
        f"{member.user} entra de nuevo, con {held}.",
        {
            "title": f"¿Reactivar a {member.user}?",
            "what": [f"Vuelve a entrar a {request.actor.company.legal_name} con lo que tenía: {held}."],
            "submit": "Reactivar",
        },
    )  # fmt: skip


@sensitive_variables("link")
@require_http_methods(["GET", "HEAD", "POST"])
@acting
def password(request: ActorRequest, member_id: int) -> HttpResponse:
    member = _member_to_help(request, member_id)
    if request.method == "POST":
        try:
            _require_helpable(request, member)
            link = signing_in.send_password_link(member.user, request.actor.label)
        except CompanyError as error:
            messages.warning(request, str(error))
            return _back(member)
        if link is None:
            messages.success(request, f"Le mandamos a {member.user.email} el enlace para elegir otra contraseña.")
            return _back(member)
        given = {**link_context(member.user, link), "back": reverse("web:user", args=[member.pk])}
        return render(request, "web/security/link_once.html", {**given, "crumb": str(member.user)})
    context = {
        "title": f"¿Mandar a {member.user} un enlace para elegir otra contraseña?",
        "what": [
            f"Le llega a {member.user.email} y sirve una vez, durante una hora. Si no sale, te mostramos el enlace.",
            "Mientras no lo use, su contraseña de ahora sigue sirviendo.",
        ],
        "submit": "Mandar el enlace",
    }
    return _ask(request, member, context)


def link_context(person: User, link: str) -> dict[str, Any]:
    return {
        "title": "Pasale este enlace",
        "lead": f"{person} elige con él otra contraseña. Sirve una vez, durante una hora. No se vuelve a mostrar.",
        "secret": link,
        "label": "Enlace",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def second_factor(request: ActorRequest, member_id: int) -> HttpResponse:
    member = _member_to_help(request, member_id)

    def reset() -> None:
        _require_helpable(request, member)
        signing_in.reset_second_factor(member.user, request.actor.label)

    return _confirmed(
        request, member, reset, f"{member.user} ingresa ahora solo con su contraseña, y puede activarlo de nuevo.",
        {
            "title": f"¿Desactivar la verificación en dos pasos de {member.user}?",
            "what": [
                "Es para quien perdió el teléfono o las llaves. Se cierran sus sesiones, y se borran códigos y llaves.",
                "Hasta que lo active de nuevo ingresa solo con la contraseña. Asegurate de que te lo pidió.",
            ],
            "submit": "Desactivar la verificación",
            "danger": True,
        },
    )  # fmt: skip


def _member(request: ActorRequest, member_id: int) -> Membership:
    return own_or_404(Membership.objects.select_related("user", "company"), request.actor, pk=member_id)


def _member_to_help(request: ActorRequest, member_id: int) -> Membership:
    request.actor.require(Page.USERS, Action.EDIT)
    return _member(request, member_id)


def _require_helpable(request: ActorRequest, member: Membership) -> None:
    """Raises CompanyError."""
    require_another(request, member.user)
    members.require_may_act_on(request.actor, member)
    if not member.is_active:
        raise CompanyError("user", "Está desactivado en esta empresa. Reactivalo primero.")
    if members.belongs_elsewhere(member.user, request.actor):
        raise CompanyError(
            "user",
            "También es de otra empresa o administra la instalación: lo cambia esa persona, o quien administra la "
            "instalación.",
        )


def require_another(request: HttpRequest, person: User) -> None:
    """An open session isn't enough for what guards one's own account. Raises CompanyError."""
    if person.pk == request.user.pk:
        raise CompanyError("user", "Es tu propia cuenta: cambialo en Mi cuenta, con tu contraseña.")


def _back(member: Membership) -> HttpResponse:
    return redirect("web:user", member.pk)


def _confirmed(
    request: ActorRequest,
    member: Membership,
    do: Callable[[], None],
    done: str,
    context: dict[str, Any],
    template: str = "web/confirm.html",
) -> HttpResponse:
    if request.method != "POST":
        return _ask(request, member, context, template)
    try:
        do()
    except CompanyError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, done)
        if member.user_id == cast(User, request.user).pk:
            return redirect("web:home")
    return _back(member)


def _ask(
    request: ActorRequest, member: Membership, context: dict[str, Any], template: str = "web/confirm.html"
) -> HttpResponse:
    back = reverse("web:user", args=[member.pk])
    return render(request, template, {**context, "back": back, "crumb": str(member.user)})
