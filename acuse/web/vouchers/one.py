"""The page of one voucher: what it says, its PDF, its versions, who gets it, and its deliveries."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries import planning
from acuse.deliveries.faults import plan_or_fault
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Reason
from acuse.web import polling
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.batches.reasons import Mend, mend_of
from acuse.web.deliveries.timeline import History, history_of
from acuse.web.deliveries.ways_out import NONE, open_channels, ways_out
from acuse.web.directory.sections import section_of
from acuse.web.vouchers.facts import authorization_words, qr_rows, versions_of
from acuse.web.vouchers.progress import Progress, progress_of


def find(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> Voucher:
    """The company's own, or 404; then the permission to see it."""
    every = Voucher.objects.filter(kind=kind.value).select_related("party__customer_class", "company", "file")
    found = own_or_404(every, request.actor, pk=voucher_id)
    request.actor.require(kind, Action.VIEW)
    return found


@require_safe
@acting
def voucher(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    actor, found = request.actor, find(request, kind, voucher_id)
    office = planning.open_office(actor.company, [found])
    section = section_of(found.party)
    sendability = plan_or_fault(found, office).sendability
    context = {
        "kind": kind,
        "grid_name": kind.plural,
        "voucher": found,
        "authorization": authorization_words(found),
        "qr_rows": qr_rows(found),
        "versions": versions_of(found),
        "sendability": sendability,
        "reasons": [(reason, _mend(reason, found, actor)) for reason in sendability.reasons],
        "contacts": office.contacts.get(found.party_id, []),
        "section": section,
        "sees_party": actor.may(section.page, Action.VIEW),
        "may_edit": actor.may(kind, Action.EDIT),
        "may_void": actor.may(kind, Action.VOID),
        **_history(request, found),
    }
    return render(request, "web/vouchers/voucher.html", context)


def _mend(reason: Reason, found: Voucher, actor: Actor) -> Mend | None:
    """Where it is mended; this page itself is no way out of itself."""
    mend = mend_of(reason.code, found, actor)
    if mend is not None and mend.url == reverse("web:voucher", args=[found.kind, found.pk]):
        return None
    return mend


def _history(request: ActorRequest, found: Voucher) -> dict[str, object]:
    actor = request.actor
    history = history_of(found, with_answers=actor.may(Page.DELIVERIES, Action.VIEW))
    may_send = actor.may(found.kind, Action.SEND)
    _give_ways_out(history, actor)
    progress = progress_of([found]).get(found.pk, Progress())
    return {"history": history, "poll": history.poll, "may_send": may_send, "progress": progress}


def _give_ways_out(history: History, actor: Actor) -> None:
    """Set `ways_out` on each delivery; those asked again need none."""
    open_ones = [entry.delivery for entry in history.entries if not entry.resent]
    channels = open_channels(open_ones)
    for entry in history.entries:
        found = NONE if entry.resent else ways_out(entry.delivery, actor, channels)
        entry.delivery.ways_out = found  # type: ignore[attr-defined]


@require_safe
@acting
def deliveries(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    """The deliveries of the voucher's page, for its poller; 204 when nothing is new."""
    found = find(request, kind, voucher_id)
    history = _history(request, found)
    poll = history["poll"]
    if isinstance(poll, polling.Poll) and poll.every and request.GET.get("seen") == poll.seen:
        return HttpResponse(status=204)
    return render(request, "web/vouchers/_deliveries_news.html", {"kind": kind, "voucher": found, **history})
