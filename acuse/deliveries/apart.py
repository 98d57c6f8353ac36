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


def all_that_can(
    many: Sequence[T],
    do: Callable[[Sequence[T]], object],
    set_apart: Callable[[T], None],
    *,
    most: int | None = None,
) -> None:
    """`do` all at once, each try a transaction; when that fails its halves, down to those alone that can't be done:
    each is `set_apart`, in the `except`. After `most` of them the rest is left as it is: what is wrong with all of them
    takes a try for each, twice. Raises TRANSIENT."""
    left, apart = [many], 0
    while left and (most is None or apart < most):
        some = left.pop()
        if not some:
            continue
        try:
            with transaction.atomic():
                do(some)
            continue
        except TRANSIENT:
            raise
        except Exception:
            if len(some) == 1:
                set_apart(some[0])
                apart += 1
                continue
        # out of the `except`, so that what is told of one isn't told with what befell the others
        middle = len(some) // 2
        left += [some[middle:], some[:middle]]
