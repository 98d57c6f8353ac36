"""Inviting to the company, and the invitations that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies import mail
from acuse.companies.membership import invitations
from acuse.companies.membership.invitations import NewInvitation, State
from acuse.companies.models import Company, Invitation, Role
from acuse.companies.permissions import roles
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.companies.services import CompanyError
from acuse.kernel import clock
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.security.forms import BY_MAIL, InviteForm, add_error

STATE_WORDS = {
    State.OPEN: "Espera respuesta",
    State.ACCEPTED: "Aceptada",
    State.REFUSED: "No aceptada",
    State.CANCELLED: "Cancelada",
    State.EXPIRED: "Vencida",
    State.UNBACKED: "Quien la hizo ya no puede darla: mandala de nuevo",
}
#: What was answered is shown as long, then only the audit tells it.
_SHOWN_FOR = timedelta(days=30)
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    invitation: Invitation
    roles: str
    state: State
    #: It can be cancelled or sent again.
    waits: bool

    @property
    def word(self) -> str:
        return STATE_WORDS[self.state]


def listed(actor: Actor) -> list[Line]:
    """Those that wait, and the answers of late."""
    recent = Q(accepted_at=None, refused_at=None, cancelled_at=None) | Q(sent_at__gte=clock.now() - _SHOWN_FOR)
    rows = (
        scoped(Invitation.objects.filter(recent), actor)
        .select_related("company")
        .prefetch_related("roles")
        .order_by("-sent_at", "-pk")
    )
    return [_line(row) for row in rows[:_MOST_SHOWN]]


def _line(row: Invitation) -> Line:
    state = invitations.state_of(row)
    names = ", ".join(sorted(role.name for role in row.roles.all()))
    return Line(row, names, state, state in (State.OPEN, State.EXPIRED, State.UNBACKED))


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def invite(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.USERS, Action.CREATE)
    givable = roles.givable(request.actor)
    every = len(givable) == scoped(Role.objects.all(), request.actor).count()
    form = InviteForm(request.POST or None, roles=givable, by_mail=mail.configured(), all_roles=every)
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = invitations.invite(by=request.actor, email=given["email"], roles=list(given["roles"]))
        except CompanyError as error:
            add_error(form, error)
        else:
            return _delivered(request, made, by_mail=given.get("how") == BY_MAIL)
    context = {
        "title": "Invitar",
        "form": form,
        "submit": "Invitar",
        "back": reverse("web:users"),
        "crumb": "Usuarios",
        "lead": f"Con el enlace entra a {request.actor.company.legal_name}. Sirve 7 días, y una sola vez.",
    }
    return form_page(request, "web/security/user_invite.html", context)


@require_POST
@acting
def resend(request: ActorRequest, invitation_id: int) -> HttpResponse:
    request.actor.require(Page.USERS, Action.CREATE)
    try:
        made = invitations.resend(by=request.actor, invitation=_own(request, invitation_id))
    except CompanyError as error:
        messages.warning(request, str(error))
        return redirect("web:users")
    if made is None:
        messages.warning(request, "Esa invitación ya se respondió o se canceló.")
        return redirect("web:users")
    return _delivered(request, made, by_mail=mail.configured() and "link" not in request.POST)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def cancel(request: ActorRequest, invitation_id: int) -> HttpResponse:
    request.actor.require(Page.USERS, Action.CREATE)
    invitation = _own(request, invitation_id)
    if request.method == "POST":
        if invitations.cancel(by=request.actor, invitation=invitation):
            messages.success(request, f"Cancelada: el enlace de {invitation.email} ya no sirve.")
        else:
            messages.warning(request, "Esa invitación ya se respondió o se canceló.")
        return redirect("web:users")
    context = {
        "title": f"¿Cancelar la invitación a {invitation.email}?",
        "what": ["El enlace que tiene deja de servir. La podés invitar de nuevo cuando quieras."],
        "submit": "Cancelar la invitación",
        "danger": True,
        "back": reverse("web:users"),
        "crumb": "Usuarios",
    }
    return render(request, "web/confirm.html", context)


def _own(request: ActorRequest, invitation_id: int) -> Invitation:
    return own_or_404(Invitation.objects.select_related("company"), request.actor, pk=invitation_id)


def _delivered(request: ActorRequest, made: NewInvitation, *, by_mail: bool) -> HttpResponse:
    """By mail, or the link on the screen, once: the answer is the same whether or not the address has an account."""
    link = link_of(made.token)
    if by_mail and mail.send(made.row.email, subject(made.row.company), text(made.row.company, link)):
        messages.success(request, f"Le mandamos la invitación a {made.row.email}. Vence en 7 días.")
        return redirect("web:users")
    return render(request, "web/security/link_once.html", shown_once(made, link, failed=by_mail))


def shown_once(made: NewInvitation, link: str, *, failed: bool) -> dict[str, Any]:
    lead = f"Es para {made.row.email}. Sirve 7 días, y una sola vez. No se vuelve a mostrar."
    return {
        "title": "Pasale este enlace",
        "lead": f"El correo no salió, así que pasáselo vos. {lead}" if failed else lead,
        "secret": link,
        "label": "Enlace de la invitación",
        "back": reverse("web:users"),
        "crumb": "Usuarios",
    }


def link_of(token: str) -> str:
    return f"{settings.BASE_URL}{reverse('web:invitation', args=[token])}"


def subject(company: Company) -> str:
    return f"Te invitaron a {company.legal_name} en Acuse"


def text(company: Company, link: str) -> str:
    return (
        f"Te invitaron a {company.legal_name} en Acuse, el sistema con que envía sus comprobantes.\n\n"
        f"Para responder, abrí este enlace. Sirve 7 días:\n\n{link}\n\n"
        "Si no esperabas esta invitación, no hagas nada.\n"
    )
