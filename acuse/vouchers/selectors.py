"""What is read of vouchers."""

from __future__ import annotations

from datetime import date

from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.qr import Contradiction
from acuse.vouchers.sendability import Authorization, Facts


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
