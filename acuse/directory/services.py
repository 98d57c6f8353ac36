"""What is done to parties and contacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.db.models import Q

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.directory.models import Contact, CustomerClass, Party, PartyKind
from acuse.kernel import clock, phone, taxid
from acuse.kernel.phone import Phone


class DirectoryError(ValueError):
    """Refused; `field` names what, the text says why and the way out, in Spanish."""

    def __init__(self, field: str, text: str, *, conflict: bool = False, holder: Party | None = None) -> None:
        super().__init__(text)
        self.field = field
        #: The data names two different rows: 409 for programs.
        self.conflict = conflict
        #: Who has it already, for a link.
        self.holder = holder


@dataclass(frozen=True, slots=True)
class PartyData:
    kind: str
    name: str
    tax_id: str = ""
    external_id: str = ""
    customer_class: str = ""


@dataclass(frozen=True, slots=True)
class ContactData:
    name: str = ""
    mobile: str = ""
    email: str = ""
    #: None = all kinds; empty = none by itself.
    kinds: tuple[str, ...] | None = None


def parse_mobile(typed: str, company: Company, *, field: str = "mobile") -> Phone:
    """The phone as understood. Raises DirectoryError when nothing can be sent to it."""
    found = phone.parse(typed, default_area=company.default_area_code or None)
    if not found.usable or found.e164 is None:
        raise DirectoryError(field, found.reason)
    return found


def check_email(text: str, *, field: str = "email") -> str:
    """Raises DirectoryError."""
    address = text.strip()
    try:
        validate_email(address)
    except ValidationError as error:
        raise DirectoryError(field, f"«{address[:80]}» no es una dirección de correo. Revisala.") from error
    return address


@transaction.atomic
def find_or_create_party(company: Company, data: PartyData, *, actor: str) -> Party:
    """By external id, else by tax id and kind, never by name alone; a merged one leads to who has all that was its.

    Raises DirectoryError; a conflict names both.
    """
    if data.kind not in PartyKind.values:
        raise DirectoryError("party.kind", "El tipo de tercero es customer, supplier o bank.")
    if not data.name.strip():
        raise DirectoryError("party.name", "Falta el nombre del cliente, proveedor o banco.")
    tax_id, tax_id_type = read_tax_id(data.tax_id, field="party.tax_id")
    found = _find_party(company, data.kind, data.external_id.strip(), tax_id)
    if found is None:
        found = _create_party(company, data, tax_id, tax_id_type, actor)
    else:
        _complete_party(found, data, tax_id, tax_id_type)
    return found


def read_tax_id(text: str, *, field: str) -> tuple[str, int | None]:
    """The value to keep and ARCA's type of it; blank and None when nobody is identified. Raises DirectoryError."""
    if not text.strip():
        return "", None
    try:
        parsed = taxid.parse(text)
    except taxid.TaxIdError as error:
        raise DirectoryError(field, str(error)) from error
    return (parsed.value, int(parsed.arca_code)) if parsed.identifies else ("", None)


def locked_survivor(party: Party) -> Party:
    """The party itself, or who it was merged into, locked until the transaction ends."""
    while True:
        locked = (
            Party.objects.select_for_update(of=("self",))
            .select_related("company")
            .get(pk=party.merged_into_id or party.pk)
        )
        if locked.merged_into_id is None:
            return locked
        party = locked


def _find_party(company: Company, kind: str, external_id: str, tax_id: str) -> Party | None:
    by_external, by_tax_id = _named(company, kind, external_id=external_id), _named(company, kind, tax_id=tax_id)
    if by_external and by_tax_id and by_external.pk != by_tax_id.pk:
        raise DirectoryError(
            "party.external_id",
            f"El código {external_id} es de {by_external.name} y el CUIT o documento es de {by_tax_id.name}. "
            "Corregí uno de los dos.",
            conflict=True,
        )
    if by_external and tax_id and by_tax_id is None and by_external.tax_id:
        raise DirectoryError(
            "party.tax_id",
            f"El código {external_id} ya es de {by_external.name}, con otro CUIT o documento. Corregí uno de los dos.",
            conflict=True,
        )
    if by_tax_id and external_id and by_external is None and by_tax_id.external_id:
        raise DirectoryError(
            "party.external_id",
            f"El CUIT o documento ya es de {by_tax_id.name}, con el código {by_tax_id.external_id}. "
            "Corregí uno de los dos.",
            conflict=True,
        )
    return by_external or by_tax_id


def _named(company: Company, kind: str, **name: str) -> Party | None:
    """Who has this external id or this tax id, itself or by a duplicate that was merged into it."""
    if not all(name.values()):
        return None
    found = Party.objects.filter(company=company, kind=kind, **name).first()
    return locked_survivor(found) if found is not None else None


def _create_party(company: Company, data: PartyData, tax_id: str, tax_id_type: int | None, actor: str) -> Party:
    try:
        with transaction.atomic():
            party = Party.objects.create(
                company=company,
                kind=data.kind,
                name=data.name.strip()[:200],
                tax_id=tax_id,
                tax_id_type=tax_id_type,
                external_id=data.external_id.strip(),
                customer_class=_customer_class(company, data),
            )
    except IntegrityError:
        # somebody made it between our look and our insert
        raced = _find_party(company, data.kind, data.external_id.strip(), tax_id)
        if raced is None:
            raise
        return raced
    audit.record(company=company, actor=actor, event="party.created", target=party.pk)
    return party


