"""The company's logo: shown from our own address, uploaded, removed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from acuse.companies import logos
from acuse.companies.models import CompanyLogo
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.services import CompanyError
from acuse.web.access import ActorRequest, acting
from acuse.web.company.forms import LogoForm
from acuse.web.company.views import page, unbound
from acuse.web.security.forms import add_error


@require_safe
@acting
def picture(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.COMPANY, Action.VIEW)
    logo = CompanyLogo.objects.filter(company=request.actor.company).first()
    if logo is None:
        raise Http404
    response = HttpResponse(bytes(logo.png), content_type="image/png")
    response["Content-Disposition"] = 'inline; filename="logo.png"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@acting
def upload(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.COMPANY, Action.CONFIGURE)
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid():
        given = form.cleaned_data["logo"]
        # one byte more than allowed is enough to refuse it
        content = given.read(logos.MOST_BYTES + 1)
        try:
            logos.set_logo(company=request.actor.company, content=content, actor=request.actor.label)
        except CompanyError as error:
            add_error(form, error)
        else:
            messages.success(request, "El logo está guardado.")
            return redirect("web:company")
    return page(request, unbound(request.actor), form)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def remove(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.COMPANY, Action.CONFIGURE)
    if request.method == "POST":
        logos.remove_logo(company=request.actor.company, actor=request.actor.label)
        messages.success(request, "El logo ya no está.")
        return redirect("web:company")
    context = {
        "title": "¿Quitar el logo?",
        "what": ["Se borra de acá. Lo que ya se envió no cambia."],
        "submit": "Quitar el logo",
        "danger": True,
        "back": reverse("web:company"),
        "crumb": "Empresa",
    }
    return render(request, "web/confirm.html", context)
