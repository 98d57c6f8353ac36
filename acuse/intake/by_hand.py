"""One file to one address (`acuse send`): it goes to that address, never to the party's other contacts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from django.db import connection, transaction

from acuse.channels.contract import Channel
from acuse.companies.models import Company
from acuse.deliveries import planning
from acuse.deliveries import services as deliveries
from acuse.deliveries.faults import plan_or_fault
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Named
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin
from acuse.directory import services as directory
from acuse.directory.contacts import add_contacts
from acuse.directory.models import Contact
from acuse.directory.services import ContactData, DirectoryError, PartyData
from acuse.intake.from_qr import FromQr, voucher_from
from acuse.intake.services import Arrival, Bringer, Deliver, IntakeError, TakenPdf, accept, take_pdf
from acuse.kernel import phone
from acuse.kernel.taxid import format_cuit
from acuse.vouchers.files import chunks_of
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.services import VoucherData, VoucherError, find_registered


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person asks for."""

    to: str
    name: str = ""
    company_cuit: str = ""
    kind: VoucherKind | None = None
    electronic: bool = True
    again: bool = False
    any_issuer: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    channel: Channel
    to: str
    contact: ContactData
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sent:
    voucher: Voucher
    delivery: Delivery
    warnings: tuple[str, ...]
    repeated: bool


class Refused(ValueError):
    """This file doesn't go; `code` is stable, the text says why and the way out, in Spanish."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def send_file(path: Path, wanted: Wanted, bringer: Bringer) -> Sent:
    """Register and ask. Raises Refused; nothing is kept then."""
    with _as_refusal():
        taken = _take(path)
        try:
            return _send(path, taken, wanted, bringer)
        finally:
            taken.discard()


@contextmanager
def _as_refusal() -> Iterator[None]:
    try:
        yield
    except (IntakeError, deliveries.DeliveryError) as error:
        raise Refused(error.code, str(error)) from error
    except (DirectoryError, VoucherError) as error:
        raise Refused(f"invalid_{error.field.split('.')[-1]}", str(error)) from error


def _take(path: Path) -> TakenPdf:
    try:
        return take_pdf(chunks_of(path))
    except FileNotFoundError as error:
        raise Refused("file_not_found", f"No existe el archivo {path}.") from error
    except OSError as error:
        raise Refused("file_unreadable", f"No se puede leer {path}: {error.strerror}.") from error


def _send(path: Path, taken: TakenPdf, wanted: Wanted, bringer: Bringer) -> Sent:
    company, read = _company_and_reading(taken, wanted)
    target = _target(company, wanted)
    warnings = [*target.warnings, *read.warnings] if read else [*target.warnings]
    if taken.reading.problem:
        warnings.append("No pudimos leer bien el QR del PDF.")
    data, party = (read.voucher, read.party) if read else _without_qr(path, company, wanted)
    if read and read.issuer and read.issuer != company.cuit:
        data = replace(data, issuer=read.issuer)
    with transaction.atomic():
        _take_turns(company, taken)
        voucher = _voucher(company, data, party, taken, bringer)
        contact = _contact_for(voucher, target, bringer)
        delivery, repeated, more = _ask(voucher, contact, target, wanted, bringer)
    return Sent(voucher, delivery, (*warnings, *more), repeated)


def _take_turns(company: Company, taken: TakenPdf) -> None:
    """Until the transaction ends: a voucher without a number has no name that would keep two at once apart."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{company.pk}/{taken.sha256}"])


def _voucher(company: Company, data: VoucherData, party: PartyData, taken: TakenPdf, bringer: Bringer) -> Voucher:
    """The voucher with these bytes, if it is registered; the same number with other bytes is a new version."""
    known = find_registered(company, data) or _by_file(company, data, taken)
    if known is not None and known.file_id == taken.sha256:
        return known
    arrival = Arrival(voucher=data, party=party, pdf=taken, deliver=Deliver.NEVER, replace=True)
    return accept(company, arrival, bringer).voucher


def _by_file(company: Company, data: VoucherData, taken: TakenPdf) -> Voucher | None:
    """Without a number, the bytes are the voucher's name."""
    if data.number is not None:
        return None
    same = Voucher.objects.filter(company=company, kind=data.kind.value, number=None, file_id=taken.sha256)
    return same.select_related("party", "company").order_by("created_at").first()


