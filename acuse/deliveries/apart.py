"""Work at many at once, in which one that can't be worked out holds nobody up."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from typing import TypeVar

import psycopg
from django.db import InterfaceError, OperationalError, transaction

from acuse.vouchers.sendability import Reason

T = TypeVar("T")

#: SQLSTATE classes that speak of the moment, not of the data.
_PASSING_STATES = ("08", "40", "53", "55", "57", "58")
#: Of the machine, whatever was being done: no room, no memory, too many files, a disk that fails. A file that isn't
#: there may be one's own.
_MACHINES = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}
)

#: Why one was set apart: nobody foresaw it, and the log has it.
FAULT = Reason(
    "fault",
    None,
    "Acuse no puede preparar el envío por un error propio, que quedó en su registro. "
    "Avisale a quien administra la instalación. Cuando lo resuelva, probá de nuevo.",
)


def passes(error: BaseException) -> bool:
    """Whether it is the database's or the machine's at this moment, and of none of the things that were worked at: what
    was being done is done again, whole, when it is over."""
    if isinstance(error, OperationalError | InterfaceError | psycopg.OperationalError | psycopg.InterfaceError):
        # Django's have psycopg's as their cause
        told = error if isinstance(error, psycopg.Error) else error.__cause__
        state = getattr(told, "sqlstate", None)
        return state is None or state.startswith(_PASSING_STATES)
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError | TimeoutError) or error.errno in _MACHINES
    return isinstance(error, MemoryError)


def all_that_can(
    many: Sequence[T],
    do: Callable[[Sequence[T]], object],
    set_apart: Callable[[T], None],
    *,
    most: int | None = None,
) -> None:
    """`do` all at once, each try a transaction; when that fails its halves, down to those alone that can't be done:
    each is `set_apart`, in the `except`. After `most` of them the rest is left as it is: what is wrong with all of them
    takes a try for each, twice. Raises what `passes`."""
    left, apart = [many], 0
    while left and (most is None or apart < most):
        some = left.pop()
        if not some:
            continue
        try:
            with transaction.atomic():
                do(some)
            continue
        except Exception as error:
            if passes(error):
                raise
            if len(some) == 1:
                set_apart(some[0])
                apart += 1
                continue
        # out of the `except`, so that what is told of one isn't told with what befell the others
        middle = len(some) // 2
        left += [some[middle:], some[:middle]]
