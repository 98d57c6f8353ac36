"""What of one voucher can't be worked out or written, and nobody foresaw: people get a reason, and the log its
cause."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from acuse.deliveries import planning
from acuse.deliveries.apart import FAULT, passes
from acuse.deliveries.planning import Named, Office, Plan
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Sendability

log = structlog.get_logger(__name__)

#: The same fault of a voucher is told to the log once in this time, however often its pages are looked at.
TELL_EVERY = timedelta(hours=1)
#: Faults that this process remembers having told; then it forgets them all, and tells them again.
_MOST = 1000

_told: dict[tuple[UUID, str], datetime] = {}


def plan_or_fault(voucher: Voucher, office: Office, named: Named | None = None) -> Plan:
    """`planning.plan`; where that breaks, the plan that says so. Raises what `passes`."""
    try:
        return planning.plan(voucher, office, named)
    except Exception as error:
        if passes(error):
            raise
        _tell(voucher, error)
    return Plan(voucher, Sendability(reasons=(FAULT,)))


def _tell(voucher: Voucher, error: Exception) -> None:
    """In the `except`."""
    key, now = (voucher.pk, repr(error)), clock.now()
    before = _told.get(key)
    if before is not None and now - before < TELL_EVERY:
        return
    if len(_told) >= _MOST:
        _told.clear()
    _told[key] = now
    log.exception("voucher_faulty", voucher=str(voucher.pk))
