"""A person's changes to a voucher that is registered: seen first, then changed, and what it said is kept."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.directory.models import Party
from acuse.kernel.digest import canonical_digest
from acuse.vouchers.models import Voucher, VoucherVersion
from acuse.vouchers.services import (
    GivenFile,
    Registered,
    VoucherData,
    VoucherError,
    check,
    content_digest,
    fill,
    hold,
    keep_version,
    snapshot,
    with_number,
)

#: ARCA's answer, which completes what had none.
_AUTHORIZATION = frozenset({"cae", "cae_type", "cae_due_on", "authorization"})
_RATE = Decimal("0.000001")


class NumberTaken(VoucherError):
    """Another voucher has this number, or this external id."""

    def __init__(self, field: str, other: Voucher) -> None:
        what = "ese identificador" if field == "external_id" else "ese número"
        super().__init__(field, f"{other.title} ya está registrado con {what}.", conflict=True)
        self.other = other


class Changed(VoucherError):
    """It isn't any more as the person saw it."""

    def __init__(self, voucher: Voucher) -> None:
        super().__init__("", "Alguien lo cambió mientras lo editabas.", conflict=True)
        self.voucher = voucher


def fingerprint(voucher: Voucher) -> str:
    """Of what a person sees and may change."""
    seen = {**snapshot(voucher), "external_id": voucher.external_id, "voided": voucher.voided_at is not None}
    return canonical_digest(seen)[:32]


def taken_by(company: Company, data: VoucherData, *, but: Voucher | None = None) -> NumberTaken | None:
    """Who has the number or the external id of this data already."""
    ours = Voucher.objects.filter(company=company)
    if but is not None:
        ours = ours.exclude(pk=but.pk)
    if data.external_id and (other := ours.filter(external_id=data.external_id).first()):
        return NumberTaken("external_id", other)
    other = with_number(ours, data)
    return NumberTaken("number", other) if other is not None else None


@transaction.atomic
def revise(
    *,
    voucher: Voucher,
    party: Party,
    data: VoucherData,
    given: GivenFile | None,
    seen: str,
    actor: str,
    recipient: str = "",
) -> Registered:
    """`seen`: the fingerprint of what the person had before them. Raises VoucherError, Changed, NumberTaken.

    Another content is a new version. The first PDF and the first CAE complete the version that there is: nothing of it
    can have been sent without them.
    """
    locked = hold(voucher)
    if fingerprint(locked) != seen:
        raise Changed(locked)
    if locked.voided_at is not None:
        raise VoucherError("", "Está anulado. Volvé a activarlo para editarlo.")
    check(locked.company, party, data)
    if data.exchange_rate is not None:
        # as the database keeps it: 1000 and 1000.000000 are no change
        data = replace(data, exchange_rate=data.exchange_rate.quantize(_RATE))
    if (taken := taken_by(locked.company, data, but=locked)) is not None:
        raise taken
    before, known_as = snapshot(locked), locked.external_id
    if locked.party_id != party.pk:
        # what was wished was for the other one
        locked.wish = None
    locked.party = party
    digest = content_digest(party, recipient, data, given)
    fill(locked, data, given, digest)
    after = snapshot(locked)
    changed = sorted(name for name in after if after[name] != before[name])
    new_version = bool(changed) and not _completes(set(changed), before)
    if changed or locked.external_id != known_as:
        _save(locked, changed, new_version=new_version, actor=actor)
    return Registered(locked, new_version=new_version)


def _completes(changed: set[str], before: dict[str, Any]) -> bool:
    completions = set() if before["cae"] else set(_AUTHORIZATION)
    if before["file"] is None:
        completions.add("file")
    return changed <= completions


def _save(voucher: Voucher, changed: list[str], *, new_version: bool, actor: str) -> None:
    voucher.version += new_version
    voucher.save()
    if new_version:
        keep_version(voucher)
    else:
        VoucherVersion.objects.filter(voucher=voucher, version=voucher.version).update(
            file=voucher.file, content=snapshot(voucher)
        )
    audit.record(
        company=voucher.company, actor=actor, event="voucher.edited", target=voucher.pk, version=voucher.version,
        fields=changed or ["external_id"],
    )  # fmt: skip
