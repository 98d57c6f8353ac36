"""The messages that values would make of a voucher. Nothing is saved, nothing is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from acuse.channels import selectors
from acuse.channels.contract import Channel
from acuse.channels.models import WhatsAppTemplate
from acuse.channels.templates import misfit, shape_of
from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor, scoped
from acuse.deliveries import planning
from acuse.deliveries.models import DeliveryPolicy
from acuse.deliveries.policies import freezing
from acuse.deliveries.policies import services as policies
from acuse.deliveries.policies.rules import PolicyValues, Problem, problems
from acuse.directory.models import Contact, Party, PartyKind
from acuse.rendering import text
from acuse.vouchers import arca
from acuse.vouchers.kinds import Audience, VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.bubbles import Bubble, bubble_of, text_of
from acuse.web.policies.carried import carried
from acuse.web.policies.known_templates import known, trouble

#: What people may choose from before they search.
NEWEST = 10


@dataclass(frozen=True, slots=True)
class Message:
    channel: Channel
    bubble: Bubble
    #: Blank where the contact has no such address.
    to: str


@dataclass(frozen=True, slots=True)
class Shown:
    voucher: Voucher
    contact: Contact
    #: Made up, since there is none to show.
    sample: bool
    messages: Sequence[Message]
    file_name: str
    problems: Sequence[Problem]
    #: Why the template that Meta has doesn't take this; blank when it does, or isn't known.
    misfit: str
    #: Why nothing goes with the template that is named; blank when it does, or Meta was never read.
    trouble: str
    #: What of *Asunto* and *Cuerpo* goes by WhatsApp.
    carried: str


def voucher_of(actor: Actor, kind: VoucherKind, chosen: str) -> Voucher | None:
    """The one that was chosen, else the newest; None where the actor may see none or there is none."""
    offered = vouchers_of(actor, kind)
    if offered is None:
        return None
    try:
        found = offered.filter(pk=UUID(chosen)).first() if chosen else None
    except ValueError:
        found = None
    return found or offered.order_by("-issued_on", "-id").first()


def vouchers_of(actor: Actor, kind: VoucherKind) -> QuerySet[Voucher] | None:
    """None for who may not see that kind."""
    if not actor.may(kind, Action.VIEW):
        return None
    return scoped(Voucher.objects.filter(kind=kind.value), actor).select_related("party", "company")


def show(company: Company, kind: VoucherKind, values: PolicyValues, voucher: Voucher | None) -> Shown:
    sample = voucher is None
    voucher = voucher or sample_of(company, kind)
    contact = _contact(voucher, sample=sample)
    policy = policies.unsaved(company, kind, _shielded(values))
    filled = freezing.values_of(voucher, contact)
    template = _template(company, policy)
    return Shown(
        voucher=voucher,
        contact=contact,
        sample=sample,
        messages=[_message(channel, policy, filled, contact, template) for channel in _known(values.channels)],
        file_name=freezing.file_name_of(policy, filled),
        problems=problems(values, kind),
        misfit=_misfit(template, values),
        trouble=trouble(known(company), values),
        carried=carried(values),
    )


def sample_of(company: Company, kind: VoucherKind) -> Voucher:
    """Not saved."""
    supplier = kind.audience is Audience.SUPPLIER
    party = Party(
        company=company,
        kind=PartyKind.SUPPLIER if supplier else PartyKind.CUSTOMER,
        name="Distribuidora Ejemplo SA" if supplier else "Almacén Ejemplo SRL",
    )
    today = planning.today_in(company)
    letter = "A" if kind is VoucherKind.SALES_INVOICE else ""
    title = arca.title(kind, None, letter, 3, 42)
    return Voucher(
        company=company, party=party, kind=kind.value, title=title, point_of_sale=3, number=42,
        issued_on=today, due_on=today + timedelta(days=10), total=Decimal("12100.00"),
    )  # fmt: skip


def _known(channels: Sequence[str]) -> list[Channel]:
    return [Channel(one) for one in channels if one in list(Channel)]


def _contact(voucher: Voucher, *, sample: bool) -> Contact:
    """The first who would get it; a nameless one where there is nobody."""
    if sample:
        return Contact(name="Compras")
    candidates = voucher.party.contacts.order_by("created_at", "id")
    fit = [c for c in candidates if c.suppressed_at is None and (c.kinds is None or voucher.kind in c.kinds)]
    return fit[0] if fit else Contact()


def _message(
    channel: Channel,
    policy: DeliveryPolicy,
    values: dict[str, str],
    contact: Contact,
    template: WhatsAppTemplate | None,
) -> Message:
    to = contact.mobile if channel is Channel.WHATSAPP else contact.email
    content = freezing.content_of(channel, policy, values, contact)
    approved = text_of(template.components) if template is not None else None
    return Message(channel, bubble_of(channel.value, content, approved), to)


def _shielded(values: PolicyValues) -> PolicyValues:
    """A variable that doesn't exist is seen as it was written, and hides nothing else."""
    return replace(
        values,
        subject=text.shielded(values.subject),
        body=text.shielded(values.body),
        file_name=text.shielded(values.file_name),
        template_parameters=tuple(text.shielded(one, text.PARAMETER_VARIABLES) for one in values.template_parameters),
    )


def _template(company: Company, policy: DeliveryPolicy) -> WhatsAppTemplate | None:
    """As Meta had it when it was last read."""
    rows = WhatsAppTemplate.objects.filter(account=selectors.whatsapp_account(company), gone_at=None)
    return rows.filter(name=policy.template_name, language=policy.template_language).first()


def _misfit(template: WhatsAppTemplate | None, values: PolicyValues) -> str:
    if template is None or Channel.WHATSAPP.value not in values.channels:
        return ""
    return misfit(shape_of(template.components, template.parameter_format), len(values.template_parameters))