def _complete_party(party: Party, data: PartyData, tax_id: str, tax_id_type: int | None) -> None:
    """Fill in what was unknown; what a person may have corrected stays, and a duplicate's own id stays with it."""
    changed = []
    external_id, others = data.external_id.strip(), Party.objects.filter(company_id=party.company_id, kind=party.kind)
    if external_id and not party.external_id and not others.filter(external_id=external_id).exists():
        party.external_id = external_id
        changed.append("external_id")
    if tax_id and not party.tax_id and not others.filter(tax_id=tax_id).exists():
        party.tax_id, party.tax_id_type = tax_id, tax_id_type
        changed += ["tax_id", "tax_id_type"]
    customer_class = _customer_class(party.company, data)
    if customer_class is not None and party.customer_class_id != customer_class.pk:
        party.customer_class = customer_class
        changed.append("customer_class")
    if changed:
        party.save(update_fields=[*changed, "updated_at"])


def _customer_class(company: Company, data: PartyData) -> CustomerClass | None:
    name = data.customer_class.strip()
    if not name or data.kind != PartyKind.CUSTOMER:
        return None
    return CustomerClass.objects.get_or_create(company=company, name=name[:80])[0]


@transaction.atomic
def add_contacts(party: Party, contacts: Iterable[ContactData], *, actor: str) -> list[Contact]:
    """Each contact, made unless the party has one with that mobile or e-mail. Raises DirectoryError."""
    return [_add_contact(party, data, index, actor) for index, data in enumerate(contacts)]


def _add_contact(party: Party, data: ContactData, index: int, actor: str) -> Contact:
    field = f"party.contacts[{index}]"
    mobile = parse_mobile(data.mobile, party.company, field=f"{field}.mobile") if data.mobile.strip() else None
    email = check_email(data.email, field=f"{field}.email") if data.email.strip() else ""
    if mobile is None and not email:
        raise DirectoryError(field, "El contacto necesita un celular o un correo.")
    e164 = mobile.e164 or "" if mobile else ""
    found = find_contact(party, e164, email)
    if found is not None:
        return _complete_contact(found, data, mobile, email)
    suppressed_at, suppressed_reason = opted_out(party.company, e164, email)
    contact = Contact.objects.create(
        company_id=party.company_id,
        party=party,
        name=data.name.strip()[:120],
        mobile_typed=data.mobile.strip()[:80],
        mobile=e164,
        mobile_flags=sorted(mobile.flags) if mobile else [],
        email=email,
        kinds=list(data.kinds) if data.kinds is not None else None,
        suppressed_at=suppressed_at,
        suppressed_reason=suppressed_reason,
    )
    audit.record(company=party.company, actor=actor, event="contact.created", target=contact.pk)
    return contact


def find_contact(party: Party, mobile: str, email: str) -> Contact | None:
    """The one with that mobile or that e-mail, both rather than one; never one whose other address is another."""
    same = (Q(mobile=mobile) if mobile else Q()) | (Q(email__iexact=email) if email else Q())
    fitting = [
        contact
        for contact in party.contacts.filter(same).order_by("created_at", "id")
        if (not mobile or contact.mobile in ("", mobile))
        and (not email or contact.email.lower() in ("", email.lower()))
    ]
    return max(fitting, key=lambda contact: (contact.mobile == mobile) + bool(contact.email and email), default=None)


def opted_out(company: Company, mobile: str, email: str) -> tuple[datetime | None, str]:
    """Who asked not to be written to somewhere is not written to there as the contact of another party either.

    A person is known by the mobile; by the mail only where there is no mobile.
    """
    if not mobile and not email:
        return None, ""
    same = Q(mobile=mobile) if mobile else Q(mobile="", email__iexact=email)
    ours = Contact.objects.filter(same, company=company, suppressed_at__isnull=False)
    found = ours.order_by("suppressed_at").first()
    return (found.suppressed_at, found.suppressed_reason) if found is not None else (None, "")


def _complete_contact(contact: Contact, data: ContactData, mobile: Phone | None, email: str) -> Contact:
    changed = []
    if email and not contact.email:
        contact.email = email
        changed.append("email")
    if mobile and not contact.mobile:
        contact.mobile, contact.mobile_typed = mobile.e164 or "", data.mobile.strip()[:80]
        contact.mobile_flags = sorted(mobile.flags)
        changed += ["mobile", "mobile_typed", "mobile_flags"]
    if data.name.strip() and not contact.name:
        contact.name = data.name.strip()[:120]
        changed.append("name")
    if data.kinds is not None and contact.kinds is not None and (more := set(data.kinds) - set(contact.kinds)):
        contact.kinds = [*contact.kinds, *sorted(more)]
        changed.append("kinds")
    if changed:
        contact.save(update_fields=[*changed, "updated_at"])
    return contact


@transaction.atomic
def suppress(contacts: Sequence[Contact], *, reason: str, actor: str) -> None:
    """They asked not to be written to any more: nothing goes there from now on."""
    for contact in contacts:
        if contact.suppressed_at is None:
            contact.suppressed_at = clock.now()
            contact.suppressed_reason = reason[:200]
            contact.save(update_fields=["suppressed_at", "suppressed_reason", "updated_at"])
            audit.record(
                company=contact.company, actor=actor, event="contact.suppressed", target=contact.pk, reason=reason[:200]
            )
