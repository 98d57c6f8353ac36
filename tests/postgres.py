"""PostgreSQL servers for the tests, from the same binaries as the embedded one.

`python -m tests.postgres -- COMMAND…` runs COMMAND with ACUSE_DATABASE_URL and ACUSE_SECRET_KEY of a server of its own.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from acuse.config import embedded
from acuse.config.embedded import cluster, locks, server
from acuse.config.embedded.account import account_of
from acuse.config.embedded.layout import DATABASE, USER, Layout, layout_of
from acuse.config.embedded.programs import programs_for

_BY_PASSWORD = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


def start_tcp_server(data_dir: Path, port: int = 0) -> tuple[str, Callable[[], None]]:
    """A server on 127.0.0.1 with a password (scram), its database made; `stop()` ends it. Port 0: a free one."""
    layout = layout_of(data_dir)
    layout.make()
    port = port or free_port()
    lock = locks.try_exclusive(layout.server)
    if lock is None:
        raise RuntimeError(f"a server already runs in {data_dir}")
    try:
        account = account_of(layout.cluster)
        programs = programs_for(account)
        if not layout.initialised:
            cluster.initialise(layout, programs, account, lock)
            (layout.cluster / "pg_hba.conf").write_text(_BY_PASSWORD)
        server.launch(layout, programs, account, lock, {"listen_addresses": "127.0.0.1", "port": str(port)})
    finally:
        os.close(lock)
    password = _set_password(layout, port)
    return f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}", lambda: server.stop(layout)


def _set_password(layout: Layout, port: int) -> str:
    password = secrets.token_urlsafe(16)
    folder = str(embedded.socket_dir(layout.data_dir))
    with psycopg.connect(host=folder, port=port, user=USER, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(USER), password))
    return password


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def temporary_embedded_dir() -> Iterator[Path]:
    """A data folder for ACUSE_DATA_DIR; at the end the embedded server in it is released and all is removed."""
    folder = Path(tempfile.mkdtemp(prefix="acuse-test-"))
    try:
        yield folder
    finally:
        embedded.release(folder)
        shutil.rmtree(folder)


def main(arguments: list[str]) -> int:
    command = arguments[1:] if arguments[:1] == ["--"] else arguments
    if not command:
        print("usage: python -m tests.postgres -- COMMAND…", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the server is stopped
    folder = Path(tempfile.mkdtemp(prefix="acuse-test-url-"))
    try:
        url, stop = start_tcp_server(folder / "server")
        try:
            given = {
                "ACUSE_DATABASE_URL": url,
                "ACUSE_SECRET_KEY": secrets.token_urlsafe(48),
                "ACUSE_DATA_DIR": str(folder / "data"),
            }
            return subprocess.run(command, env={**os.environ, **given}).returncode
        finally:
            stop()
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
