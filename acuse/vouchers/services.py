"""What is done to vouchers: register, replace, authorise, give a file, void."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from dataclasses import replace as changed
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.directory.models import Party
from acuse.kernel import clock
from acuse.kernel.digest import canonical_digest
from acuse.vouchers import arca, qr
from acuse.vouchers.kinds import ELECTRONIC_BY_DEFAULT, FISCAL, VoucherKind
from acuse.vouchers.models import StoredFile, Voucher, VoucherVersion
from acuse.vouchers.qr import ArcaQr
from acuse.vouchers.sendability import Authorization


class VoucherError(ValueError):
    """Refused; `field` names what, the text says why and the way out, in Spanish."""

    def __init__(self, field: str, text: str, *, conflict: bool = False) -> None:
        super().__init__(text)
        self.field = field
        #: It clashes with what is registered: 409 for programs.
        self.conflict = conflict


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherData:
    kind: VoucherKind
    issued_on: date
    #: ARCA's code.
    currency: str
    total: Decimal
    external_id: str | None = None
    arca_type: int | None = None
    point_of_sale: int | None = None
    number: int | None = None
    due_on: date | None = None
    exchange_rate: Decimal | None = None
    #: None = as the kind and the data suggest.
    electronic: bool | None = None
    cae: str = ""
    cae_type: str = ""
    cae_due_on: date | None = None
    authorization: Authorization | None = None
    observations: Sequence[Any] = ()
    #: CUIT of the issuer, when it isn't the company.
    issuer: str = ""
    #: Instead of the title that type, letter and number make.
    title: str = ""


@dataclass(frozen=True, slots=True)
class GivenFile:
    file: StoredFile
    #: As read from it.
    qr: ArcaQr | None


@dataclass(frozen=True, slots=True)
class Registered:
    voucher: Voucher
    created: bool = False
    #: The content changed: what is still queued of the old version must give way.
    new_version: bool = False
    #: It had no external id, and took this one.
    adopted: bool = False


@transaction.atomic
def register(
    *,
    company: Company,
    party: Party,
    data: VoucherData,
    given: GivenFile | None,
    actor: str,
    source: str,
    replace: bool = False,
    recipient: str = "",
) -> Registered:
    """Idempotent by external id, and by number. Raises VoucherError; its `conflict` says that another is registered.

    `recipient`: how whoever brings it names the party, part of the content; what the party's row says may change later.
    """
    check(company, party, data)
    digest = content_digest(party, recipient, data, given)
    found = find_registered(company, data)
    if found is not None:
        return _again(found, party, data, given, digest, actor, replace=replace)
    voucher = Voucher(company=company, party=party, source=source)
    fill(voucher, data, given, digest)
    try:
        with transaction.atomic():
            voucher.save(force_insert=True)
    except IntegrityError:
        # the same voucher came twice at once: the other one was first
        raced = find_registered(company, data)
        if raced is None:
            raise
        return _again(raced, party, data, given, digest, actor, replace=replace)
    keep_version(voucher)
    audit.record(company=company, actor=actor, event="voucher.registered", target=voucher.pk, title=voucher.title)
    return Registered(voucher, created=True)


def check(company: Company, party: Party, data: VoucherData) -> None:
    """What a voucher must be, whoever brings it. Raises VoucherError."""
    if not data.kind.may_go_to(party.kind):
        audience = "clientes" if data.kind.audience == "customer" else "proveedores"
        raise VoucherError("party.kind", f"Un comprobante de este tipo va a {audience} o bancos.")
    if data.number is not None and not 1 <= data.number <= 99_999_999:
        raise VoucherError("number", "El número va de 1 a 99999999.")
    if data.point_of_sale is not None and not 0 <= data.point_of_sale <= 99_999:
        raise VoucherError("point_of_sale", "El punto de venta va de 0 a 99999.")
    if data.arca_type is not None and data.kind not in FISCAL:
        raise VoucherError("arca_type", "Solo las facturas de venta y los recibos tienen tipo de ARCA.")
    if data.arca_type is not None and data.kind is not arca.kind_of(data.arca_type):
        raise VoucherError("arca_type", f"El tipo {data.arca_type} de ARCA no corresponde a {data.kind.value}.")
    if data.cae and not (data.cae.isascii() and data.cae.isdigit() and len(data.cae) == 14):
        raise VoucherError("cae", "El CAE tiene 14 dígitos. Revisalo.")
    if data.exchange_rate is not None and data.exchange_rate < 0:
        raise VoucherError("exchange_rate", "La cotización no puede ser negativa.")


def find_registered(company: Company, data: VoucherData) -> Voucher | None:
    """The voucher that this data names, by its external id or its number. Raises VoucherError when they clash."""
    ours = (
        Voucher.objects.select_for_update(of=("self",))
        .select_related("party", "company", "file")
        .filter(company=company)
    )
    by_id = ours.filter(external_id=data.external_id).first() if data.external_id else None
    by_number = with_number(ours, data)
    if by_number is not None and data.external_id and by_number.external_id not in (None, data.external_id):
        raise VoucherError(
            "number",
            f"{by_number.title} ya está registrado con el identificador {by_number.external_id}.",
            conflict=True,
        )
    if by_id is not None and by_number is not None and by_id.pk != by_number.pk:
        raise VoucherError("number", f"{by_number.title} ya está registrado como otro comprobante.", conflict=True)
    return by_id or by_number


def with_number(ours: QuerySet[Voucher], data: VoucherData) -> Voucher | None:
    """Of a company's vouchers, the one with the number of this data."""
    if data.number is None:
        return None
    fiscal = data.arca_type is not None and data.point_of_sale is not None
    same = {"arca_type": data.arca_type} if fiscal else {"arca_type": None, "kind": data.kind.value}
    return ours.filter(issuer=data.issuer, point_of_sale=data.point_of_sale, number=data.number, **same).first()


