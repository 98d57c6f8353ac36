"""`POST /vouchers/{id}/send`: asked by a program, as by hand."""

from __future__ import annotations

from django.db import transaction

from acuse.api.arriving import contact_data
from acuse.api.ids import parse_id
from acuse.api.problems import one
from acuse.api.refusals import unsendable
from acuse.api.schemas import SendIn
from acuse.channels.contract import Channel
from acuse.companies.scope import Actor
from acuse.deliveries import services as deliveries
from acuse.deliveries.planning import Named
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin
from acuse.directory.contacts import add_contacts
from acuse.directory.models import Contact
from acuse.directory.services import DirectoryError, editable_kinds
from acuse.vouchers.models import Voucher


@transaction.atomic
def send(voucher: Voucher, payload: SendIn, actor: Actor) -> None:
    """Asking twice sends once. Raises Problem, DirectoryError, NotAllowed: nothing is kept then, no contact either."""
    named = Named(
        contacts=_contacts(voucher, payload, actor), channel=Channel(payload.channel) if payload.channel else None
    )
    plans, _ = deliveries.request_for([voucher], Asker(actor.label, Origin.API), named=named, again=payload.again)
    if not plans[0].sendability.sendable:
        raise unsendable(plans[0].sendability.reasons)


def _contacts(voucher: Voucher, payload: SendIn, actor: Actor) -> tuple[Contact, ...] | None:
    if payload.contacts is None:
        return None
    chosen: dict[object, Contact] = {}
    may_edit = voucher.party.kind in editable_kinds(actor)
    for index, reference in enumerate(payload.contacts):
        if isinstance(reference, str):
            contact = _known(voucher, reference, index)
        else:
            try:
                (contact,) = add_contacts(
                    voucher.party, [contact_data(reference)], actor=actor.label, may_edit=may_edit
                )
            except DirectoryError as error:
                field = error.field.replace("party.contacts[0]", f"contacts[{index}]")
                raise DirectoryError(field, str(error)) from error
        chosen[contact.pk] = contact
    return tuple(chosen.values())


def _known(voucher: Voucher, id_: str, index: int) -> Contact:
    """Only the party's own: one customer's voucher never goes to another's contact by a wrong id."""
    key = parse_id(id_)
    found = voucher.party.contacts.filter(pk=key).first() if key is not None else None
    if found is None:
        text = f"No hay un contacto con ese id en {voucher.party.name}."
        raise one(422, "unknown_contact", text, field=f"contacts[{index}]")
    return found
