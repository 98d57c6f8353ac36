"""Several WhatsApp numbers: which one is the default, and one that isn't wanted any more."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from acuse.channels import accounts
from acuse.channels.accounts import AccountError
from acuse.channels.models import WhatsAppNumber
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.models import DeliveryPolicy
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting


@require_POST
@acting
def make_default(request: ActorRequest, lane_id: int) -> HttpResponse:
    number = _number(request, lane_id)
    accounts.make_default(number.lane, actor=request.actor.label)
    messages.success(request, f"Lo nuevo sale por {number.lane.name}. Lo que está en cola sale por donde estaba.")
    return redirect("web:parameters")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def remove(request: ActorRequest, lane_id: int) -> HttpResponse:
    number = _number(request, lane_id)
    name = number.lane.name
    if request.method == "POST":
        try:
            accounts.remove_number(number, actor=request.actor.label)
        except AccountError as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, f"{name}: ya no está en Acuse. En Meta sigue como estaba.")
        return redirect("web:parameters")
    using = DeliveryPolicy.objects.filter(company=request.actor.company, number=number.lane).order_by("id")
    kinds = ", ".join(VoucherKind(policy.kind).plural.lower() for policy in using)
    what = ["Deja de estar en Acuse. En Meta no cambia nada: se puede volver a elegir en el asistente."]
    what += [f"Lo que salía por él pasa al principal: {kinds}."] if kinds else []
    context = {
        "title": f"¿Quitar {name}?", "what": what, "submit": "Quitar", "danger": True,
        "back": reverse("web:parameters"), "crumb": "Parámetros",
    }  # fmt: skip
    return render(request, "web/confirm.html", context)


def _number(request: ActorRequest, lane_id: int) -> WhatsAppNumber:
    request.actor.require(Page.PARAMETERS, Action.CONFIGURE)
    rows = WhatsAppNumber.objects.select_related("lane__company")
    found = rows.filter(account__company=request.actor.company, lane_id=lane_id).first()
    if found is None:
        raise Http404
    return found