def _again(
    voucher: Voucher,
    party: Party,
    data: VoucherData,
    given: GivenFile | None,
    digest: str,
    actor: str,
    *,
    replace: bool,
) -> Registered:
    adopted = bool(data.external_id) and voucher.external_id is None
    if adopted:
        voucher.external_id = data.external_id
        voucher.save(update_fields=["external_id", "updated_at"])
        audit.record(company=voucher.company, actor=actor, event="voucher.adopted", target=voucher.pk)
    if voucher.content_digest == digest:
        return Registered(voucher, adopted=adopted)
    if not (replace or adopted):
        raise VoucherError(
            "external_id",
            f"{voucher.title} ya está registrado con otro contenido. Para cambiarlo, mandalo con replace: true.",
            conflict=True,
        )
    same_file = given is None or given.file.pk == voucher.file_id
    before = snapshot(voucher)
    if voucher.party_id != party.pk:
        # what was wished was for the other one
        voucher.wish = None
    voucher.party = party
    fill(voucher, data, given, digest)
    if adopted and same_file and snapshot(voucher) == before:
        voucher.save()
        return Registered(voucher, adopted=True)
    voucher.version += 1
    voucher.save()
    keep_version(voucher)
    audit.record(
        company=voucher.company, actor=actor, event="voucher.replaced", target=voucher.pk, version=voucher.version
    )
    return Registered(voucher, new_version=True, adopted=adopted)


def content_digest(party: Party, recipient: str, data: VoucherData, given: GivenFile | None) -> str:
    """A default that is written out is the same content as the default."""
    electronic = _is_electronic(data)
    authorization = _authorization(data, electronic=electronic)
    resolved = changed(
        data,
        electronic=electronic,
        cae_type=_cae_type(data),
        authorization=Authorization(authorization) if authorization else None,
    )
    fields = {name: value for name, value in asdict(resolved).items() if value not in (None, "", (), [])}
    who = recipient or party.external_id or party.tax_id or party.name
    return canonical_digest({**fields, "party": [party.kind, who], "file": given.file.sha256 if given else None})


