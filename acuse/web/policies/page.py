"""The page of one kind: the form, and beside it the message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries.models import DeliveryPolicy
from acuse.deliveries.policies.rules import PolicyValues
from acuse.deliveries.policies.services import values_of
from acuse.rendering.text import MESSAGE_VARIABLES, VARIABLES
from acuse.vouchers.kinds import Audience, VoucherKind
from acuse.web.access import ActorRequest, own_or_404
from acuse.web.answers import status_of
from acuse.web.policies.forms import PolicyForm, initial_of
from acuse.web.policies.known_templates import known, told
from acuse.web.policies.preview import NEWEST, show, voucher_of, vouchers_of
from acuse.web.policies.wording import NOT_FILTERED


def form_of(request: ActorRequest, kind: VoucherKind, data: Any = None) -> PolicyForm:
    initial = initial_of(saved_values(request, kind))
    return PolicyForm(data, company=request.actor.company, kind=kind, initial=initial)


def saved_values(request: ActorRequest, kind: VoucherKind) -> PolicyValues:
    return values_of(own_or_404(DeliveryPolicy.objects.all(), request.actor, kind=kind.value))


def preview_context(request: ActorRequest, kind: VoucherKind, values: PolicyValues) -> dict[str, Any]:
    chosen = request.POST.get("voucher", "") or request.GET.get("voucher", "")
    voucher = voucher_of(request.actor, kind, chosen[:40])
    return {
        "kind": kind,
        "shown": show(request.actor.company, kind, values, voucher),
        # those beside which the page has a place for what is wrong while one writes
        "live_fields": ("subject", "body", "file_name", "template_parameters"),
        "hidden_kind": not request.actor.may(kind, Action.VIEW),
    }


def render_policy(
    request: ActorRequest,
    kind: VoucherKind,
    form: PolicyForm,
    values: PolicyValues,
    *,
    more: Mapping[str, Any] | None = None,
    status: int | None = None,
) -> HttpResponse:
    """`values`: what the preview shows. `status`: another one than the form's own."""
    may_configure = request.actor.may(Page.POLICIES, Action.CONFIGURE)
    if not may_configure:
        for field in form.fields.values():
            field.disabled = True
    context = preview_context(request, kind, values)
    context |= {
        "form": form,
        "name": kind.plural,
        "for_customers": kind.audience is Audience.CUSTOMER,
        "not_filtered": NOT_FILTERED,
        "may_configure": may_configure,
        "service": request.actor.company.automatic_service,
        "variables": VARIABLES.items(),
        "message_variables": MESSAGE_VARIABLES.items(),
        "templates": [(row.name, told(row)) for row in known(request.actor.company)],
        "offered": _offered(request, kind, context["shown"].voucher),
    }
    return render(request, "web/policies/policy.html", context | dict(more or {}), status=status or status_of(form))


def _offered(request: ActorRequest, kind: VoucherKind, shown: Any) -> list[Any]:
    """The newest, with the one that is shown among them."""
    found = vouchers_of(request.actor, kind)
    if found is None:
        return []
    newest = list(found.order_by("-issued_on", "-id")[:NEWEST])
    return newest if not newest or shown in newest else [shown, *newest]
