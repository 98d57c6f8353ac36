"""`accept()`: whatever brings a voucher ends here. One transaction: file, party, voucher, contacts, deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from acuse.companies.models import Company
from acuse.deliveries import replacing, wishes
from acuse.deliveries import services as deliveries
from acuse.deliveries.states import Origin
from acuse.directory.contacts import add_contacts
from acuse.directory.models import Contact, Party, PartyKind
from acuse.directory.parties import find_or_create_party
from acuse.directory.services import ContactData, PartyData, locked_survivor
from acuse.kernel import taxid
from acuse.vouchers import files, pdf, revising
from acuse.vouchers import services as vouchers
from acuse.vouchers.models import Voucher
from acuse.vouchers.pdf import PdfReading
from acuse.vouchers.services import GivenFile, VoucherData


class Deliver(StrEnum):
    #: Not by itself.
    NEVER = "never"
    #: By itself, where the automatic service covers it.
    AUTO = "auto"
    #: At once, or as soon as nothing is missing.
    NOW = "now"


class IntakeError(ValueError):
    """The file can't be taken; `code` is stable, the text says why and the way out, in Spanish."""

    def __init__(self, code: str, text: str, *, field: str = "pdf") -> None:
        super().__init__(text)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class TakenPdf:
    """A PDF that was read, waiting beside the store for its voucher. `discard()` when there won't be one."""

    staged: Path
    sha256: str
    size: int
    reading: PdfReading

    def keep(self) -> GivenFile:
        return GivenFile(files.keep(self.staged, self.sha256, self.size), self.reading.qr)

    def discard(self) -> None:
        self.staged.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What somebody brings."""

    voucher: VoucherData
    #: As whoever brings it names the party, or the row itself where a person chose it.
    party: PartyData | Party
    contacts: tuple[ContactData, ...] = ()
    pdf: TakenPdf | None = None
    deliver: Deliver = Deliver.AUTO
    replace: bool = False


#: What a command of the installation may edit.
EVERY_PARTY = frozenset(PartyKind.values)


@dataclass(frozen=True, slots=True)
class Bringer:
    """Who or what brings it, for the audit and the deliveries."""

    label: str
    origin: Origin
    source: str
    #: The kinds of party whose contacts it may write; those of a party that comes with it always.
    may_edit: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Accepted:
    voucher: Voucher
    created: bool
    new_version: bool
    contacts: tuple[Contact, ...]


def take_pdf(chunks: Iterable[bytes]) -> TakenPdf:
    """Stage and read a PDF, before any transaction. Raises IntakeError."""
    free_connection()
    try:
        staged, sha256, size = files.stage(chunks)
    except files.FileTooLarge as error:
        raise IntakeError("pdf_too_large", str(error)) from error
    try:
        reading = pdf.read_pdf(staged)
    except pdf.PdfError as error:
        staged.unlink(missing_ok=True)
        raise IntakeError(f"pdf_{error.code}", error.text) from error
    except BaseException:
        staged.unlink(missing_ok=True)
        raise
    return TakenPdf(staged, sha256, size, reading)


def free_connection() -> None:
    """Reading a PDF takes seconds: meanwhile others may use our database connection."""
    if not connection.in_atomic_block:
        connection.close()


def accept(company: Company, arrival: Arrival, bringer: Bringer) -> Accepted:
    """All of it or nothing. Raises DirectoryError, VoucherError, NotAllowed."""
    try:
        with transaction.atomic():
            return _accept(company, arrival, bringer)
    finally:
        if arrival.pdf is not None:
            arrival.pdf.discard()


def _accept(company: Company, arrival: Arrival, bringer: Bringer) -> Accepted:
    _one_at_a_time(company, arrival.voucher)
    party, new = _party_of(company, arrival, bringer)
    given = arrival.pdf.keep() if arrival.pdf is not None else None
    registered = vouchers.register(
        company=company, party=party, data=arrival.voucher, given=given, actor=bringer.label,
        source=bringer.source, replace=arrival.replace, recipient=_recipient(arrival.party),
    )  # fmt: skip
    voucher = registered.voucher
    contacts = _add_contacts(voucher.party, arrival, bringer, new=new and voucher.party_id == party.pk)
    if registered.new_version:
        replacing.supersede(voucher, actor=bringer.label)
    if registered.created or registered.new_version or registered.adopted:
        wish(voucher, arrival.deliver, contacts or None, bringer)
    elif arrival.deliver is not Deliver.NEVER:
        # the same content again may bring the contact that was missing
        wishes.fulfil_wish(voucher)
    if contacts:
        # and it may be missing to others of the party
        wishes.fulfil_waiting(company, party=voucher.party, but=voucher)
    voucher.refresh_from_db()
    return Accepted(voucher, registered.created, registered.new_version, contacts)


def _one_at_a_time(company: Company, data: VoucherData) -> None:
    """The same voucher twice at once: the second waits, and finds the first with its party and contacts."""
    if data.external_id:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"voucher/{company.pk}/{data.external_id}"]
            )


def _recipient(data: PartyData | Party) -> str:
    """Who it is for, as the arrival says: the surest name of it."""
    if isinstance(data, Party) and not data.external_id and not data.tax_id:
        return f"party:{data.pk}"
    if data.external_id.strip():
        return f"id:{data.external_id.strip()}"
    tax_id = taxid.parse(data.tax_id).value if data.tax_id.strip() else ""
    return f"tax:{tax_id}" if tax_id else f"name:{data.name.strip()}"


def _party_of(company: Company, arrival: Arrival, bringer: Bringer) -> tuple[Party, bool]:
    """And whether it is new. A voucher that is known keeps its party when the data identifies nobody: a name is no
    identity."""
    data = arrival.party
    if isinstance(data, Party):
        return locked_survivor(data), False
    if not data.external_id.strip() and not data.tax_id.strip():
        known = vouchers.find_registered(company, arrival.voucher)
        if known is not None and known.party.kind == data.kind:
            return known.party, False
    return find_or_create_party(company, data, actor=bringer.label)


def _add_contacts(party: Party, arrival: Arrival, bringer: Bringer, *, new: bool) -> tuple[Contact, ...]:
    may_edit = new or party.kind in bringer.may_edit
    return tuple(add_contacts(party, arrival.contacts, actor=bringer.label, may_edit=may_edit))


def wish(voucher: Voucher, deliver: Deliver, contacts: tuple[Contact, ...] | None, bringer: Bringer) -> None:
    """Note what is wished, and do it if it can be done now. Automatic asking is once a voucher, not once a version.

    Where the automatic service isn't on, nothing is noted: switching it on never sends what existed before.

    A wish to send at once that still waits is not weakened by an automatic one.
    """
    if deliver is Deliver.NEVER:
        return
    asked_before = _waits_to_go(voucher) or voucher.automatic_asked_at is not None
    if deliver is Deliver.NOW or (not asked_before and deliveries.goes_alone(voucher)):
        noted: dict[str, Any] = {
            "when": deliver.value,
            "contacts": [str(contact.pk) for contact in contacts] if contacts else None,
            "by": bringer.label,
            "origin": bringer.origin.value,
        }
        Voucher.objects.filter(pk=voucher.pk).update(wish=noted)
    wishes.fulfil_wish(voucher)


def _waits_to_go(voucher: Voucher) -> bool:
    return voucher.wish is not None and voucher.wish.get("when") == Deliver.NOW


def authorize(voucher: Voucher, *, pdf_: TakenPdf | None, bringer: Bringer, **answer: Any) -> Voucher:
    """ARCA's answer, with the final PDF if it came along; what waited for it goes. Raises VoucherError."""
    with _discarding(pdf_), transaction.atomic():
        vouchers.authorize(voucher=voucher, actor=bringer.label, **answer)
        if pdf_ is not None:
            _attach(voucher, pdf_, bringer)
        return _after_change(voucher)