def fill(voucher: Voucher, data: VoucherData, given: GivenFile | None, digest: str) -> None:
    voucher.kind = data.kind.value
    voucher.external_id = data.external_id or voucher.external_id
    voucher.issuer = data.issuer
    voucher.arca_type, voucher.point_of_sale, voucher.number = data.arca_type, data.point_of_sale, data.number
    voucher.letter = arca.voucher_type(data.arca_type, data.issued_on).letter if data.arca_type is not None else ""
    voucher.issued_on, voucher.due_on = data.issued_on, data.due_on
    voucher.currency, voucher.exchange_rate, voucher.total = data.currency, data.exchange_rate, data.total
    voucher.title = data.title[:200] or arca.title(
        data.kind, data.arca_type, voucher.letter, data.point_of_sale, data.number, data.issued_on
    )
    voucher.electronic = _is_electronic(data)
    if not _keeps_authorization(voucher, data):
        voucher.cae, voucher.cae_type, voucher.cae_due_on = data.cae, _cae_type(data), data.cae_due_on
        voucher.authorization = _authorization(data, electronic=voucher.electronic)
        voucher.observations = list(data.observations)
    voucher.content_digest = digest
    if given is not None:
        voucher.file = given.file
        voucher.qr = _plain_qr(given.qr)
    voucher.qr_contradictions = find_contradictions(voucher)


def _keeps_authorization(voucher: Voucher, data: VoucherData) -> bool:
    """What ARCA answered stays when the new content says nothing of it, as the PDF does."""
    return bool(voucher.cae) and voucher.electronic and not data.cae and data.authorization is None


def _cae_type(data: VoucherData) -> str:
    return (data.cae_type or "cae") if data.cae else ""


def _is_electronic(data: VoucherData) -> bool:
    if data.electronic is not None:
        return data.electronic
    fiscal_receipt = data.kind is VoucherKind.RECEIPT and data.arca_type is not None
    return data.kind in ELECTRONIC_BY_DEFAULT or fiscal_receipt or bool(data.cae)


def _authorization(data: VoucherData, *, electronic: bool) -> str:
    """`cae` alone means approved; an electronic voucher of which nobody said anything is pending."""
    if data.authorization is not None:
        return data.authorization.value
    if not electronic:
        return ""
    return Authorization.APPROVED.value if data.cae else Authorization.PENDING.value


def _plain_qr(found: ArcaQr | None) -> dict[str, Any] | None:
    """As JSON: integers as integers, decimals as numbers that JSON holds exactly as text did."""
    if found is None:
        return None
    fields = {k: str(v) if isinstance(v, Decimal) else v for k, v in found.fields.items()}
    return {"fields": fields, "problems": list(found.problems)}


def find_contradictions(voucher: Voucher) -> list[dict[str, str]]:
    if voucher.qr is None:
        return []
    fields = voucher.qr["fields"]
    read = {k: Decimal(v) if k in ("importe", "ctz") else v for k, v in fields.items()}
    found = qr.contradictions(
        ArcaQr(fields=read),
        issuer_cuit=voucher.issuer or voucher.company.cuit,
        arca_type=voucher.arca_type,
        point_of_sale=voucher.point_of_sale,
        number=voucher.number,
        total=voucher.total,
        currency=voucher.currency,
        code=voucher.cae or None,
    )
    return [{"field": c.field, "expected": c.expected, "found": c.found} for c in found]


