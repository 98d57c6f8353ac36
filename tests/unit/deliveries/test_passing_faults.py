from __future__ import annotations

import errno

import psycopg
import pytest
from django.db import DataError, InterfaceError, OperationalError

from acuse.deliveries.apart import passes


def _of(cause: psycopg.Error) -> OperationalError:
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("the connection is lost"),
        InterfaceError("connection already closed"),
        psycopg.OperationalError("the connection is lost"),
        psycopg.InterfaceError("the connection is closed"),
        psycopg.errors.AdminShutdown("terminating connection"),
        _of(psycopg.errors.DeadlockDetected("deadlock detected")),
        _of(psycopg.errors.DiskFull("could not extend file")),
        _of(psycopg.errors.QueryCanceled("statement timeout")),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EMFILE, "Too many open files"),
        ConnectionResetError("reset"),
        TimeoutError("it took too long"),
        MemoryError(),
    ],
    ids=repr,
)
def test_what_is_of_the_database_or_the_machine_passes(error: Exception) -> None:
    assert passes(error)


@pytest.mark.parametrize(
    "error",
    [
        # the row is too large for its index: it is as large the next time
        _of(psycopg.errors.ProgramLimitExceeded("index row size 2712 exceeds maximum")),
        psycopg.errors.ProgramLimitExceeded("index row size 2712 exceeds maximum"),
        DataError("numeric field overflow"),
        FileNotFoundError(errno.ENOENT, "No such file or directory"),
        RecursionError(),
        ValueError("of a voucher that nobody foresaw"),
    ],
    ids=repr,
)
def test_what_is_of_the_data_stays(error: Exception) -> None:
    assert not passes(error)
