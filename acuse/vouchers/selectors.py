"""What is read of vouchers."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from acuse.vouchers.kinds import FISCAL, VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.qr import Contradiction
from acuse.vouchers.sendability import AUTHORIZED, Authorization, Facts

_AUTHORIZED = Q(cae__regex=r"^[0-9]{14}$") & Q(authorization__in=["", *[one.value for one in AUTHORIZED]])
#: `sendability.voucher_reasons` of `facts_of`, but for the configuration of the kind, in SQL: those that have none.
SOUND = Q(
    ~Q(electronic=True, kind__in=[kind.value for kind in FISCAL]) | _AUTHORIZED,
    voided_at=None,
    file__isnull=False,
    qr_contradictions=[],
)


def facts_of(voucher: Voucher, *, today: date) -> Facts:
    """What sendability asks of the voucher itself; contacts and configuration are the caller's to add."""
    return Facts(
        kind=VoucherKind(voucher.kind),
        today=today,
        voided=voucher.voided_at is not None,
        electronic=voucher.electronic,
        authorization=Authorization(voucher.authorization) if voucher.authorization else None,
        code=voucher.cae,
        cae_due_on=voucher.cae_due_on,
        has_file=voucher.file_id is not None,
        has_qr=voucher.qr is not None,
        qr_contradictions=tuple(Contradiction(**row) for row in voucher.qr_contradictions),
    )