def _company_and_reading(taken: TakenPdf, wanted: Wanted) -> tuple[Company, FromQr | None]:
    """The company whose CUIT the QR names, else the one asked for, else the only one."""
    named = _company_named(wanted.company_cuit)
    qr = taken.reading.qr
    cuit = qr.fields.get("cuit") if qr else None
    issuer = f"{cuit:011}" if isinstance(cuit, int) else ""
    ours = Company.objects.filter(cuit=issuer).first() if issuer else None
    if issuer and not wanted.any_issuer and (ours is None or (named and named.pk != ours.pk)):
        raise Refused(
            "issuer_not_ours",
            f"El QR dice que lo emitió el CUIT {format_cuit(issuer)}, que no es "
            f"{'el de ' + named.legal_name if named else 'de una empresa cargada'}. "
            "Si igual querés enviarlo, agregá --any-issuer.",
        )
    company = named or ours or _only_company()
    if qr is None:
        return company, None
    today = planning.today_in(company)
    name = wanted.name.strip() or wanted.to.strip()
    return company, voucher_from(taken.reading, today=today, party_name=name, kind=wanted.kind)


def _company_named(cuit: str) -> Company | None:
    digits = "".join(character for character in cuit if character.isdigit())
    if not cuit.strip():
        return None
    company = Company.objects.filter(cuit=digits).first() if digits else None
    if company is None:
        raise Refused("company_unknown", f"No hay una empresa con el CUIT {cuit}. Cargala con «acuse setup».")
    return company


def _only_company() -> Company:
    found = list(Company.objects.all()[:2])
    if not found:
        raise Refused("company_missing", "Todavía no hay ninguna empresa. Cargala con «acuse setup».")
    if len(found) > 1:
        raise Refused("company_ambiguous", "Hay varias empresas. Decí cuál con --company y su CUIT.")
    return found[0]


def _target(company: Company, wanted: Wanted) -> Target:
    text = wanted.to.strip()
    if "@" in text:
        address = directory.check_email(text, field="to")
        return Target(Channel.EMAIL, address, ContactData(name=wanted.name, email=address, kinds=()), ())
    mobile = directory.parse_mobile(text, company, field="to")
    warnings = tuple(text for _, text in phone.warnings(mobile.flags, mobile.e164 or ""))
    contact = ContactData(name=wanted.name, mobile=wanted.to, kinds=())
    return Target(Channel.WHATSAPP, mobile.e164 or "", contact, warnings)


def _without_qr(path: Path, company: Company, wanted: Wanted) -> tuple[VoucherData, PartyData]:
    if wanted.kind is None:
        raise Refused("kind_needed", "El PDF no tiene un QR de ARCA. Decí qué es con --kind (por ejemplo, quote).")
    if wanted.kind is VoucherKind.SALES_INVOICE and wanted.electronic:
        raise Refused(
            "qr_missing",
            "La factura no tiene un QR de ARCA legible. Si no es electrónica, agregá --not-electronic.",
        )
    data = VoucherData(
        kind=wanted.kind,
        issued_on=planning.today_in(company),
        currency="PES",
        total=Decimal(0),
        electronic=False,
        title=path.stem[:200],
    )
    audience = wanted.kind.audience.value
    return data, PartyData(kind=audience, name=wanted.name.strip() or wanted.to.strip())


def _contact_for(voucher: Voucher, target: Target, bringer: Bringer) -> Contact:
    may_edit = voucher.party.kind in bringer.may_edit
    return add_contacts(voucher.party, [target.contact], actor=bringer.label, may_edit=may_edit)[0]


def _ask(
    voucher: Voucher, contact: Contact, target: Target, wanted: Wanted, bringer: Bringer
) -> tuple[Delivery, bool, tuple[str, ...]]:
    before = (
        Delivery.objects.filter(voucher=voucher, version=voucher.version, channel=target.channel.value, to=target.to)
        .order_by("-created_at", "-id")
        .first()
    )
    if before is not None and not wanted.again:
        return before, True, ()
    office = planning.open_office(voucher.company, [voucher])
    plan = plan_or_fault(voucher, office, Named(contacts=(contact,), channel=target.channel))
    if not plan.messages:
        reasons = plan.sendability.reasons
        raise Refused(reasons[0].code, " ".join(reason.text for reason in reasons))
    asked = deliveries.request([plan], Asker(bringer.label, Origin.COMMAND), again=wanted.again)
    delivery = asked.deliveries[0][0]
    return delivery, delivery.pk not in asked.created, tuple(w.text for w in plan.sendability.warnings)
