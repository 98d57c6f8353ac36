"""Which processes use the server. Each holds a shared lock; whoever can take it exclusively is the last."""

import atexit
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from acuse.config.embedded import locks, server
from acuse.config.embedded.layout import Layout, layout_of
from acuse.config.errors import ConfigurationError

#: Longer than a start or a stop may take.
_GATE_PATIENCE = 180

_held: dict[Layout, int] = {}
_guard = threading.RLock()


@dataclass(frozen=True)
class Status:
    initialised: bool
    running: bool
    pid: int | None
    """None while it runs: it can't be seen from here (another container)."""
    log: Path


def attach(data_dir: Path) -> None:
    """Makes the cluster and starts the server where needed; this process counts as its user until release() or its end.

    Asking again is cheap, and starts the server again if it died. ConfigurationError when it can't run.
    """
    layout = layout_of(data_dir)
    with _guard:
        if layout in _held and server.answers(layout):
            return
        layout.make()
        try:
            with locks.exclusive(layout.gate, patience=_GATE_PATIENCE):
                _attach(layout)
        except TimeoutError as error:
            raise ConfigurationError(
                f"Otro proceso de Acuse está arrancando o parando la base embebida de {layout.data_dir} y no termina. "
                "Cerralo y volvé a intentar."
            ) from error
        except PermissionError as error:
            raise ConfigurationError(
                f"ACUSE_DATA_DIR: {error.filename or layout.home} pertenece a otro usuario. "
                "Ejecutá Acuse con ese usuario, o elegí otra carpeta."
            ) from error


def _attach(layout: Layout) -> None:
    if layout not in _held:
        lock = locks.try_shared(layout.clients)
        if lock is None:  # only a releasing process takes it exclusively, and that one holds the gate
            raise ConfigurationError(f"Otro programa tiene tomado {layout.clients}. Cerralo y volvé a intentar.")
        _held[layout] = lock
    try:
        server.ensure_running(layout)
    except Exception:
        os.close(_held.pop(layout))
        raise
    except BaseException:
        # told to end while it starts: what is half begun would stay for ever when nobody else comes
        os.close(_held.pop(layout))
        _stop_unused(layout)
        raise


def release(data_dir: Path | None = None) -> None:
    """This process no longer uses the server (of `data_dir`, or any); the last one stops it. Runs by itself at exit."""
    wanted = None if data_dir is None else layout_of(data_dir)
    with _guard:
        for layout in [layout for layout in _held if wanted in (None, layout)]:
            _release(layout)


def _release(layout: Layout) -> None:
    lock = _held.pop(layout)
    if not layout.home.is_dir():  # the data was deleted under us; the postmaster sees that itself and ends
        os.close(lock)
        return
    with locks.exclusive(layout.gate, patience=_GATE_PATIENCE):
        os.close(lock)
        _stop_unused(layout)


def _stop_unused(layout: Layout) -> None:
    """To be called with the gate held."""
    alone = locks.try_exclusive(layout.clients)
    if alone is None:
        return
    try:
        server.stop(layout)
    finally:
        os.close(alone)


def status(data_dir: Path) -> Status:
    """Starts and creates nothing."""
    layout = layout_of(data_dir)
    pid = server.postmaster(layout)
    running = pid is not None or (layout.server.exists() and server.answers(layout))
    return Status(initialised=layout.initialised, running=running, pid=pid, log=layout.log)


def _become_another_user_of_the_server() -> None:
    """In the child of a fork: a lock of its own instead of its parent's, so that each of the two can end first."""
    for layout, inherited in _held.items():
        lock = locks.try_shared(layout.clients) if layout.clients.exists() else None
        if lock is not None:
            _held[layout] = lock
            os.close(inherited)
    _guard.release()


# No fork happens while a thread is inside: the child would hold the gate for ever.
os.register_at_fork(
    before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_become_another_user_of_the_server
)
atexit.register(release)
