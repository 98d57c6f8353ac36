"""What whoever brings parties and contacts says of them, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from acuse.companies.models import Company
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.directory.models import Party, PartyKind
from acuse.kernel import phone, taxid
from acuse.kernel.phone import Phone

#: Where each kind of party, with its contacts, is in the roles.
PAGES: dict[str, Page] = {
    PartyKind.CUSTOMER.value: Page.CUSTOMERS,
    PartyKind.SUPPLIER.value: Page.SUPPLIERS,
    PartyKind.BANK.value: Page.BANKS,
}


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


def editable_kinds(actor: Actor) -> frozenset[str]:
    """The kinds of party whose contacts this actor may write."""
    return frozenset(kind for kind, page in PAGES.items() if actor.may(page, Action.EDIT))


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
