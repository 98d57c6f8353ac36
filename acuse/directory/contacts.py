"""A party's contacts, as people write them in the pages and as vouchers and sendings bring them: one writer.

`acuse.deliveries.contacts` adds what a person's change means to what waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from acuse.companies import audit
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import NotAllowed
from acuse.directory.models import Contact, Party
from acuse.directory.services import PAGES, ContactData, DirectoryError, check_email, locked_survivor, parse_mobile
from acuse.kernel import redact
from acuse.kernel.digest import canonical_digest

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


class Changed(DirectoryError):
    """It isn't any more as the person saw it."""

    def __init__(self, contact: Contact) -> None:
        super().__init__("", "Alguien lo cambió mientras lo editabas.", conflict=True)
        self.contact = contact


def fingerprint(contact: Contact) -> str:
    """Of what a person sees and may change."""
    return canonical_digest(_told(contact))[:32]


@transaction.atomic
def create_contact(*, party: Party, entry: ContactEntry, actor: str) -> Contact:
    """Raises DirectoryError."""
    owner = locked_survivor(party)
    contact = Contact(company=owner.company, party=owner)
    _write(contact, entry)
    _check_twin(contact)
    return _save(contact, "contact.created", actor)


@transaction.atomic
def change_contact(*, contact: Contact, entry: ContactEntry, actor: str, seen: str | None = None) -> Contact:
    """`seen`: the fingerprint of what the person had before them. What was known against an address is forgotten when
    it changes. Raises DirectoryError, Changed."""
    locked = _lock(contact)
    if seen is not None and fingerprint(locked) != seen:
        raise Changed(locked)
    before = _told(locked)
    _write(locked, entry)
    if (locked.mobile, locked.email) != (before["mobile"], before["email"]):
        _check_twin(locked)
    return _save_changes(locked, before, actor)


@transaction.atomic
def add_contacts(party: Party, contacts: Iterable[ContactData], *, actor: str, may_edit: bool) -> list[Contact]:
    """Each contact, made or completed unless the party has it so. Raises DirectoryError; NotAllowed where that writes
    something and the actor may not edit this party."""
    given = list(contacts)
    if not given:
        return []
    owner = locked_survivor(party)
    return [_add(owner, data, f"party.contacts[{index}]", actor, may_edit) for index, data in enumerate(given)]


def _add(party: Party, data: ContactData, field: str, actor: str, may_edit: bool) -> Contact:
    mobile = parse_mobile(data.mobile, party.company, field=f"{field}.mobile") if data.mobile.strip() else None
    email = check_email(data.email, field=f"{field}.email") if data.email.strip() else ""
    if mobile is None and not email:
        raise DirectoryError(field, "El contacto necesita un celular o un correo.")
    found = find_contact(party, mobile.e164 or "" if mobile else "", email)
    if found is not None and _told(found) == _told(_complete(found, data)):
        return found
    if not may_edit:
        raise NotAllowed(PAGES[party.kind], Action.EDIT)
    if found is None:
        contact = Contact(company=party.company, party=party)
        _write(contact, ContactEntry(data.name, data.mobile, email, data.kinds))
        return _save(contact, "contact.created", actor)
    # as it is now: a person may be editing it
    locked = _lock(found)
    before = _told(locked)
    return _save_changes(_complete(locked, data), before, actor)


def _lock(contact: Contact) -> Contact:
    return Contact.objects.select_for_update(of=("self",)).select_related("party", "company").get(pk=contact.pk)


def _complete(contact: Contact, data: ContactData) -> Contact:
    _write(contact, _completed(contact, data))
    return contact


def _completed(found: Contact, data: ContactData) -> ContactEntry:
    """What is blank is filled in, and it receives what is added; the rest stays as a person may have corrected it."""
    kinds = tuple(found.kinds) if found.kinds is not None else None
    if kinds is not None and data.kinds is not None:
        kinds = (*kinds, *sorted(set(data.kinds) - set(kinds)))
    return ContactEntry(
        name=found.name or data.name,
        mobile=found.mobile_typed if found.mobile else data.mobile,
        email=found.email or data.email,
        kinds=kinds,
        consent_origin=found.consent_origin,
        consent_on=found.consent_on,
        consent_note=found.consent_note,
    )


