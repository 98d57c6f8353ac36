"""*BAJA*: the register of the addresses that asked not to be written to any more, and of those that asked again.

It is of a company and an address, whoever has it as a contact; what contacts show of it PostgreSQL writes (ADR 0019).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet

from acuse.companies import audit
from acuse.companies.folding import MailKey
from acuse.companies.models import Company
from acuse.directory.models import ConsentOrigin, Contact, ContactIdentity, OptOut
from acuse.directory.services import DirectoryError
from acuse.kernel import clock


def mail_key(email: str) -> str:
    """As the register has it; the same as PostgreSQL's `lower(email collate "C")`."""
    return email.strip().encode().lower().decode()


def addresses_of(contact: Contact) -> tuple[str, ...]:
    return tuple(address for address in (contact.mobile, mail_key(contact.email)) if address)


def _person(contact: Contact) -> str:
    """A person is known by the mobile; by the mail only where there is none."""
    return contact.mobile or mail_key(contact.email)


def _having(company: Company, addresses: Collection[str]) -> QuerySet[Contact]:
    mails = [mail_key(address) for address in addresses if "@" in address]
    ours = Contact.objects.alias(mail_key=MailKey("email")).filter(company=company)
    return ours.filter(Q(mobile__in=addresses) | Q(mail_key__in=mails))


def sharing_address(contact: Contact) -> list[Contact]:
    """The contact, and the company's others of the same person."""
    ours = _having(contact.company, [_person(contact)]) | Contact.objects.filter(pk=contact.pk)
    return list(ours.select_related("party", "company").order_by("created_at", "id"))


def out_with(contact: Contact) -> list[Contact]:
    """The contacts that are out by an address of this one: a lifting is theirs too."""
    names = OptOut.objects.filter(company=contact.company, address__in=addresses_of(contact), lifted_at=None)
    theirs = _having(contact.company, list(names.values_list("address", flat=True)))
    return list(theirs.select_related("party").order_by("created_at", "id"))


@transaction.atomic
def note(
    company: Company, addresses: Collection[str], *, reason: str, actor: str, provider_id: str = ""
) -> list[Contact]:
    """They asked not to be written to any more: nothing goes there from now on. Who is out by it, that wasn't."""
    asked = sorted({address for address in addresses if address})
    free = list(_having(company, asked).filter(suppressed_at=None).order_by("pk").values_list("pk", flat=True))
    rows = [
        OptOut(
            company=company, address=address, asked_at=clock.now(), reason=reason[:200], provider_id=provider_id[:300],
            noted_by=actor,
        )
        for address in asked
    ]  # fmt: skip
    OptOut.objects.bulk_create(rows, ignore_conflicts=True)
    out = list(Contact.objects.filter(pk__in=free, suppressed_at__isnull=False).select_related("party", "company"))
    for contact in out:
        audit.record(company=company, actor=actor, event="contact.suppressed", target=contact.pk, reason=reason[:200])
    return out


def suppress(contacts: Sequence[Contact], *, reason: str, actor: str) -> list[Contact]:
    """Whose addresses these are, all of one company."""
    if not contacts:
        return []
    return note(contacts[0].company, [_person(one) for one in contacts], reason=reason, actor=actor)


def suppress_by_hand(contact: Contact, *, reason: str, actor: str) -> list[Contact]:
    """Everywhere where that address is a contact. Raises DirectoryError; the answer is who was suppressed."""
    if not reason.strip():
        raise DirectoryError("reason", "Escribí cómo lo pidió, por ejemplo «Llamó el 3/11».")
    return suppress([contact], reason=reason.strip(), actor=actor)


@transaction.atomic
def restore(contact: Contact, *, origin: str, asked_on: date | None, actor: str) -> list[Contact]:
    """The person asked to be written to again, and that is its consent from now on. Raises DirectoryError."""
    if origin not in ConsentOrigin.values:
        raise DirectoryError("consent_origin", "Elegí cómo lo pidió.")
    today = clock.now().astimezone(ZoneInfo(contact.company.time_zone)).date()
    if asked_on is None or asked_on > today:
        raise DirectoryError("consent_on", "Poné qué día lo pidió, hoy o antes.")
    theirs = ContactIdentity.objects.filter(contact=contact, kind=ContactIdentity.Kind.BSUID)
    names = {*addresses_of(contact), *theirs.values_list("value", flat=True)}
    rows = OptOut.objects.select_for_update().filter(company=contact.company, address__in=names, lifted_at=None)
    ending = list(rows.order_by("pk"))
    out = {one.pk: one for one in _having(contact.company, names).filter(suppressed_at__isnull=False)}
    why = f"{ConsentOrigin(origin).label}, el {asked_on:%d/%m/%Y}"
    OptOut.objects.filter(pk__in=[row.pk for row in ending]).update(
        lifted_at=clock.now(), lifted_by=actor, lifted_reason=why[:200]
    )
    free = Contact.objects.filter(pk__in=out, suppressed_at=None).select_related("party", "company")
    lifted = list(free.order_by("created_at", "id"))
    for one in lifted:
        one.consent_origin, one.consent_on = origin, asked_on
        one.save(update_fields=["consent_origin", "consent_on", "updated_at"])
        since, reason = out[one.pk].suppressed_at, out[one.pk].suppressed_reason
        audit.record(
            company=one.company, actor=actor, event="contact.restored", target=one.pk, origin=origin,
            asked_on=asked_on.isoformat(), suppressed_at=since.isoformat() if since else "", reason=reason,
        )  # fmt: skip
    return lifted
