"""Work at many at once, in which one that can't be worked out holds nobody up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import InterfaceError, OperationalError, transaction

from acuse.vouchers.sendability import Reason

T = TypeVar("T")

#: The database's, of no voucher: what was being done is done again, whole, when it is back.
TRANSIENT = (OperationalError, InterfaceError)

#: Why one was set apart: nobody foresaw it, and the log has it.
FAULT = Reason(
    "fault",
    None,
    "Acuse no lo pudo preparar por un error propio, que quedó en su registro. "
    "Avisale a quien administra la instalación.",
)


def all_that_can(many: Sequence[T], do: Callable[[Sequence[T]], object], set_apart: Callable[[T], None]) -> None:
    """`do` all at once, each try a transaction; when that fails its halves, down to those alone that can't be done:
    each is `set_apart`, in the `except`. Raises TRANSIENT."""
    if not many:
        return
    try:
        with transaction.atomic():
            do(many)
        return
    except TRANSIENT:
        raise
    except Exception:
        if len(many) == 1:
            set_apart(many[0])
            return
    # out of the `except`, so that what is told of one isn't told with what befell the others
    middle = len(many) // 2
    for half in (many[:middle], many[middle:]):
        all_that_can(half, do, set_apart)
