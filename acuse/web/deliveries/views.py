"""Envíos: every delivery of the kinds that one may see, and what is suspended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from acuse.channels.models import Lane
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.models import Delivery, Suspension
from acuse.deliveries.selectors import held, kinds_with, open_suspensions, seen_by
from acuse.deliveries.states import State
from acuse.directory.models import Contact
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from acuse.web import polling
from acuse.web.access import ActorRequest, acting
from acuse.web.deliveries.tables import DELIVERIES
from acuse.web.deliveries.ways_out import open_channels, ways_out
from acuse.web.polling import look_again_after, soonest
from acuse.web.states import first_sentence, leaves_at

#: With the party, whose page says who may mend them.
_CONTACTS = Prefetch("contact", Contact.objects.select_related("party"))


@dataclass(frozen=True, slots=True)
class Held:
    suspension: Suspension
    #: What is suspended, by name.
    name: str
    #: Deliveries that wait for it.
    count: int


@require_safe
@acting
def deliveries(request: ActorRequest) -> HttpResponseBase:
    actor = request.actor
    actor.require(Page.DELIVERIES, Action.VIEW)
    # read for the rows of the page alone: joined, PostgreSQL may read them for all that it sorts
    vouchers = Voucher.objects.select_related("party").only("title", "kind", "party__name")
    rows = seen_by(actor).prefetch_related(Prefetch("voucher", vouchers), _CONTACTS).defer("content", "pricing")
    if "export" in request.GET:
        rows = rows.prefetch_related("lane")
    may_act = bool(kinds_with(actor, Action.SEND))
    kinds = kinds_with(actor, Action.VIEW)
    shown = DELIVERIES.open(
        request, rows, filters={"company": actor.company, "kinds": kinds}, table={"may_act": may_act}
    )
    away = shown.elsewhere("Envíos")
    if away is not None:
        return away
    wait = _complete(shown.rows, actor)
    context = {
        "title": "Envíos",
        "held": _held(actor),
        "may_act": may_act,
        "may_resume": actor.may(Page.DELIVERIES, Action.EDIT),
        "poll": polling.Poll(wait, polling.fingerprint(map(_seen_as, shown.rows))),
    }
    return shown.answer("web/deliveries/deliveries.html", "web/deliveries/_grid.html", context)


@require_safe
@acting
def states(request: ActorRequest) -> HttpResponse:
    """The states of the rows that a page shows, for its poller; 204 when nothing is new."""
    request.actor.require(Page.DELIVERIES, Action.VIEW)
    try:
        ids = [UUID(text) for text in request.GET.getlist("id")[: DELIVERIES.size]]
    except ValueError as error:
        raise Http404 from error
    by_id = {
        row.pk: row for row in seen_by(request.actor).filter(pk__in=ids).prefetch_related(_CONTACTS).defer("content")
    }
    rows = [by_id[pk] for pk in ids if pk in by_id]
    poll = polling.Poll(_complete(rows, request.actor), polling.fingerprint(map(_seen_as, rows)))
    if poll.every and request.GET.get("seen") == poll.seen:
        return HttpResponse(status=204)
    return render(request, "web/deliveries/_states.html", {"rows": rows, "poll": poll})


def _complete(rows: Collection[Delivery], actor: Actor) -> int:
    """Set what a row shows beside its own data; answer in how many seconds to look again."""
    now, rows = clock.now(), list(rows)
    waiting = held(rows)
    resent = set(Delivery.objects.filter(resend_of__in=[row.pk for row in rows]).values_list("resend_of_id", flat=True))
    channels = open_channels(rows)
    for row in rows:
        suspension = waiting.get(row.pk)
        row.note = _note(row, suspension, resent=row.pk in resent)  # type: ignore[attr-defined]
        row.resent = row.pk in resent  # type: ignore[attr-defined]
        row.may_send = actor.may(row.kind, Action.SEND)  # type: ignore[attr-defined]
        row.ways_out = ways_out(row, actor, channels)  # type: ignore[attr-defined]
    return soonest(look_again_after(row.state, row.updated_at, now) for row in rows)


def _note(row: Delivery, suspension: Suspension | None, *, resent: bool) -> str:
    if resent:
        return "ya se volvió a pedir"
    if row.state == State.QUEUED:
        if row.held:
            return "su tanda está en pausa"
        return (
            first_sentence(suspension.cause_text)
            if suspension
            else leaves_at(row.state, row.due_at, clock.now(), row.cause_code)
        )
    return first_sentence(row.cause_text)


def _seen_as(row: Delivery) -> str:
    return f"{row.pk}:{row.state}:{row.note}"  # type: ignore[attr-defined]


def _held(actor: Actor) -> list[Held]:
    open_ones = list(open_suspensions(actor.company))
    if not open_ones:
        return []
    lanes = list(scoped(Lane.objects.select_related("whatsapp_number"), actor))
    queued = scoped(Delivery.objects.filter(state=State.QUEUED), actor)
    waiting = queued.order_by().values_list("lane_id", "account_key", "template_key")
    counts = list(waiting.annotate(count=Count("pk")))
    place = {"lane": 0, "account": 1, "template": 2}
    return [
        Held(one, _name(one, lanes), sum(row[-1] for row in counts if str(row[place[one.scope]]) == one.key))
        for one in open_ones
    ]


def _name(suspension: Suspension, lanes: Sequence[Lane]) -> str:
    if suspension.scope == "template":
        return f"La plantilla {suspension.key.split('/')[1]}"
    if suspension.scope == "account" and _is_uuid(suspension.key):
        return "La cuenta de WhatsApp"
    lane_id = suspension.key.removeprefix("lane:")
    return next((lane.name for lane in lanes if str(lane.pk) == lane_id), "Una línea de envío")


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
