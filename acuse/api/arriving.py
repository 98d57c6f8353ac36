"""A voucher as it was posted → `intake.accept()`."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.api.bodies import pdf_of_base64
from acuse.api.schemas import ContactIn, PartyIn, VoucherIn
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor
from acuse.deliveries.states import Origin
from acuse.directory.services import ContactData, PartyData, editable_kinds
from acuse.intake.services import Accepted, Arrival, Bringer, Deliver, accept
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Authorization
from acuse.vouchers.services import VoucherData


@dataclass(frozen=True, slots=True)
class Posted:
    voucher: Voucher
    status: int


def register(payload: VoucherIn, actor: Actor) -> Posted:
    """Raises NotAllowed, IntakeError, DirectoryError, VoucherError; nothing is kept then."""
    _check_allowed(payload, actor)
    arrival = Arrival(
        voucher=voucher_data(payload),
        party=party_data(payload.party),
        contacts=tuple(contact_data(contact) for contact in payload.party.contacts),
        pdf=pdf_of_base64(payload.pdf_base64),
        deliver=Deliver(payload.deliver),
        replace=payload.replace,
    )
    accepted: Accepted = accept(actor.company, arrival, bringer_of(actor))
    return Posted(accepted.voucher, 201 if accepted.created else 200)


def _check_allowed(payload: VoucherIn, actor: Actor) -> None:
    """Sending at once is sending, and replacing is editing, also the kind that it was before."""
    actor.require(payload.kind, Action.CREATE)
    if Deliver(payload.deliver) is Deliver.NOW:
        actor.require(payload.kind, Action.SEND)
    if payload.replace:
        actor.require(payload.kind, Action.EDIT)
        before = Voucher.objects.filter(company=actor.company, external_id=payload.external_id)
        for kind in before.values_list("kind", flat=True):
            actor.require(kind, Action.EDIT)


def bringer_of(actor: Actor) -> Bringer:
    return Bringer(label=actor.label, origin=Origin.API, source="api", may_edit=editable_kinds(actor))


def voucher_data(payload: VoucherIn) -> VoucherData:
    return VoucherData(
        kind=VoucherKind(payload.kind),
        external_id=payload.external_id,
        issued_on=payload.issued_on,
        currency=payload.currency,
        total=payload.total,
        arca_type=payload.arca_type,
        point_of_sale=payload.point_of_sale,
        number=payload.number,
        due_on=payload.due_on,
        exchange_rate=payload.exchange_rate,
        electronic=payload.electronic,
        cae=payload.cae or "",
        cae_type=payload.cae_type or "",
        cae_due_on=payload.cae_due_on,
        authorization=Authorization(payload.authorization) if payload.authorization else None,
    )


def party_data(party: PartyIn) -> PartyData:
    return PartyData(
        kind=party.kind,
        name=party.name,
        tax_id=party.tax_id or "",
        external_id=party.external_id or "",
        customer_class=party.customer_class or "",
    )


def contact_data(contact: ContactIn) -> ContactData:
    return ContactData(
        name=contact.name or "",
        mobile=contact.mobile or "",
        email=contact.email or "",
        kinds=None if contact.kinds is None else tuple(dict.fromkeys(contact.kinds)),
    )
