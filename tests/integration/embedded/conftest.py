import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from acuse.config.embedded import programs, server
from acuse.config.embedded.layout import layout_of
from tests.integration.embedded.processes import Client

Start = Callable[..., Client]


@pytest.fixture(params=["root", "ordinary"])
def uid(request: pytest.FixtureRequest) -> int:
    """Whom the processes run as: each test runs as root and as an ordinary user, as far as the machine lets it."""
    if request.param == "root":
        if os.geteuid() != 0:
            pytest.skip("the tests don't run as root")
        return 0
    if os.geteuid() != 0:
        return os.geteuid()
    return _ordinary_uid()


def _ordinary_uid() -> int:
    """nobody, when it can read the virtual environment."""
    package = programs._package()
    closed = [str(folder) for folder in package.parents if not folder.stat().st_mode & 0o001]
    if closed:
        pytest.skip(f"an ordinary user can't reach the virtual environment: {closed[0]} is closed")
    return pwd.getpwnam("nobody").pw_uid


@pytest.fixture
def folder(uid: int) -> Iterator[Path]:
    """A fresh folder of that user, 0700, where the user can reach it (pytest's own are closed to others)."""
    made = Path(tempfile.mkdtemp(prefix="acuse-embedded-"))
    os.chown(made, uid, -1)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def data_dir(folder: Path) -> Iterator[Path]:
    chosen = folder / "data"
    yield chosen
    layout = layout_of(chosen)
    if layout.home.is_dir():
        server.stop(layout)


@pytest.fixture
def start(data_dir: Path, uid: int) -> Iterator[Start]:
    """Starts a process that uses `data_dir` as `uid`; those that still live at the end are killed, by their pid."""
    started: list[Client] = []

    def run(*arguments: str, at: Path = data_dir, **settings: str) -> Client:
        client = Client(at, uid, arguments, settings)
        started.append(client)
        return client

    yield run
    for client in started:
        client.discard()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, "it did not come true in 20 s"
            time.sleep(0.02)

    return wait


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """An unrelated process; the test asserts that nobody harms it."""
    process = subprocess.Popen(["sleep", "600"])
    yield process
    process.kill()
    process.wait()
