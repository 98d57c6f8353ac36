"""Administración > Empresa."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from acuse.companies import services
from acuse.companies.models import Company, CompanyLogo
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.companies.services import CompanyError
from acuse.vouchers.models import Voucher
from acuse.web.access import ActorRequest, acting
from acuse.web.answers import status_of
from acuse.web.company.forms import CompanyForm, LogoForm
from acuse.web.security.forms import add_error


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def company(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.COMPANY, Action.VIEW)
    if request.method == "POST":
        request.actor.require(Page.COMPANY, Action.CONFIGURE)
    ours = Company.objects.get(pk=request.actor.company.pk)
    # the documents of a CUIT stay with it
    free = not scoped(Voucher.objects.all(), request.actor).exists()
    form = CompanyForm(request.POST or None, company=ours, may_change_cuit=free)
    if request.method == "POST" and form.is_valid():
        cuit = form.cleaned_data["cuit"] if free else None
        try:
            changed = services.change_company(company=ours, data=form.data_given, cuit=cuit, actor=request.actor.label)
        except CompanyError as error:
            add_error(form, error)
        else:
            messages.success(request, "Guardado." if changed else "No había nada que cambiar.")
            return redirect("web:company")
    return page(request, form, LogoForm())


def page(request: ActorRequest, form: CompanyForm, logo_form: LogoForm) -> HttpResponse:
    context: dict[str, Any] = {
        "title": "Empresa",
        "form": form,
        "logo_form": logo_form,
        "logo": CompanyLogo.objects.filter(company=request.actor.company).only("updated_at").first(),
        "may_configure": request.actor.may(Page.COMPANY, Action.CONFIGURE),
        "facts": _facts(form),
    }
    return render(request, "web/company/company.html", context, status=status_of(form, logo_form))


def unbound(actor: Actor) -> CompanyForm:
    """As it is saved, beside a logo that was refused."""
    free = not scoped(Voucher.objects.all(), actor).exists()
    return CompanyForm(company=Company.objects.get(pk=actor.company.pk), may_change_cuit=free)


def _facts(form: CompanyForm) -> list[tuple[str, str]]:
    """For who only sees."""
    zones: dict[str, str] = dict(form.fields["time_zone"].choices)  # type: ignore[attr-defined]
    given = {name: str(form.get_initial_for_field(field, name)) for name, field in form.fields.items()}
    given["time_zone"] = zones.get(given["time_zone"], given["time_zone"])
    return [(str(form.fields[name].label), text) for name, text in given.items()]
