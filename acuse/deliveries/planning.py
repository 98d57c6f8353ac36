"""Who gets what, by which channel, in which words, and why some don't: the same plan serves the preview, the API and
the request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from uuid import UUID
from zoneinfo import ZoneInfo

from acuse.channels.contract import Channel
from acuse.channels.models import Lane, WhatsAppTemplate
from acuse.channels.templates import MARKETING, Shape, misfit, shape_of
from acuse.companies.models import Company
from acuse.deliveries import policy as rules
from acuse.deliveries.models import DeliveryPolicy
from acuse.deliveries.policies import freezing
from acuse.deliveries.policies.freezing import Frozen
from acuse.directory import marketing
from acuse.directory.models import Contact, PartyKind
from acuse.kernel import clock
from acuse.vouchers import selectors as vouchers
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import CONTACT_WITHOUT_ADDRESS, Reason, Sendability, assess

NO_LANE = Reason(
    "no_lane", None, "No hay por dónde enviarlo: falta configurar WhatsApp o el correo de la empresa en Parámetros."
)


MARKETING_REFUSED = Reason(
    "marketing_refused",
    "party.contacts",
    "Su contacto no quiere mensajes de marketing por WhatsApp, y la plantilla es de marketing. "
    "Mandalo por correo, o elegí una plantilla de servicio.",
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One message that would go, as it would be sent."""

    contact: Contact
    address: rules.Address
    frozen: Frozen


