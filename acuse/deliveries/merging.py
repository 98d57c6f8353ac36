"""Two rows of one customer, supplier or bank become one. The duplicate stays as a tombstone: its ids lead on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction

from acuse.companies import audit
from acuse.deliveries import wishes
from acuse.deliveries.models import Delivery, InboundMessage
from acuse.deliveries.states import OPEN
from acuse.directory.contacts import find_contact
from acuse.directory.models import Contact, ContactIdentity, Party
from acuse.directory.services import DirectoryError
from acuse.vouchers.models import Voucher

_ADOPTED = ("tax_id", "external_id")


@dataclass(frozen=True, slots=True)
class Belongings:
    """What a party has, before it is merged."""

    vouchers: int
    #: Deliveries on their way.
    open_deliveries: int
    contacts: tuple[Contact, ...]


def belongings_of(party: Party) -> Belongings:
    counted = Delivery.objects.filter(voucher__party=party, state__in=[state.value for state in OPEN]).count()
    contacts = party.contacts.order_by("created_at", "id")
    return Belongings(Voucher.objects.filter(party=party).count(), counted, tuple(contacts))


@transaction.atomic
def merge(*, duplicate: Party, into: Party, actor: str) -> Party:
    """Everything of the duplicate becomes the survivor's. Can't be undone. Raises DirectoryError."""
    gone, kept = _lock(duplicate, into)
    contacts = [_move_contact(contact, kept) for contact in gone.contacts.order_by("created_at", "id")]
    moved = Voucher.objects.filter(party=gone).update(party=kept)
    Party.objects.filter(merged_into=gone).update(merged_into=kept)
    before = {"name": gone.name, "tax_id": gone.tax_id, "external_id": gone.external_id}
    _adopt(gone, kept)
    audit.record(
        company=kept.company, actor=actor, event="party.merged", target=kept.pk, duplicate=str(gone.pk), **before,
        vouchers=moved, contacts=len(contacts), joined=[str(old) for old, new in contacts if old != new],
    )  # fmt: skip
    wishes.fulfil_waiting(kept.company, party=kept)
    return kept


def _lock(duplicate: Party, into: Party) -> tuple[Party, Party]:
    """Both, in one order whoever asks, so that two merges at once wait for each other and don't cross."""
    pair = Party.objects.select_for_update(of=("self",)).select_related("company").order_by("pk")
    rows = {row.pk: row for row in pair.filter(pk__in=[duplicate.pk, into.pk], company_id=into.company_id)}
    if len(rows) != 2:
        raise DirectoryError("party", "Elegí dos distintos de la misma empresa.")
    gone, kept = rows[duplicate.pk], rows[into.pk]
    if gone.kind != kept.kind:
        raise DirectoryError("party", "Solo se unen dos del mismo tipo.")
    for row in (gone, kept):
        if row.merged_into_id is not None:
            raise DirectoryError("party", f"«{row.name}» ya se unió con otro. Actualizá la lista.")
    return gone, kept


def _adopt(gone: Party, kept: Party) -> None:
    """What the survivor lacks is the duplicate's; the rest stays with the duplicate, to be found by it."""
    taken: dict[str, Any] = {name: getattr(gone, name) for name in _ADOPTED if not getattr(kept, name)}
    tax_id_type = gone.tax_id_type
    customer_class_id = kept.customer_class_id or gone.customer_class_id
    for name in taken:
        setattr(gone, name, "")
    gone.merged_into, gone.customer_class = kept, None
    # first, so that an id is never held by both
    gone.save()
    for name, value in taken.items():
        setattr(kept, name, value)
    if taken.get("tax_id"):
        kept.tax_id_type = tax_id_type
    kept.customer_class_id = customer_class_id
    kept.save()


def _move_contact(contact: Contact, kept: Party) -> tuple[Any, Any]:
    """The contact's id, and the id of who it is now."""
    twin = find_contact(kept, contact.mobile, contact.email)
    if twin is None:
        contact.party = kept
        contact.save(update_fields=["party", "updated_at"])
        return contact.pk, contact.pk
    _join(twin, contact)
    return contact.pk, twin.pk


def _join(twin: Contact, contact: Contact) -> None:
    if not twin.mobile:
        twin.mobile, twin.mobile_typed, twin.mobile_flags = contact.mobile, contact.mobile_typed, contact.mobile_flags
    twin.email = twin.email or contact.email
    twin.name = twin.name or contact.name
    twin.mobile_problem = twin.mobile_problem or contact.mobile_problem
    twin.email_problem = twin.email_problem or contact.email_problem
    twin.kinds = None if twin.kinds is None or contact.kinds is None else sorted({*twin.kinds, *contact.kinds})
    if not twin.consent_origin:
        twin.consent_origin, twin.consent_on = contact.consent_origin, contact.consent_on
        twin.consent_note = contact.consent_note
    twin.save()
    Delivery.objects.filter(contact=contact).update(contact=twin)
    InboundMessage.objects.filter(contact=contact).update(contact=twin)
    _move_identities(twin, contact)
    _rename_in_wishes(contact, twin)
    contact.delete()


def _move_identities(twin: Contact, contact: Contact) -> None:
    known = {(one.kind, one.value) for one in twin.identities.all()}
    new = [one.pk for one in contact.identities.all() if (one.kind, one.value) not in known]
    ContactIdentity.objects.filter(pk__in=new).update(contact=twin)


def _rename_in_wishes(old: Contact, new: Contact) -> None:
    naming = Voucher.objects.filter(party_id=old.party_id, wish__contacts__contains=[str(old.pk)])
    for voucher in naming.select_for_update(of=("self",)).order_by("pk"):
        wish = dict(voucher.wish or {})
        named = [str(new.pk) if one == str(old.pk) else one for one in wish["contacts"]]
        wish["contacts"] = list(dict.fromkeys(named))
        Voucher.objects.filter(pk=voucher.pk).update(wish=wish)
