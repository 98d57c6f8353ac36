"""A whole installation of its own for a test: folder, database, simulator, commands; all real processes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row

from acuse.config import embedded
from acuse.config.embedded import layout, server
from tests import prepared

TOKEN, SECRET = "token-de-prueba", "secreto-de-prueba"
APP_ID, WABA_ID, PHONE_NUMBER_ID = "634974688087057", "102290129340398", "106540352242922"


class Installation:
    def __init__(self, *, migrated: bool = True, **simulator: Any) -> None:
        """Not `migrated`: there is no database at all yet."""
        self._migrated = migrated
        self.folder = Path(tempfile.mkdtemp(prefix="acuse-acceptance-"))
        self._children: list[subprocess.Popen[bytes]] = []
        self._simulator = {
            "app_id": APP_ID, "app_secret": SECRET, "tokens": [TOKEN], "waba_id": WABA_ID,
            "numbers": [{"id": PHONE_NUMBER_ID, "display": "+54 9 341 555-9000", "waba": WABA_ID, "name": "Prueba SA",
                         "throughput": simulator.pop("throughput", 1000)}],
            "slow_seconds": 1.0,
            **simulator,
        }  # fmt: skip
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ACUSE_")},
            "ACUSE_DATA_DIR": str(self.folder / "data"),
            "TOKEN": TOKEN,
            "SECRET": SECRET,
        }
        self.graph_url = ""
        self._files = 0
        self._forge: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def __enter__(self) -> Self:
        if self._migrated:
            prepared.put_cluster(self.data)
        config = self.folder / "simulator.json"
        config.write_text(json.dumps(self._simulator))
        child = self.spawn("acuse_simulator", "--port", "0", "--config", str(config), "--json", piped=True)
        assert child.stdout is not None
        self.graph_url = json.loads(child.stdout.readline())["url"]
        self.environment["ACUSE_GRAPH_URL"] = self.graph_url
        return self

    def __exit__(self, *_: object) -> None:
        for child in reversed(self._children):
            self.stop(child)
        embedded.release(self.data)
        shutil.rmtree(self.folder, ignore_errors=True)

    def hold_database(self) -> None:
        """The database runs on between commands: they are quicker, and the test may look into it."""
        embedded.attach(self.data)

    def sql(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        """While the database is held."""
        conninfo = server.conninfo(layout.layout_of(self.data), layout.DATABASE)
        with psycopg.connect(conninfo, autocommit=True, row_factory=dict_row) as connection:
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description else []

    def file(self, content: bytes, name: str = "") -> str:
        """The path of a file with this content; each has a folder of its own, and so the name that it is given."""
        self._files += 1
        folder = self.folder / "given" / str(self._files)
        folder.mkdir(parents=True)
        path = folder / (name or "comprobante.pdf")
        path.write_bytes(content)
        return str(path)

    def spawn(self, module: str, *arguments: str, piped: bool = False, **environment: str) -> subprocess.Popen[bytes]:
        log = (self.folder / "log.txt").open("ab")
        child = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            env={**self.environment, **environment},
            stdout=subprocess.PIPE if piped else log,
            stdin=subprocess.PIPE if piped else None,
            stderr=log,
        )
        log.close()
        self._children.append(child)
        return child

    def acuse(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "acuse.config.cli", *arguments],
            env={**self.environment, **environment}, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    def quick(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """As `acuse`, without the seconds that Python needs to import it; one at a time."""
        if self._forge is None:
            self._forge = self.spawn("tests.acceptance.forge", piped=True)
        assert self._forge.stdin is not None
        assert self._forge.stdout is not None
        output, errors = self.folder / "output", self.folder / "errors"
        wanted = {"arguments": arguments, "environment": environment, "output": str(output), "errors": str(errors)}
        self._forge.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._forge.stdin.flush()
        code = int(self._forge.stdout.readline())
        return subprocess.CompletedProcess(arguments, code, output.read_text(), errors.read_text())

    def stop(self, child: subprocess.Popen[bytes]) -> None:
        if child.poll() is None:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(40)
            if child.poll() is None:
                child.send_signal(signal.SIGKILL)
                child.wait()
        for pipe in (child.stdout, child.stdin):
            if pipe is not None:
                pipe.close()

    def setup(self, *more: str) -> dict[str, Any]:
        done = self.acuse(
            "setup", "--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example",
            "--area-code", "341", "--whatsapp-token-env", "TOKEN", "--phone-number-id", PHONE_NUMBER_ID,
            "--waba-id", WABA_ID, "--app-id", APP_ID, "--app-secret-env", "SECRET", "--new-api-key", "--json", *more,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        loaded: dict[str, Any] = json.loads(done.stdout)
        return loaded

    def send(self, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
        """`acuse send … --json`: its exit code and its lines."""
        done = self.quick("send", *arguments, "--json")
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    def ledger(self) -> dict[str, Any]:
        return self.control("ledger")

    def control(self, path: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.graph_url}/control/{path}", data=data, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            loaded: dict[str, Any] = json.load(answer)
            return loaded

    def accepted(self, to: str) -> list[dict[str, Any]]:
        """The messages to that number, as the simulator has them."""
        return [m for m in self.ledger()["messages"] if m["accepted"] and m["to"].lstrip("+") == to.lstrip("+")]

    def log(self) -> str:
        return (self.folder / "log.txt").read_text(errors="replace")[-4000:]


def wait_for(condition: Callable[[], bool], seconds: float = 30.0, every: float = 0.1) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():
            return True
        time.sleep(every)
    return condition()


def said(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """The only line of a command's JSON."""
    loaded: dict[str, Any] = json.loads(done.stdout)
    return loaded


@contextlib.contextmanager
def installation(*, migrated: bool = True, **simulator: Any) -> Iterator[Installation]:
    with Installation(migrated=migrated, **simulator) as made:
        yield made
