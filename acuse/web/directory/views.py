"""The grids of Tablas, the page of a party, and the options of a select of parties."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.answers import said
from acuse.deliveries.models import Delivery
from acuse.deliveries.selectors import answers_seen_by
from acuse.directory.duplicates import candidates_for
from acuse.directory.models import Contact, Party
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web import polling
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.directory.history import history_of
from acuse.web.directory.offering import offered
from acuse.web.directory.sections import Section
from acuse.web.directory.tables import grid_of

#: The newest of each that a party's page shows.
_SHOWN = 20
_CONTACTS = Prefetch("contacts", Contact.objects.order_by("created_at", "id"))


def parties_of(actor: Actor, section: Section) -> QuerySet[Party]:
    """Without tombstones."""
    return scoped(Party.objects.filter(kind=section.kind.value, merged_into=None), actor)


@require_safe
@acting
def grid(request: ActorRequest, section: Section) -> HttpResponseBase:
    actor = request.actor
    actor.require(section.page, Action.VIEW)
    may_edit = actor.may(section.page, Action.EDIT)
    may_class, may_merge = section.has_classes and may_edit, actor.may(section.page, Action.VOID)
    may_pick = may_class or may_merge
    table = {"has_classes": section.has_classes, "may_edit": may_edit, "may_pick": may_pick}
    rows = parties_of(actor, section).prefetch_related("customer_class", _CONTACTS)
    shown = grid_of(section).open(request, rows, filters={"section": section}, table=table)
    context = {
        "section": section,
        "title": section.title,
        "may_create": actor.may(section.page, Action.CREATE),
        "may_pick": may_pick,
        "may_class": may_class,
        "may_merge": may_merge,
    }
    return shown.answer("web/directory/grid.html", "web/directory/_grid.html", context)


@require_safe
@acting
def options(request: ActorRequest, section: Section) -> HttpResponse:
    request.actor.require(section.page, Action.VIEW)
    return offered(request, parties_of(request.actor, section))


@require_safe
@acting
def party(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    actor = request.actor
    actor.require(section.page, Action.VIEW)
    found = own_or_404(
        Party.objects.filter(kind=section.kind.value).select_related("customer_class", "company"), actor, pk=party_id
    )
    if found.merged_into_id is not None:
        return redirect("web:party", section, found.merged_into_id)
    contacts = list(found.contacts.order_by("created_at", "id"))
    context = {
        "section": section,
        "party": found,
        "title": found.name,
        "contacts": contacts,
        "candidates": candidates_for(found),
        "merged": found.merged.order_by("updated_at"),
        "history": history_of(found, contacts),
        "may": {action: actor.may(section.page, getattr(Action, action)) for action in ("CREATE", "EDIT", "VOID")},
        **_work_of(actor, found, contacts),
    }
    return polling.live(
        request,
        "web/directory/party.html",
        "web/directory/_party.html",
        context,
        every=_look_again(context["deliveries"]),
    )


def _look_again(deliveries: Iterable[Delivery]) -> int:
    """In how many seconds; a receipt comes sooner than an answer or somebody's change."""
    now = clock.now()
    return polling.soonest(
        [polling.CALM, *(polling.look_again_after(row.state, row.updated_at, now) for row in deliveries)]
    )


def _work_of(actor: Actor, found: Party, contacts: list[Contact]) -> dict[str, Any]:
    """Only the kinds that the role may see."""
    kinds = [kind.value for kind in VoucherKind if actor.may(kind, Action.VIEW)]
    vouchers = scoped(Voucher.objects.filter(party=found, kind__in=kinds), actor)
    deliveries = scoped(Delivery.objects.filter(voucher__party=found, voucher__kind__in=kinds), actor)
    answers = answers_seen_by(actor).filter(contact__in=contacts)
    return {
        "vouchers": list(vouchers.order_by("-issued_on", "-id")[:_SHOWN]),
        "voucher_count": vouchers.count(),
        "deliveries": list(
            deliveries.select_related("voucher", "contact").defer("content").order_by("-created_at", "-id")[:_SHOWN]
        ),
        "delivery_count": deliveries.count(),
        "answers": [
            {"message": message, "said": said(message)}
            for message in answers.select_related("contact").defer("raw").order_by("-at", "-id")[:_SHOWN]
        ]
        if actor.may(Page.DELIVERIES, Action.VIEW)
        else [],
        "shown": _SHOWN,
    }
