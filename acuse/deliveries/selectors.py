"""What is read of deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.deliveries.models import Delivery, InboundMessage, Suspension
from acuse.deliveries.states import State
from acuse.directory.models import PartyKind
from acuse.vouchers.kinds import VoucherKind


def kinds_with(actor: Actor, action: Action) -> list[VoucherKind]:
    """The kinds of voucher on which the actor's roles hold the action."""
    return [kind for kind in VoucherKind if actor.may(kind, action)]


def seen_by(actor: Actor) -> QuerySet[Delivery]:
    """The company's, of the kinds that the actor may see."""
    ours, kinds = scoped(Delivery.objects.all(), actor), kinds_with(actor, Action.VIEW)
    # of all of them, no index need be asked about it
    return ours if len(kinds) == len(VoucherKind) else ours.filter(kind__in=[kind.value for kind in kinds])


def open_suspensions(company: Company) -> QuerySet[Suspension]:
    return Suspension.objects.filter(company=company, ended_at=None).order_by("since")


#: Who sees the page of a party reads what it writes about nothing in particular.
_PAGES = {PartyKind.CUSTOMER: Page.CUSTOMERS, PartyKind.SUPPLIER: Page.SUPPLIERS, PartyKind.BANK: Page.BANKS}


def answers_seen_by(actor: Actor) -> QuerySet[InboundMessage]:
    """An answer about a voucher is read by who sees its kind; what answers none, by who sees the pages of whom it comes
    from: of nobody that is known, *Clientes*."""
    ours, kinds = scoped(InboundMessage.objects.all(), actor), kinds_with(actor, Action.VIEW)
    parties = [kind.value for kind, page in _PAGES.items() if actor.may(page, Action.VIEW)]
    if len(kinds) == len(VoucherKind) and len(parties) == len(_PAGES):
        # of all of them, no index need be asked about it
        return ours
    about = Q(delivery__kind__in=[kind.value for kind in kinds])
    loose = Q(delivery=None, contact__party__kind__in=parties)
    if PartyKind.CUSTOMER.value in parties:
        loose |= Q(delivery=None, contact=None)
    return ours.filter(about | loose)


def unhandled_answers(actor: Actor) -> QuerySet[InboundMessage]:
    """Of those that the actor may read, what nobody dealt with yet, newest first."""
    return answers_seen_by(actor).filter(handled_at=None).order_by("-at", "-id")


def held(deliveries: Sequence[Delivery]) -> dict[UUID, Suspension]:
    """The open suspension for which each queued delivery waits, by the delivery's id. One query a company."""
    queued = [delivery for delivery in deliveries if delivery.state == State.QUEUED]
    companies = {delivery.company_id for delivery in queued}
    found = Suspension.objects.filter(company_id__in=companies, ended_at=None) if companies else []
    by_key = {(suspension.scope, suspension.key): suspension for suspension in found}
    return {delivery.pk: by_key[key] for delivery in queued for key in _keys(delivery) if key in by_key}


def _keys(delivery: Delivery) -> list[tuple[str, str]]:
    return [
        ("template", delivery.template_key),
        ("account", delivery.account_key),
        ("lane", str(delivery.lane_id)),
    ]


def holding(delivery: Delivery) -> Suspension | None:
    return held([delivery]).get(delivery.pk)


def last_asked(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """Those that nobody asked for again."""
    return deliveries.filter(~Exists(Delivery.objects.filter(resend_of=OuterRef("pk"))))
