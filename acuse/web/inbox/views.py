"""Mensajes recibidos: what customers answer, until somebody deals with it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from acuse.companies import mail
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries import answers
from acuse.deliveries.answers import Said
from acuse.deliveries.models import InboundMessage
from acuse.deliveries.selectors import answers_seen_by, unhandled_answers
from acuse.directory.models import Party
from acuse.vouchers.models import Voucher
from acuse.web import polling
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.actors import by_whom
from acuse.web.directory.sections import Section, section_of
from acuse.web.inbox.searching import search

PER_PAGE = 50
#: More are no id of a row.
_ID_DIGITS = 19
#: `ver` → its word.
VIEWS = {"": "Pendientes", "resueltos": "Resueltos", "bajas": "Bajas", "todos": "Todos"}


@dataclass(frozen=True, slots=True)
class Row:
    message: InboundMessage
    said: Said
    writer: str
    #: Of the phone, formatted.
    number: str
    party: Party | None
    #: Where the party's page is, for whoever may see it.
    section: Section | None
    voucher: Voucher | None
    may_open: bool
    handled_by: str


@require_safe
@acting
def inbox(request: ActorRequest) -> HttpResponse:
    actor = request.actor
    actor.require(Page.DELIVERIES, Action.VIEW)
    chosen = request.GET.get("ver", "")
    chosen = chosen if chosen in VIEWS else ""
    ours = search(_of_view(answers_seen_by(actor), chosen), actor.company, request.GET.get("q", ""))
    if (one := request.GET.get("mensaje", "")).isdecimal() and len(one) < _ID_DIGITS:
        # the address that a forwarded mail brings
        ours = answers_seen_by(actor).filter(pk=one)
    found = _page_of(_older_than(ours, request.GET.get("antes", ""), actor))
    rows = [_row(message, actor) for message in found[:PER_PAGE]]
    context = {
        "rows": rows,
        "view": chosen,
        "views": [(key, name, _url(ver=key, q=request.GET.get("q", ""))) for key, name in VIEWS.items()],
        "q": request.GET.get("q", ""),
        "pending": unhandled_answers(actor).count(),
        "older": _url(ver=chosen, q=request.GET.get("q", ""), antes=str(found[PER_PAGE - 1].pk))
        if len(found) > PER_PAGE
        else "",
        "newest": "antes" in request.GET,
        "may_handle": actor.may(Page.DELIVERIES, Action.EDIT),
        "answers_to": actor.company.answers_to,
        "forwards": mail.configured(),
        "none_at_all": not rows and not answers_seen_by(actor).exists(),
        "here": request.get_full_path(),
    }
    # an older page stays as it is; what comes goes to the first one
    every = 0 if context["newest"] else polling.LIVELY
    return polling.live(request, "web/inbox/inbox.html", "web/inbox/_messages.html", context, every=every)


def _page_of(messages: QuerySet[InboundMessage]) -> list[InboundMessage]:
    """And one more, when there is. What it shows beside the message is read for these alone."""
    newest = ("-at", "-id")
    keys = messages.order_by(*newest).values("pk")[: PER_PAGE + 1]
    whole = InboundMessage.objects.select_related("contact__party", "delivery__voucher__party", "lane").defer("raw")
    return list(whole.filter(pk__in=keys).order_by(*newest))


def _of_view(ours: QuerySet[InboundMessage], chosen: str) -> QuerySet[InboundMessage]:
    match chosen:
        case "resueltos":
            return ours.filter(handled_at__isnull=False)
        case "bajas":
            return ours.filter(opted_out=True)
        case "todos":
            return ours
        case _:
            return ours.filter(handled_at=None)


def _older_than(ours: QuerySet[InboundMessage], text: str, actor: Actor) -> QuerySet[InboundMessage]:
    """`text`: the id of the last one that the page before showed; what is no id of ours begins anew."""
    every = answers_seen_by(actor)
    last = every.filter(pk=text).first() if text.isdecimal() and len(text) < _ID_DIGITS else None
    if last is None:
        return ours
    return ours.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))


def _url(**values: str) -> str:
    query = QueryDict(mutable=True)
    query.update({name: value for name, value in values.items() if value})
    return f"{reverse('web:inbound')}?{query.urlencode()}" if query else reverse("web:inbound")


def _row(message: InboundMessage, actor: Actor) -> Row:
    party, voucher = answers.party_of(message), answers.voucher_of(message)
    section = section_of(party) if party is not None else None
    return Row(
        message=message,
        said=answers.said(message),
        writer=answers.writer(message),
        number=answers.number(message),
        party=party,
        section=section if section is not None and actor.may(section.page, Action.VIEW) else None,
        voucher=voucher,
        may_open=voucher is not None and actor.may(voucher.kind, Action.VIEW),
        handled_by=by_whom(message.handled_by) if message.handled_by else "",
    )


@require_POST
@acting
def handle(request: ActorRequest, message_id: int) -> HttpResponse:
    """Dealt with (`resuelto=1`), or not after all."""
    actor = request.actor
    actor.require(Page.DELIVERIES, Action.EDIT)
    message = own_or_404(answers_seen_by(actor), actor, pk=message_id)
    handled = request.POST.get("resuelto") == "1"
    if answers.handle(message, handled=handled, actor=actor.label):
        messages.success(request, "Quedó como resuelto." if handled else "Volvió a los pendientes.")
    return redirect(_back(request.POST.get("volver", "")))


def _back(address: str) -> str:
    """The same list: its query, and nothing of another site."""
    query = address.partition("?")[2]
    return f"{reverse('web:inbound')}?{query}" if query else reverse("web:inbound")
