import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from acuse.config.embedded import cluster, locks
from acuse.config.embedded.account import Account, account_of
from acuse.config.embedded.layout import PORT, USER, Layout, make_socket_dir, socket_dir
from acuse.config.embedded.programs import ENVIRONMENT, programs_for
from acuse.config.errors import ConfigurationError

#: Recovery after a crash can take its time; a server that is being stopped makes its checkpoint.
_START_PATIENCE = 120
_STOPS = (
    (signal.SIGINT, 30),  #: "fast": ends the sessions, makes the checkpoint
    (signal.SIGQUIT, 10),  #: "immediate": the next start recovers from the log
)
_PERIOD = 0.05
_LEAST_BUFFERS_MB, _MOST_BUFFERS_MB = 128, 512


def ensure_running(layout: Layout) -> None:
    """To be called with the gate held: one process at a time starts or stops the server."""
    deadline = time.monotonic() + _START_PATIENCE
    while True:
        lock = locks.try_exclusive(layout.server)
        if lock is not None:
            try:
                _start(layout, lock)
            finally:
                os.close(lock)  # the server has it by now
            return
        if answers(layout):
            return
        # Held and silent: starting, recovering, or the children of a killed postmaster on their way out.
        if time.monotonic() > deadline:
            raise ConfigurationError(_not_started(layout))
        time.sleep(_PERIOD)


def _start(layout: Layout, lock: int) -> None:
    if postmaster(layout) is None:  # else: somebody started it by other means, for maintenance
        account = account_of(layout.cluster)
        programs = programs_for(account)
        if not layout.initialised:
            cluster.initialise(layout, programs, account, lock)
        cluster.require_version(layout)
        launch(layout, programs, account, lock, {"listen_addresses": "", "port": str(PORT)})


def launch(layout: Layout, programs: Path, account: Account, lock: int, settings: Mapping[str, str]) -> None:
    """Starts the postmaster and waits until it answers. To be called with `lock`, the server's: none is running."""
    make_socket_dir(layout, account.uid, account.gid)
    _forget_dead_postmaster(layout, settings["port"])
    if layout.log.exists():
        layout.log.replace(layout.log.with_suffix(".log.1"))
    options = " ".join(shlex.quote(f"--{name}={value}") for name, value in {**_settings(layout), **settings}.items())
    argument = cluster.data_argument(layout.cluster)
    try:
        with layout.log.open("wb") as log:
            started = subprocess.run(  # noqa: S603  (our own program)
                [programs / "pg_ctl", "-D", argument, "-w", "-s", "-t", str(_START_PATIENCE), "-o", options, "start"],
                cwd=layout.cluster,
                env=ENVIRONMENT,
                pass_fds=(lock,),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **account.identity(),
            )
    except PermissionError as error:
        raise ConfigurationError(_not_started(layout)) from error
    if started.returncode != 0:
        raise ConfigurationError(_not_started(layout))


def _settings(layout: Layout) -> dict[str, str]:
    # On the command line: as root, nothing is written into a folder that the server's account owns.
    folder = socket_dir(layout.data_dir)
    return {
        "unix_socket_directories": "." if folder == layout.cluster else str(folder),
        # beside the folder's mode: only the server's account, which is ours, and root
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": f"{buffers_mb(_memory())}MB",
        # of a solid-state disk; the usual 4 is of one that turns
        "random_page_cost": "1.1",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        # The log must not keep the data of a failed statement: neither the statement nor the detail of its error.
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
    }


def buffers_mb(memory: int) -> int:
    """Megabytes that the server keeps of its tables, for a machine of so many bytes: an eighth of them, since it isn't
    alone there, and at most what lists of a million need: with 2 GB a lane of a new installation sent a fifth less."""
    return min(max(memory // 8 // 2**20, _LEAST_BUFFERS_MB), _MOST_BUFFERS_MB)


def _memory() -> int:
    """Bytes of this machine, or what our control group (a container's) may use of them."""
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        return whole
    return min(whole, int(limit)) if limit.isdecimal() else whole


def _not_started(layout: Layout) -> str:
    reason = cluster.last_line(layout.log) if layout.log.exists() else "(sin registro)"
    return (
        f"La base embebida de {layout.cluster} no arranca. La causa está en {layout.log}: {reason}. "
        "Corregila, elegí otro ACUSE_DATA_DIR, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
    )


def conninfo(layout: Layout, database: str) -> str:
    return make_conninfo(
        host=str(socket_dir(layout.data_dir)), port=PORT, user=USER, dbname=database, connect_timeout=10
    )


def answers(layout: Layout) -> bool:
    """True also when every connection is taken: it runs."""
    return psycopg.pq.PGconn.ping(conninfo(layout, "postgres").encode()) == psycopg.pq.Ping.OK


def postmaster(layout: Layout) -> int | None:
    """The pid of our running postmaster. The file's word isn't taken: the pid may be another process's by now."""
    try:
        pid = int((layout.cluster / "postmaster.pid").read_text().partition("\n")[0])
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    return pid if is_server_of(pid, layout.cluster) else None


def is_server_of(pid: int, folder: Path) -> bool:
    """True for a live `postgres` that works in `folder`; a zombie works nowhere."""
    if sys.platform != "linux":
        command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
        shown = subprocess.run(command, capture_output=True, text=True).stdout  # noqa: S603  (a number)
        return "/postgres " in shown and f"-D {folder} " in shown
    try:
        program = os.readlink(f"/proc/{pid}/exe").removesuffix(" (deleted)")
        return Path(program).name == "postgres" and Path(f"/proc/{pid}/cwd").samefile(folder)
    except OSError:  # gone, a zombie, or another user's: in every case not ours to touch
        return False


def _forget_dead_postmaster(layout: Layout, port: str) -> None:
    """PostgreSQL takes any live process with the pid in these files for a running server, and wouldn't start."""
    (layout.cluster / "postmaster.pid").unlink(missing_ok=True)
    folder = socket_dir(layout.data_dir)
    (folder / f".s.PGSQL.{port}.lock").unlink(missing_ok=True)
    (folder / f".s.PGSQL.{port}").unlink(missing_ok=True)


def stop(layout: Layout) -> None:
    """To be called with the gate held. Returns when no process of the server is left."""
    for kind, patience in _STOPS:
        deadline = time.monotonic() + patience
        while not _is_gone(layout):
            if time.monotonic() > deadline:
                break
            # each time: one that is just starting has no pid to be found by yet
            _signal(layout, kind)
            time.sleep(_PERIOD)
        else:
            return
    raise TimeoutError(f"the embedded server of {layout.cluster} does not stop")


def _is_gone(layout: Layout) -> bool:
    return postmaster(layout) is None and not locks.is_held(layout.server)


def _signal(layout: Layout, kind: signal.Signals) -> None:
    pid = postmaster(layout)
    if pid is None:
        return
    if sys.platform != "linux":
        os.kill(pid, kind)
        return
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        # Asked again with the process held: between the two its pid can't have become another's.
        if is_server_of(pid, layout.cluster):
            signal.pidfd_send_signal(handle, kind)
    except ProcessLookupError:
        return
    finally:
        os.close(handle)