@dataclass(frozen=True, slots=True)
class Plan:
    voucher: Voucher
    sendability: Sendability
    #: None of what can't be sent.
    messages: tuple[Planned, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """The contacts that the request names, instead of the party's own for the kind; and the channel, if any."""

    contacts: tuple[Contact, ...] | None = None
    channel: Channel | None = None


#: The contact's field that each channel goes to.
ADDRESSES = {Channel.WHATSAPP: "mobile", Channel.EMAIL: "email"}

_MEND = "Corregila en Configuraciones de envío."


@dataclass
class Office:
    """What planning needs to know of a company, read once for any number of vouchers."""

    company: Company
    today: date
    policies: Mapping[str, DeliveryPolicy]
    segments: Mapping[int, rules.Segment]
    #: The default lane of each channel.
    lanes: Mapping[Channel, Lane]
    #: The number that a kind leaves by, where it isn't the default one.
    numbers: Mapping[str, Lane] = field(default_factory=dict)
    #: Each kind's WhatsApp template as the provider has it; none where it was never read.
    templates: Mapping[str, WhatsAppTemplate] = field(default_factory=dict)
    contacts: Mapping[UUID, Sequence[Contact]] = field(default_factory=dict)

    def order_for(self, kind: str) -> list[Channel]:
        """By which channels the kind leaves, the first one that can be used or each of them."""
        policy = self.policies.get(kind)
        return [Channel(c) for c in policy.channels] if policy and policy.channels else list(Channel)

    def by_every_channel(self, kind: str) -> bool:
        policy = self.policies.get(kind)
        return policy is not None and policy.channels_mode == DeliveryPolicy.Channels.ALL

    def lane_for(self, kind: str, channel: Channel) -> Lane:
        return self.numbers.get(kind, self.lanes[channel]) if channel is Channel.WHATSAPP else self.lanes[channel]

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        return {kind: shape_of(row.components, row.parameter_format) for kind, row in self.templates.items()}

    @cached_property
    def held_for_cost(self) -> frozenset[str]:
        """Kinds whose template became marketing, and nobody accepted that: they don't leave by themselves."""
        return frozenset(
            kind for kind, row in self.templates.items()
            if row.category == MARKETING and row.category_accepted_at is None
        )  # fmt: skip

    @cached_property
    def _no_marketing(self) -> frozenset[str]:
        return marketing.stopped_mobiles(self.company)

    def refusing(self, kind: str) -> frozenset[str]:
        """The mobiles of who stopped marketing, where the kind's template is of that."""
        template = self.templates.get(kind)
        return self._no_marketing if template is not None and template.category == MARKETING else frozenset()

    def refuses(self, contact: Contact, kind: str) -> bool:
        return contact.mobile in self.refusing(kind)

    @cached_property
    def misfits(self) -> Mapping[str, Reason]:
        """Kinds whose configuration doesn't fit its template any more."""
        found = {k: misfit(shape, len(self.policies[k].template_parameters)) for k, shape in self.shapes.items()}
        return {kind: Reason("template_misfit", None, f"{text} {_MEND}") for kind, text in found.items() if text}


def today_in(company: Company) -> date:
    return clock.now().astimezone(ZoneInfo(company.time_zone)).date()


def open_office(company: Company, vouchers_: Iterable[Voucher] = ()) -> Office:
    policies = {
        p.kind: p for p in DeliveryPolicy.objects.select_related("number__whatsapp_number").filter(company=company)
    }
    chosen: dict[int, set[int]] = defaultdict(set)
    through = DeliveryPolicy.segment.through
    for row in through.objects.filter(deliverypolicy__company=company):
        chosen[row.deliverypolicy_id].add(row.customerclass_id)
    segments = {
        p.pk: rules.Segment(class_ids=frozenset(chosen[p.pk]), unclassified=p.segment_unclassified)
        for p in policies.values()
    }
    lanes = {
        Channel(lane.channel): lane
        for lane in Lane.objects.filter(company=company, is_active=True, is_default=True).select_related(
            "whatsapp_number__account", "mailbox"
        )
    }
    numbers = {p.kind: p.number for p in policies.values() if p.number is not None and p.number.is_active}
    contacts: dict[UUID, list[Contact]] = defaultdict(list)
    party_ids = {v.party_id for v in vouchers_}
    for contact in Contact.objects.filter(company=company, party_id__in=party_ids).order_by("created_at", "id"):
        contacts[contact.party_id].append(contact)
    templates = _templates_of(policies, lanes.get(Channel.WHATSAPP))
    return Office(company, today_in(company), policies, segments, lanes, numbers, templates, contacts)


def _templates_of(policies: Mapping[str, DeliveryPolicy], lane: Lane | None) -> dict[str, WhatsAppTemplate]:
    """Of the account from which messages leave."""
    number = getattr(lane, "whatsapp_number", None)
    if number is None:
        return {}
    rows = WhatsAppTemplate.objects.filter(account_id=number.account_id, gone_at=None).exclude(components=[])
    by_name = {(row.name, row.language): row for row in rows}
    wanted = {kind: (p.template_name, p.template_language) for kind, p in policies.items()}
    return {kind: by_name[key] for kind, key in wanted.items() if key in by_name}


def plan(voucher: Voucher, office: Office, named: Named | None = None) -> Plan:
    named = named or Named()
    policy = office.policies.get(voucher.kind)
    party_contacts = office.contacts.get(voucher.party_id, ())
    candidates = party_contacts if named.contacts is None else named.contacts
    for_kind = [c for c in candidates if named.contacts is not None or c.kinds is None or voucher.kind in c.kinds]
    messages = {c.pk: _addresses(c, voucher.kind, office, named.channel) for c in for_kind}
    with_address = [c for c in for_kind if messages[c.pk]]
    allowed = [c for c in with_address if c.suppressed_at is None]
    has_lane = bool(office.lanes) if named.channel is None else named.channel in office.lanes
    facts = replace(
        vouchers.facts_of(voucher, today=office.today),
        kind_enabled=policy is not None and policy.enabled,
        automatic=will_go_alone(voucher, policy, office),
        class_outside_segment=_outside_segment(voucher, policy, office),
        contacts_count=len(candidates),
        contacts_for_kind=len(for_kind),
        contacts_with_address=len(with_address) if has_lane else 1,
        contacts_allowed=len(allowed) if has_lane else 1,
    )
    going = [(contact, address) for contact in allowed for address in messages[contact.pk]]
    found = assess(facts)
    if any(office.refuses(contact, voucher.kind) for contact in for_kind):
        found = _with_refusal(found)
    by = {address.channel for _, address in going}
    found = _with_channels(found, voucher.kind, by, office, has_lane=has_lane)
    if policy is None or not found.sendable:
        return Plan(voucher, found)
    return Plan(voucher, found, tuple(_planned(voucher, policy, office, *one) for one in going))


def _planned(
    voucher: Voucher, policy: DeliveryPolicy, office: Office, contact: Contact, address: rules.Address
) -> Planned:
    lane, shape = office.lane_for(voucher.kind, address.channel), office.shapes.get(voucher.kind)
    frozen = freezing.freeze(voucher, contact, address.channel, lane=lane, policy=policy, shape=shape)
    return Planned(contact, address, frozen)


def _with_refusal(found: Sendability) -> Sendability:
    """They have an address, and don't want this there."""
    reasons = tuple(MARKETING_REFUSED if one == CONTACT_WITHOUT_ADDRESS else one for one in found.reasons)
    return replace(found, reasons=reasons)


def _with_channels(
    found: Sendability, kind: str, by: Collection[Channel], office: Office, *, has_lane: bool
) -> Sendability:
    """What the channels add: no way out at all, or a template that isn't what the configuration fills."""
    if not has_lane:
        return replace(found, reasons=(*found.reasons, NO_LANE))
    wrong = office.misfits.get(kind)
    if wrong is not None and Channel.WHATSAPP in by:
        return replace(found, reasons=(*found.reasons, wrong))
    return found


def _addresses(contact: Contact, kind: str, office: Office, channel: Channel | None) -> list[rules.Address]:
    addresses = {one: getattr(contact, name) for one, name in ADDRESSES.items()}
    if office.refuses(contact, kind):
        addresses[Channel.WHATSAPP] = ""
    return rules.choose_addresses(
        addresses=addresses,
        order=[channel] if channel else office.order_for(kind),
        every=office.by_every_channel(kind),
        available=office.lanes,
    )


def _outside_segment(voucher: Voucher, policy: DeliveryPolicy | None, office: Office) -> bool:
    if policy is None or not policy.automatic:
        return False
    return not _covered(voucher, policy, office)


def _covered(voucher: Voucher, policy: DeliveryPolicy, office: Office) -> bool:
    return office.segments[policy.pk].covers(
        is_customer=voucher.party.kind == PartyKind.CUSTOMER, class_id=voucher.party.customer_class_id
    )


def will_go_alone(voucher: Voucher, policy: DeliveryPolicy | None, office: Office) -> bool:
    """Whether it goes by itself once nothing is missing: wished, or covered by the automatic service."""
    wish = voucher.wish
    if not wish:
        return False
    if wish.get("when") == "now":
        return True
    company = office.company
    return (
        policy is not None
        and policy.automatic
        and voucher.kind not in office.held_for_cost
        and company.automatic_service
        and voucher.automatic_asked_at is None
        and _since(voucher.created_at, company.automatic_service_since)
        and _since(voucher.created_at, policy.automatic_since)
        and (office.today - voucher.issued_on).days <= company.automatic_max_age_days
        and _covered(voucher, policy, office)
    )


def _since(moment: datetime, start: datetime | None) -> bool:
    return start is None or moment >= start
