"""A voucher as the API tells it: the same after every action."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from acuse.deliveries import planning
from acuse.deliveries.faults import plan_or_fault
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Named, Office
from acuse.deliveries.presenting import deliveries_json
from acuse.deliveries.selectors import held
from acuse.directory.models import Contact
from acuse.kernel import phone
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Reason


def voucher_json(voucher: Voucher) -> dict[str, Any]:
    return vouchers_json([voucher])[0]


def vouchers_json(vouchers: Sequence[Voucher]) -> list[dict[str, Any]]:
    """Of one company, with `company` and `party` loaded. The queries don't grow with the vouchers."""
    if not vouchers:
        return []
    office = planning.open_office(vouchers[0].company, vouchers)
    deliveries = _deliveries_of(vouchers)
    waiting = held([delivery for rows in deliveries.values() for delivery in rows])
    return [_voucher_json(voucher, office, deliveries_json(deliveries[voucher.pk], waiting)) for voucher in vouchers]


def reason_json(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, "field": reason.field, "text": reason.text}


def _deliveries_of(vouchers: Iterable[Voucher]) -> dict[UUID, list[Delivery]]:
    found: dict[UUID, list[Delivery]] = defaultdict(list)
    ids = [voucher.pk for voucher in vouchers]
    for delivery in Delivery.objects.filter(voucher_id__in=ids).defer("content").order_by("created_at", "id"):
        found[delivery.voucher_id].append(delivery)
    return found


def _voucher_json(voucher: Voucher, office: Office, deliveries: list[dict[str, Any]]) -> dict[str, Any]:
    contacts = office.contacts.get(voucher.party_id, ())
    found = plan_or_fault(voucher, office, _wished(voucher, contacts)).sendability
    return {
        "id": str(voucher.pk),
        "external_id": voucher.external_id,
        "kind": voucher.kind,
        "title": voucher.title,
        "state": "active" if voucher.voided_at is None else "voided",
        "version": voucher.version,
        "authorization": voucher.authorization or None,
        "sendable": found.sendable,
        "reasons": [reason_json(reason) for reason in found.reasons],
        "warnings": [reason_json(reason) for reason in (*found.warnings, *_flagged(contacts))],
        "contacts": [_contact_json(contact) for contact in contacts],
        "deliveries": deliveries,
    }


def _wished(voucher: Voucher, contacts: Sequence[Contact]) -> Named | None:
    """While a wish waits, the contacts that it names are those who count."""
    ids = (voucher.wish or {}).get("contacts")
    return Named(contacts=tuple(c for c in contacts if str(c.pk) in ids)) if ids else None


def _flagged(contacts: Iterable[Contact]) -> list[Reason]:
    return [
        Reason(flag.value, "party.contacts", text)
        for contact in contacts
        for flag, text in phone.warnings(contact.mobile_flags, contact.mobile)
    ]


def _contact_json(contact: Contact) -> dict[str, Any]:
    return {
        "id": str(contact.pk),
        "name": contact.name,
        "mobile": contact.mobile or None,
        "email": contact.email or None,
        "kinds": contact.kinds,
    }