def attach_pdf(voucher: Voucher, pdf_: TakenPdf, bringer: Bringer) -> Voucher:
    with _discarding(pdf_), transaction.atomic():
        _attach(voucher, pdf_, bringer)
        return _after_change(voucher)


def _attach(voucher: Voucher, pdf_: TakenPdf, bringer: Bringer) -> None:
    registered = vouchers.attach_file(voucher=voucher, given=pdf_.keep(), actor=bringer.label)
    if registered.new_version:
        replacing.supersede(registered.voucher, actor=bringer.label)


def revise(voucher: Voucher, arrival: Arrival, *, seen: str, bringer: Bringer) -> Accepted:
    """A person's changes to this very voucher, whatever its number is now. Raises as `accept` does.

    What waited of the old version gives way to the new one; what has left stays as it was sent.
    """
    with _discarding(arrival.pdf), transaction.atomic():
        party, new = _party_of(voucher.company, arrival, bringer)
        given = arrival.pdf.keep() if arrival.pdf is not None else None
        registered = revising.revise(
            voucher=voucher, party=party, data=arrival.voucher, given=given, seen=seen, actor=bringer.label,
            recipient=_recipient(arrival.party),
        )  # fmt: skip
        contacts = _add_contacts(party, arrival, bringer, new=new)
        if registered.new_version:
            replacing.supersede(registered.voucher, actor=bringer.label)
        if contacts:
            wishes.fulfil_waiting(voucher.company, party=party, but=voucher)
        return Accepted(_after_change(voucher), created=False, new_version=registered.new_version, contacts=contacts)


def _after_change(voucher: Voucher) -> Voucher:
    wishes.fulfil_wish(voucher)
    return Voucher.objects.select_related("company", "party", "file").get(pk=voucher.pk)


@contextmanager
def _discarding(pdf_: TakenPdf | None) -> Iterator[None]:
    """What was staged and not kept is removed."""
    try:
        yield
    finally:
        if pdf_ is not None:
            pdf_.discard()
