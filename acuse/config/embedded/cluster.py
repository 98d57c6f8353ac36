import os
import shutil
import subprocess
import sys
from pathlib import Path

from acuse.config.embedded.account import Account
from acuse.config.embedded.layout import DATABASE, USER, Layout
from acuse.config.embedded.programs import ENVIRONMENT
from acuse.config.errors import ConfigurationError

VERSION = "18"

# The socket is in a folder of mode 0700 that only the server's account (and root) can enter: that is the
# authentication. Not `peer`, which fails for accounts without a name. No line for TCP: switched on, nobody gets in.
_ACCESS = "local all all trust\n"


def data_argument(cluster: Path) -> str:
    """How the programs name the cluster they are started in.

    As root on Linux by its working folder: the parents may be closed to the server's account, and stay closed.
    """
    return "/proc/self/cwd" if os.geteuid() == 0 and sys.platform == "linux" else str(cluster)


def initialise(layout: Layout, programs: Path, account: Account, lock: int) -> None:
    """Makes the cluster, whole or not at all. `lock` is the server's, inherited so that a surviving initdb holds it."""
    making = layout.cluster.with_name("cluster.making")
    if making.exists():
        shutil.rmtree(making)
    making.mkdir(mode=0o700)
    identity = account.initdb_identity()
    if identity:
        os.chown(making, identity["user"], identity["group"])
    # The builtin C.UTF-8 sorts by code point and knows accents, the same on every system; the wheel has no ICU.
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    argument = data_argument(making)
    initdb: list[str | Path] = [
        programs / "initdb",
        "-D",
        argument,
        "-U",
        USER,
        "-A",
        "trust",
        "--data-checksums",
        *locale,
    ]
    single: list[str | Path] = [programs / "postgres", "--single", "-D", argument, "-c", "exit_on_error=on", "postgres"]
    layout.log.unlink(missing_ok=True)
    _run(layout, initdb, making, account, lock)
    _run(layout, single, making, account, lock, given=f"create database {DATABASE}\n")
    (making / "pg_hba.conf").write_text(_ACCESS)
    if identity:
        _give(making, account)
    making.rename(layout.cluster)


def _run(layout: Layout, command: list[str | Path], making: Path, account: Account, lock: int, given: str = "") -> None:
    with layout.log.open("ab") as log:
        ended = subprocess.run(  # noqa: S603  (our own program)
            command,
            cwd=making,
            env=ENVIRONMENT,
            pass_fds=(lock,),
            input=given.encode(),
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is the caller's, not ours
            **account.initdb_identity(),
        )
    if ended.returncode != 0:
        raise ConfigurationError(
            f"No se pudo crear la base embebida en {layout.cluster}. "
            f"La causa está en {layout.log}: {last_line(layout.log)}. "
            "Corregila, elegí otro ACUSE_DATA_DIR, o indicá un PostgreSQL en ACUSE_DATABASE_URL."
        )


def _give(folder: Path, account: Account) -> None:
    for _, folders, files, parent in os.fwalk(folder):
        for name in (*folders, *files):
            os.chown(name, account.uid, account.gid, dir_fd=parent, follow_symlinks=False)
    os.chown(folder, account.uid, account.gid)


def require_version(layout: Layout) -> None:
    found = (layout.cluster / "PG_VERSION").read_text().strip()
    if found != VERSION:
        raise ConfigurationError(
            f"La base embebida de {layout.cluster} es de PostgreSQL {found} y este Acuse usa el {VERSION}. "
            "Abrila con la versión de Acuse que la creó, o elegí otra carpeta en ACUSE_DATA_DIR."
        )


def last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1].strip() if lines else "(vacío)"
