"""What planning would let go, told in SQL for lists of any length: the same office, the same rules, no plan a row."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from acuse.channels.contract import Channel
from acuse.companies.models import Company
from acuse.deliveries import planning
from acuse.deliveries.planning import ADDRESSES, Office
from acuse.directory.models import Contact
from acuse.vouchers import selectors
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher


def sendable(vouchers: QuerySet[Voucher], company: Company, kind: VoucherKind) -> QuerySet[Voucher]:
    """Of the company's vouchers of a kind, those of which `planning.plan` gives no reason against."""
    office = planning.open_office(company)
    policy = office.policies.get(kind.value)
    if policy is None or not policy.enabled or not office.lanes:
        return vouchers.none()
    receiving = receivers(OuterRef("party"), kind.value)
    found = vouchers.filter(selectors.SOUND, Exists(receiving.filter(_reached(office, kind.value))))
    if kind.value in office.misfits:
        # by mail alone it would go
        found = found.exclude(Exists(receiving.filter(_chosen(office, kind.value, Channel.WHATSAPP))))
    return found


def receivers(party: OuterRef, kind: str) -> QuerySet[Contact]:
    """Who of a party gets this kind, and didn't ask not to."""
    return Contact.objects.filter(Q(kinds=None) | Q(kinds__contains=[kind]), party=party, suppressed_at=None)


def _ways(office: Office, kind: str) -> list[Channel]:
    return [channel for channel in office.order_for(kind) if channel in office.lanes]


def _has(office: Office, kind: str, channel: Channel) -> Q:
    blank = Q(**{ADDRESSES[channel]: ""})
    refusing = office.refusing(kind) if channel is Channel.WHATSAPP else None
    return ~blank & ~Q(mobile__in=refusing) if refusing else ~blank


def _reached(office: Office, kind: str) -> Q:
    """By some channel of the configuration for which there is a sender."""
    found = Q(pk__in=[])
    for channel in _ways(office, kind):
        found |= _has(office, kind, channel)
    return found


def _chosen(office: Office, kind: str, channel: Channel) -> Q:
    """By this channel: as `policy.choose_addresses` takes it."""
    ways = _ways(office, kind)
    if channel not in ways:
        return Q(pk__in=[])
    found = _has(office, kind, channel)
    if not office.by_every_channel(kind):
        for before in ways[: ways.index(channel)]:
            found &= ~_has(office, kind, before)
    return found
