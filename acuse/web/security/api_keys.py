"""Seguridad > Claves de API."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies import services
from acuse.companies.models import ApiKey
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.permissions.roles import givable
from acuse.companies.scope import scoped
from acuse.companies.secrets import keys
from acuse.companies.services import CompanyError, NewKey
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.security.forms import NewKeyForm, add_error


@require_safe
@acting
def api_keys(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.API_KEYS, Action.VIEW)
    rows = scoped(ApiKey.objects.select_related("role"), request.actor)
    context = {
        "keys": rows.filter(revoked_at=None).order_by("name", "created_at"),
        "revoked": rows.exclude(revoked_at=None).order_by("-revoked_at")[:100],
        "may_create": request.actor.may(Page.API_KEYS, Action.CREATE),
        "may_revoke": request.actor.may(Page.API_KEYS, Action.VOID),
    }
    return render(request, "web/security/api_keys.html", context)


@sensitive_variables("made")
@require_http_methods(["GET", "HEAD", "POST"])
@acting
def create(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.API_KEYS, Action.CREATE)
    form = NewKeyForm(request.POST or None, roles=givable(request.actor))
    if form.is_valid():
        given = form.cleaned_data
        try:
            made = keys.create_key(by=request.actor, name=given["name"], role=given["role"])
        except CompanyError as error:
            add_error(form, error)
        else:
            return render(request, "web/security/api_key_once.html", _shown_once(made))
    context = {
        "title": "Crear clave de API",
        "form": form,
        "submit": "Crear",
        "back": reverse("web:api_keys"),
        "crumb": "Claves de API",
        "lead": "Con ella otro sistema manda comprobantes a Acuse y pregunta qué pasó con cada uno.",
    }
    return form_page(request, "web/form.html", context)


def _shown_once(made: NewKey) -> dict[str, object]:
    return {
        "title": f"Clave «{made.row.name}»",
        "lead": "Copiala ahora y guardala en el sistema que la va a usar: no se vuelve a mostrar.",
        "secret": made.plain,
        "label": "Clave de API",
        "example": f'curl -H "Authorization: Bearer {made.plain}" {settings.BASE_URL}/api/v1/vouchers',
        "back": reverse("web:api_keys"),
        "crumb": "Claves de API",
    }


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def revoke(request: ActorRequest, key_id: UUID) -> HttpResponse:
    request.actor.require(Page.API_KEYS, Action.VOID)
    key = own_or_404(ApiKey.objects.select_related("company"), request.actor, pk=key_id)
    if request.method == "POST":
        services.revoke_api_key(key=key, actor=request.actor.label)
        messages.success(request, f"«{key.name}» ya no sirve.")
        return redirect("web:api_keys")
    context = {
        "title": f"¿Anular la clave «{key.name}»?",
        "what": [
            f"El sistema que usa {key.prefix}… deja de entrar en este momento, y sus pedidos se responden con error.",
            "No se puede deshacer: para que entre de nuevo hay que crear otra clave.",
        ],
        "submit": "Anular la clave",
        "danger": True,
        "back": reverse("web:api_keys"),
        "crumb": "Claves de API",
    }
    return render(request, "web/confirm.html", context)
