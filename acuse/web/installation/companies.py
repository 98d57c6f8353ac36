"""Instalación: its companies. Of what they do, nothing is seen here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies import mail, services
from acuse.companies.membership import invitations
from acuse.companies.membership.invitations import NewInvitation
from acuse.companies.models import AuditEntry, Company
from acuse.companies.permissions.administering import has_administrator, left_without
from acuse.companies.services import CompanyError
from acuse.deliveries.policies import services as policies
from acuse.web.access import AdminRequest, administering
from acuse.web.actors import who
from acuse.web.answers import form_page
from acuse.web.company.automatic import OFF, ON, confirmation
from acuse.web.installation.forms import FirstAdministratorForm, NewCompanyForm
from acuse.web.security.audit_words import words_of
from acuse.web.security.forms import add_error
from acuse.web.security.invitations import link_of, shown_once, subject, text

_LAST_ENTRIES = 20


def label(request: AdminRequest) -> str:
    return f"user:{request.user.email}"


def around() -> dict[str, Any]:
    """Where the pages of this module lead back to."""
    return {"back": reverse("web:installation"), "crumb": "Instalación"}


@require_safe
@administering
def installation(request: AdminRequest) -> HttpResponse:
    active = Q(memberships__is_active=True)
    waiting = Q(invitations__accepted_at=None, invitations__refused_at=None, invitations__cancelled_at=None)
    rows = Company.objects.annotate(
        members=Count("memberships", filter=active, distinct=True),
        invited=Count("invitations", filter=waiting & Q(invitations__isnull=False), distinct=True),
    )
    entries = AuditEntry.objects.filter(company=None).order_by("-at", "-pk")[:_LAST_ENTRIES]
    context = {
        "companies_here": rows.order_by("legal_name"),
        "left_without": set(left_without().values_list("pk", flat=True)),
        "entries": [(entry, who(entry.actor), words_of(entry.event, entry.target, entry.detail)) for entry in entries],
        "mail_works": mail.configured(),
        "on": ON,
        "off": OFF,
    }
    return render(request, "web/installation/installation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def create(request: AdminRequest) -> HttpResponse:
    form = NewCompanyForm(request.POST or None)
    if form.is_valid():
        try:
            made = _create(request, form.cleaned_data)
        except CompanyError as error:
            add_error(form, CompanyError("legal_name", str(error)) if error.field == "company" else error)
        else:
            return _delivered(request, made, f"{made.row.company.legal_name} está creada.")
    context = {"title": "Crear empresa", "form": form, "submit": "Crear e invitar", **around()}
    return form_page(request, "web/form.html", context)


@transaction.atomic
def _create(request: AdminRequest, given: dict[str, Any]) -> NewInvitation:
    company = services.create_company(cuit=given["cuit"], legal_name=given["legal_name"], actor=label(request))
    policies.ensure_policies(company)
    return invitations.invite_administrator(company=company, email=given["email"], actor=label(request))


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def invite(request: AdminRequest, company_id: UUID) -> HttpResponse:
    """An administrator for a company where nobody who can enter holds everything: new, or left without."""
    company = get_object_or_404(Company, pk=company_id)
    if has_administrator(company):
        messages.warning(request, "Esa empresa ya tiene quien la administre: invita esa persona.")
        return redirect("web:installation")
    form = FirstAdministratorForm(request.POST or None)
    if form.is_valid():
        try:
            made = invitations.invite_administrator(
                company=company, email=form.cleaned_data["email"], actor=label(request)
            )
        except CompanyError as error:
            add_error(form, error)
        else:
            return _delivered(request, made, "La invitación está hecha.")
    context = {
        "title": f"Invitar a quien administra {company.legal_name}",
        "form": form,
        "submit": "Invitar",
        "lead": "Con el rol Administrador. El enlace sirve 7 días; uno anterior a la misma dirección deja de servir. "
        "Si esa persona estaba desactivada ahí, al aceptar entra de nuevo.",
        **around(),
    }
    return form_page(request, "web/form.html", context)


def _delivered(request: AdminRequest, made: NewInvitation, done: str) -> HttpResponse:
    link = link_of(made.token)
    by_mail = mail.configured()
    if by_mail and mail.send(made.row.email, subject(made.row.company), text(made.row.company, link)):
        messages.success(request, f"{done} Le mandamos la invitación a {made.row.email}.")
        return redirect("web:installation")
    return render(request, "web/security/link_once.html", shown_once(made, link, failed=by_mail) | around())


@require_http_methods(["GET", "HEAD", "POST"])
@administering
def switch(request: AdminRequest, company_id: UUID, wanted: str) -> HttpResponse:
    """The automatic service of a company, also where this person holds no role."""
    if wanted not in (ON, OFF):
        raise Http404
    company, active = get_object_or_404(Company, pk=company_id), wanted == ON
    if request.method == "POST":
        services.set_automatic_service(company=company, active=active, actor=label(request))
        state = "activado" if active else "desactivado"
        messages.success(request, f"El envío automático de {company.legal_name} está {state}.")
        return redirect("web:installation")
    return render(request, "web/confirm.html", confirmation(company, active=active) | around())
