"""Locks by flock: the kernel frees them however their holder dies. An open lock is its file descriptor."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PERIOD = 0.02


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)


def try_exclusive(path: Path) -> int | None:
    """The lock, or None when somebody holds it. Free it with os.close."""
    return _try(path, fcntl.LOCK_EX)


def try_shared(path: Path) -> int | None:
    return _try(path, fcntl.LOCK_SH)


def _try(path: Path, kind: int) -> int | None:
    lock = _open(path)
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except BaseException:
        os.close(lock)
        raise
    return lock


@contextmanager
def exclusive(path: Path, *, patience: float) -> Iterator[int]:
    """Holds the lock; TimeoutError after `patience` seconds."""
    deadline = time.monotonic() + patience
    while (lock := try_exclusive(path)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{path} is held by another process")
        time.sleep(_PERIOD)
    try:
        yield lock
    finally:
        os.close(lock)  # never LOCK_UN: it would free the lock for a child that inherited it


def is_held(path: Path) -> bool:
    lock = try_shared(path)
    if lock is None:
        return True
    os.close(lock)
    return False