def snapshot(voucher: Voucher) -> dict[str, Any]:
    """What the voucher says, as JSON."""
    names = (
        "kind", "title", "arca_type", "letter", "point_of_sale", "number", "currency", "cae", "cae_type",
        "authorization", "electronic",
    )  # fmt: skip
    plain = {name: getattr(voucher, name) for name in names}
    dates = {name: getattr(voucher, name) for name in ("issued_on", "due_on", "cae_due_on")}
    return {
        **plain,
        **{name: value.isoformat() if value else None for name, value in dates.items()},
        "total": f"{voucher.total:.2f}",
        "exchange_rate": f"{voucher.exchange_rate:f}" if voucher.exchange_rate is not None else None,
        "party": str(voucher.party_id),
        "file": voucher.file_id,
    }


def keep_version(voucher: Voucher) -> None:
    VoucherVersion.objects.create(
        voucher=voucher, version=voucher.version, file_id=voucher.file_id, content=snapshot(voucher)
    )


@transaction.atomic
def authorize(
    *,
    voucher: Voucher,
    result: Authorization,
    cae: str,
    cae_type: str = "cae",
    cae_due_on: date | None,
    observations: Sequence[Any],
    actor: str,
) -> Voucher:
    """ARCA's answer. Raises VoucherError."""
    locked = hold(voucher)
    if result in (Authorization.APPROVED, Authorization.OBSERVED):
        if not (cae.isascii() and cae.isdigit() and len(cae) == 14):
            raise VoucherError("cae", "El CAE tiene 14 dígitos. Revisalo.")
        if locked.cae and locked.cae != cae and locked.authorization in ("approved", "observed"):
            raise VoucherError("cae", "Ya tiene otro CAE, y un CAE no cambia.", conflict=True)
        locked.cae, locked.cae_type, locked.cae_due_on = cae, cae_type, cae_due_on
    elif cae:
        raise VoucherError("cae", "Un comprobante sin autorizar no lleva CAE.")
    locked.authorization = result.value
    locked.electronic = True
    locked.observations = list(observations)
    locked.qr_contradictions = find_contradictions(locked)
    locked.save()
    audit.record(company=locked.company, actor=actor, event="voucher.authorized", target=locked.pk, result=result.value)
    return locked


@transaction.atomic
def attach_file(*, voucher: Voucher, given: GivenFile, actor: str) -> Registered:
    """The first file completes the version; another one makes a new version. The same bytes change nothing."""
    locked = hold(voucher)
    if locked.file_id == given.file.pk:
        return Registered(locked)
    first = locked.file_id is None
    locked.file, locked.qr = given.file, _plain_qr(given.qr)
    locked.qr_contradictions = find_contradictions(locked)
    if not first:
        locked.version += 1
    locked.save()
    if first:
        VoucherVersion.objects.filter(voucher=locked, version=locked.version, file=None).update(
            file=given.file, content=snapshot(locked)
        )
    else:
        keep_version(locked)
    audit.record(
        company=locked.company, actor=actor, event="voucher.file_attached", target=locked.pk, version=locked.version
    )
    return Registered(locked, new_version=not first)


@transaction.atomic
def void(*, voucher: Voucher, actor: str) -> Voucher:
    """Void it; voiding what is void changes nothing. What was wished of it isn't any more."""
    locked = hold(voucher)
    if locked.voided_at is None:
        locked.voided_at, locked.wish = clock.now(), None
        locked.save(update_fields=["voided_at", "wish", "updated_at"])
        audit.record(company=locked.company, actor=actor, event="voucher.voided", target=locked.pk)
    return locked


@transaction.atomic
def unvoid(*, voucher: Voucher, actor: str) -> Voucher:
    """It counts again. Nothing is sent by that alone: what was cancelled stays so."""
    locked = hold(voucher)
    if locked.voided_at is not None:
        locked.voided_at = None
        locked.save(update_fields=["voided_at", "updated_at"])
        audit.record(company=locked.company, actor=actor, event="voucher.unvoided", target=locked.pk)
    return locked


def hold(voucher: Voucher) -> Voucher:
    return Voucher.objects.select_for_update(of=("self",)).select_related("party", "company").get(pk=voucher.pk)
