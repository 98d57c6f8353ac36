"""Administración > Configuraciones de envío de comprobantes: the seven kinds."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import scoped
from acuse.deliveries.models import DeliveryPolicy
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.policies.wording import channels_in_words, segment_in_words


@dataclass(frozen=True, slots=True)
class Row:
    kind: VoucherKind
    name: str
    policy: DeliveryPolicy
    channels: str
    segment: str
    #: Of the WhatsApp number of its own; blank: the default one.
    number: str


@require_safe
@acting
def policies(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.POLICIES, Action.VIEW)
    found = {
        p.kind: p
        for p in scoped(DeliveryPolicy.objects.select_related("number").prefetch_related("segment"), request.actor)
    }
    rows = [_row(kind, found[kind.value]) for kind in VoucherKind if kind.value in found]
    context = {
        "rows": rows,
        "may_configure": request.actor.may(Page.POLICIES, Action.CONFIGURE),
        "service": request.actor.company.automatic_service,
        "idle": [row.name for row in rows if row.policy.automatic and not request.actor.company.automatic_service],
    }
    return render(request, "web/policies/policies.html", context)


def _row(kind: VoucherKind, policy: DeliveryPolicy) -> Row:
    every = policy.channels_mode == DeliveryPolicy.Channels.ALL
    classes = [one.name for one in policy.segment.all()]
    return Row(
        kind,
        kind.plural,
        policy,
        channels_in_words(policy.channels, every=every),
        segment_in_words(kind, classes, unclassified=policy.segment_unclassified),
        policy.number.name if policy.number is not None else "",
    )
