"""The simulator as a child process: for tests, and for whoever needs a platform beside it."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

STOP_SECONDS = 10


class ChildServer:
    """Starts `python -m module …` and waits for its JSON line. Raises RuntimeError if it ends first."""

    def __init__(self, module: str, arguments: Sequence[str] = ()) -> None:
        self._process = subprocess.Popen(  # noqa: S603 -- our own module, no shell
            [sys.executable, "-m", module, *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None  # noqa: S101 -- asked for above
        line = self._process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"{module} ended with {self._process.returncode} before it was ready")
        self.url: str = json.loads(line)["url"]

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()

    def get(self, path: str) -> Any:
        return _answer(urllib.request.Request(self.url + path))  # noqa: S310 -- always http to loopback

    def post(self, path: str, body: Any = None) -> Any:
        """Raises urllib.error.HTTPError for 400 and more."""
        content = json.dumps(body or {}).encode()
        headers = {"Content-Type": "application/json"}
        return _answer(urllib.request.Request(self.url + path, content, headers))  # noqa: S310 -- as above


class SimulatorProcess(ChildServer):
    """`with SimulatorProcess({"delays": {…}, "webhook_url": …}) as meta: meta.url`"""

    def __init__(self, config: dict[str, Any] | None = None, *, port: int = 0) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "simulator.json"
            path.write_text(json.dumps(config or {}), encoding="utf-8")
            super().__init__("acuse_simulator", ["--json", "--port", str(port), "--config", str(path)])

    def control(self, path: str, **body: Any) -> Any:
        """POST /control/{path}."""
        return self.post(f"/control/{path}", body)

    def ledger(self, since: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = self.get(f"/control/ledger?since={since}")
        return found

    def settle(self, seconds: float = 10.0) -> None:
        """Wait until no webhook is under way. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while self.get("/control/webhooks")["pending"]:
            if time.monotonic() > deadline:
                raise TimeoutError("webhooks are still under way")
            time.sleep(0.02)


def _answer(request: urllib.request.Request) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as response:
        return json.load(response)
