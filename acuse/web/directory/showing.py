"""How a party's document and a contact's number are shown back to who types them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from acuse.companies.models import Company
from acuse.directory.models import Contact, Party
from acuse.kernel import phone, taxid
from acuse.kernel.numerals import thousands
from acuse.kernel.phone import Phone
from acuse.kernel.taxid import TaxIdKind

_NAMES = {TaxIdKind.CUIT: "CUIT, CUIL o CDI", TaxIdKind.DNI: "DNI", TaxIdKind.OTHER: "Otro documento"}
#: As many holders of a number are named.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What was understood of what somebody types."""

    #: The formatted number; blank = nothing was understood.
    shown: str = ""
    text: str = ""
    good: bool = True
    warnings: tuple[str, ...] = ()
    #: Contacts of others that have it.
    others: Sequence[Contact] = field(default_factory=tuple)
    more: int = 0


def document(value: str) -> str:
    """As people read it: `30-00000000-7`, `12.345.678`, or as it was written."""
    if value.isdecimal() and len(value) == 11:
        return taxid.format_cuit(value)
    if value.isdecimal() and len(value) in (7, 8):
        return thousands(int(value))
    return value


def look_at_document(typed: str) -> Look:
    if not typed.strip():
        return Look()
    try:
        parsed = taxid.parse(typed)
    except taxid.TaxIdError as error:
        return Look(text=str(error), good=False)
    if not parsed.identifies:
        return Look(text="No identifica a nadie: se guarda sin documento.")
    warnings = (parsed.warning,) if parsed.warning else ()
    return Look(shown=document(parsed.value), text=_NAMES[parsed.kind], warnings=warnings)


def look_at_mobile(typed: str, company: Company, *, of: Party | None = None) -> Look:
    """`of`: whose contact it is or will be; its other contacts are told when it is saved. None: nobody's yet."""
    found = _read(typed, company)
    if found.e164 is None:
        return _understood(found)
    holders = Contact.objects.filter(company=company, mobile=found.e164).select_related("party")
    if of is not None:
        holders = holders.exclude(party=of)
    others = list(holders.order_by("party__name", "id")[:_NAMED])
    return replace(_understood(found), others=others, more=max(0, holders.count() - _NAMED))


def look_at_own_mobile(typed: str, company: Company) -> Look:
    """Of nobody's contact: what is understood alone."""
    return _understood(_read(typed, company))


def _read(typed: str, company: Company) -> Phone:
    return phone.parse(typed, default_area=company.default_area_code or None)


def _understood(found: Phone) -> Look:
    if not found.typed.strip():
        return Look()
    if not found.usable or found.e164 is None:
        return Look(text=found.reason, good=False)
    warnings = tuple(text for _, text in phone.warnings(found.flags, found.e164))
    return Look(shown=phone.display(found.e164), text=phone.besides_warnings(found.reason), warnings=warnings)
