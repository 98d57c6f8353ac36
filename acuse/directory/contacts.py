"""What people do to a party's contacts; `acuse.deliveries.contacts` adds what it means to what waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Q

from acuse.companies import audit
from acuse.directory.models import Contact, Party
from acuse.directory.services import DirectoryError, check_email, locked_survivor, opted_out, parse_mobile
from acuse.kernel import redact

_PROBLEMS = {"mobile": "mobile_problem", "email": "email_problem"}


@dataclass(frozen=True, slots=True)
class ContactEntry:
    """What a person writes of a contact."""

    name: str = ""
    #: As typed.
    mobile: str = ""
    email: str = ""
    #: None = all kinds; empty = none by itself.
    kinds: tuple[str, ...] | None = None
    consent_origin: str = ""
    consent_on: date | None = None
    consent_note: str = ""


@transaction.atomic
def create_contact(*, party: Party, entry: ContactEntry, actor: str) -> Contact:
    """Raises DirectoryError."""
    owner = locked_survivor(party)
    contact = Contact(company=owner.company, party=owner)
    _write(contact, entry)
    contact.save(force_insert=True)
    audit.record(company=owner.company, actor=actor, event="contact.created", target=contact.pk, **_masked(contact))
    return contact


@transaction.atomic
def change_contact(*, contact: Contact, entry: ContactEntry, actor: str) -> Contact:
    """What was known against an address is forgotten when it changes. Raises DirectoryError."""
    locked = Contact.objects.select_for_update(of=("self",)).select_related("party", "company").get(pk=contact.pk)
    before = _told(locked)
    _write(locked, entry)
    after = _told(locked)
    changed = [name for name in after if before[name] != after[name]]
    if changed:
        locked.save()
        audit.record(
            company=locked.company, actor=actor, event="contact.changed", target=locked.pk, changed=changed,
            **_masked(locked),
        )  # fmt: skip
    return locked


def _write(contact: Contact, entry: ContactEntry) -> None:
    before = {field: getattr(contact, field) for field in _PROBLEMS}
    contact.name = " ".join(entry.name.split())[:120]
    _write_mobile(contact, entry.mobile.strip())
    contact.email = check_email(entry.email) if entry.email.strip() else ""
    if not contact.mobile and not contact.email:
        raise DirectoryError("mobile", "Escribí un celular o un correo: sin ninguno no hay a dónde enviar.")
    for field, problem in _PROBLEMS.items():
        if getattr(contact, field).lower() != before[field].lower():
            setattr(contact, problem, "")
    contact.kinds = list(entry.kinds) if entry.kinds is not None else None
    if bool(entry.consent_origin) != bool(entry.consent_on):
        missing = "consent_on" if entry.consent_origin else "consent_origin"
        raise DirectoryError(missing, "El consentimiento lleva las dos cosas: cómo lo dio y qué día.")
    contact.consent_origin, contact.consent_on = entry.consent_origin, entry.consent_on
    contact.consent_note = entry.consent_note.strip()[:200]
    _check_twin(contact)
    if contact.suppressed_at is None and (contact.mobile, contact.email) != (before["mobile"], before["email"]):
        contact.suppressed_at, contact.suppressed_reason = opted_out(contact.company, contact.mobile, contact.email)


def _write_mobile(contact: Contact, typed: str) -> None:
    if typed == contact.mobile_typed and contact.mobile:
        # what was understood then stays, whatever the default area code is now
        return
    understood = parse_mobile(typed, contact.company) if typed else None
    contact.mobile_typed = typed[:80]
    contact.mobile = understood.e164 or "" if understood else ""
    contact.mobile_flags = sorted(understood.flags) if understood else []


def _check_twin(contact: Contact) -> None:
    same = Q(mobile=contact.mobile, email__iexact=contact.email)
    twin = contact.party.contacts.filter(same).exclude(pk=contact.pk).first()
    if twin is not None:
        field = "mobile" if contact.mobile else "email"
        raise DirectoryError(field, f"Ya es un contacto de {contact.party.name}: {twin}.", conflict=True)


@transaction.atomic
def delete_contact(*, contact: Contact, actor: str) -> None:
    """Never one who asked not to be written to: with it would go the memory of that. Raises DirectoryError."""
    locked = Contact.objects.select_for_update(of=("self",)).select_related("company").get(pk=contact.pk)
    if locked.suppressed_at is not None:
        raise DirectoryError(
            "contact", "Pidió la baja: se guarda para no volver a escribirle, aunque tu sistema lo mande de nuevo."
        )
    audit.record(
        company=locked.company, actor=actor, event="contact.deleted", target=locked.party_id,
        contact=str(locked.pk), **_masked(locked),
    )  # fmt: skip
    locked.delete()


def _told(contact: Contact) -> dict[str, object]:
    fields = ("name", "mobile_typed", "mobile", "email", "kinds", "consent_origin", "consent_on", "consent_note")
    return {field: getattr(contact, field) for field in fields}


def _masked(contact: Contact) -> dict[str, str]:
    return {
        "name": contact.name,
        "mobile": redact.mask_phone(contact.mobile) if contact.mobile else "",
        "email": redact.mask_email(contact.email) if contact.email else "",
    }