def find_contact(party: Party, mobile: str, email: str, *, but: UUID | None = None) -> Contact | None:
    """The one with that mobile or that e-mail, both rather than one; never one whose other address is another."""
    same = (Q(mobile=mobile) if mobile else Q()) | (Q(email__iexact=email) if email else Q())
    fitting = [
        contact
        for contact in party.contacts.filter(same).select_related("company").order_by("created_at", "id")
        if contact.pk != but
        and (not mobile or contact.mobile in ("", mobile))
        and (not email or contact.email.lower() in ("", email.lower()))
    ]
    return max(fitting, key=lambda contact: (contact.mobile == mobile) + bool(contact.email and email), default=None)


def _write(contact: Contact, entry: ContactEntry) -> None:
    before = {field: getattr(contact, field) for field in _PROBLEMS}
    contact.name = _tidied(entry.name, contact.name, 120)
    _write_mobile(contact, entry.mobile.strip())
    contact.email = check_email(entry.email) if entry.email.strip() else ""
    if not contact.mobile and not contact.email:
        raise DirectoryError("mobile", "Escribí un celular o un correo: sin ninguno no hay a dónde enviar.")
    for field, problem in _PROBLEMS.items():
        if getattr(contact, field).lower() != before[field].lower():
            setattr(contact, problem, "")
    contact.kinds = list(entry.kinds) if entry.kinds is not None else None
    consent = (entry.consent_origin, entry.consent_on)
    if bool(entry.consent_origin) != bool(entry.consent_on) and consent != (contact.consent_origin, contact.consent_on):
        missing = "consent_on" if entry.consent_origin else "consent_origin"
        raise DirectoryError(missing, "El consentimiento lleva las dos cosas: cómo lo dio y qué día.")
    contact.consent_origin, contact.consent_on = consent
    contact.consent_note = _tidied(entry.consent_note, contact.consent_note, 200)


def _tidied(text: str, before: str, most: int) -> str:
    """What stays as it was isn't tidied again: it would count as a change."""
    return before if text == before else " ".join(text.split())[:most].rstrip()


def _write_mobile(contact: Contact, typed: str) -> None:
    if typed == contact.mobile_typed and contact.mobile:
        # what was understood then stays, whatever the default area code is now
        return
    understood = parse_mobile(typed, contact.company) if typed else None
    contact.mobile_typed = typed[:80]
    contact.mobile = understood.e164 or "" if understood else ""
    contact.mobile_flags = sorted(understood.flags) if understood else []


def _check_twin(contact: Contact) -> None:
    twin = find_contact(contact.party, contact.mobile, contact.email, but=contact.pk)
    if twin is not None:
        field = "mobile" if contact.mobile and twin.mobile == contact.mobile else "email"
        raise DirectoryError(field, f"Ya es un contacto de {contact.party.name}: {twin}.", conflict=True)


def _save_changes(contact: Contact, before: dict[str, object], actor: str) -> Contact:
    after = _told(contact)
    changed = [name for name in after if before[name] != after[name]]
    if not changed:
        return contact
    if "mobile" in changed:
        # they are of who had that number
        contact.identities.all().delete()
    return _save(contact, "contact.changed", actor, changed=changed)


def _save(contact: Contact, event: str, actor: str, **detail: object) -> Contact:
    contact.save()
    # what the register says of its addresses
    contact.refresh_from_db(fields=["suppressed_at", "suppressed_reason"])
    audit.record(
        company=contact.company, actor=actor, event=event, target=contact.pk, **detail, **_masked(contact)
    )  # fmt: skip
    return contact


@transaction.atomic
def delete_contact(*, contact: Contact, actor: str) -> None:
    """Whether it asked not to be written to is remembered without it."""
    locked = _lock(contact)
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
