"""Administración > Servicio de envío automático."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from acuse.companies import services
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import scoped
from acuse.deliveries import senders
from acuse.deliveries.models import DeliveryPolicy
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting, administers_installation
from acuse.web.actors import by_whom
from acuse.web.company.forms import MaxAgeForm

ON, OFF = "activar", "desactivar"
_ONLY_THEY = (
    "El servicio de envío automático lo activa y lo desactiva quien administra la instalación. Pedíselo a esa persona."
)


@require_safe
@acting
def service(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.POLICIES, Action.VIEW)
    return _page(request, MaxAgeForm(initial={"days": _company(request).automatic_max_age_days}))


@require_POST
@acting
def max_age(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.POLICIES, Action.CONFIGURE)
    form = MaxAgeForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    senders.change_max_age(_company(request), form.cleaned_data["days"], actor=request.actor.label)
    messages.success(request, "Guardado.")
    return redirect("web:automatic_service")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def switch(request: ActorRequest, wanted: str) -> HttpResponse:
    request.actor.require(Page.POLICIES, Action.VIEW)
    if wanted not in (ON, OFF):
        raise Http404
    if not administers_installation(request):
        raise PermissionDenied(_ONLY_THEY)
    company, active = _company(request), wanted == ON
    if request.method == "POST":
        services.set_automatic_service(company=company, active=active, actor=request.actor.label)
        messages.success(request, "El servicio está activado." if active else "El servicio está desactivado.")
        return redirect("web:automatic_service")
    back = {"back": reverse("web:automatic_service"), "crumb": "Servicio de envío automático"}
    return render(request, "web/confirm.html", confirmation(company, active=active) | back)


def confirmation(company: Company, *, active: bool) -> dict[str, Any]:
    """What is asked before it is switched."""
    if active:
        return {
            "title": f"¿Activar el envío automático en {company.legal_name}?",
            "what": [
                "Los comprobantes de los tipos que dicen Envío automático salen solos, apenas se pueden enviar.",
                f"No se envía nada de lo que ya está cargado, ni lo fechado hace más de {_days(company)}.",
            ],
            "submit": "Activar",
        }
    return {
        "title": f"¿Desactivar el envío automático en {company.legal_name}?",
        "what": [
            "Desde ahora nada sale solo: cada comprobante se envía a mano. Lo que está en cola sale igual.",
            "Cada tipo conserva su configuración: al activarlo de nuevo, no se envía lo que se cargó mientras tanto.",
        ],
        "submit": "Desactivar",
        "danger": True,
    }


def _days(company: Company) -> str:
    return "1 día" if company.automatic_max_age_days == 1 else f"{company.automatic_max_age_days} días"


def _company(request: ActorRequest) -> Company:
    return Company.objects.get(pk=request.actor.company.pk)


def _page(request: ActorRequest, form: MaxAgeForm, *, status: int = 200) -> HttpResponse:
    company = _company(request)
    policies = scoped(DeliveryPolicy.objects.filter(enabled=True, automatic=True), request.actor)
    kinds = set(policies.values_list("kind", flat=True))
    context = {
        "title": "Servicio de envío automático",
        "company": company,
        "by": by_whom(company.automatic_service_by) if company.automatic_service_by else "",
        "kinds": [kind.plural for kind in VoucherKind if kind.value in kinds],
        "days": _days(company),
        "form": form,
        "may_switch": administers_installation(request),
        "may_configure": request.actor.may(Page.POLICIES, Action.CONFIGURE),
        "wanted": OFF if company.automatic_service else ON,
    }
    return render(request, "web/company/automatic.html", context, status=status)
