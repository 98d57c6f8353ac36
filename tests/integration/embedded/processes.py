import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_REPOSITORY = Path(__file__).resolve().parents[3]


class Refused(Exception):
    """The process answered with an error."""


class Client:
    """A running tests.integration.embedded.client."""

    def __init__(self, data_dir: Path, uid: int, arguments: Sequence[str], settings: dict[str, str]) -> None:
        whom = [] if uid == os.geteuid() else ["--uid", str(uid)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.integration.embedded.client", str(data_dir), *whom, *arguments],
            cwd=_REPOSITORY,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **settings},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def tell(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def answer(self) -> Any:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the process ended ({self.process.poll()}) without an answer"
        answer = json.loads(line)
        if "error" in answer:
            raise Refused(answer["error"])
        return answer["done"]

    def ask(self, command: str) -> Any:
        self.tell(command)
        return self.answer()

    def leave(self) -> int:
        """Ends by itself, as a program does."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        code = self.process.wait(timeout=60)
        self._close()
        return code

    def kill(self) -> None:
        """As `kill -9`."""
        self.process.kill()
        self.process.wait(timeout=60)
        self._close()

    def discard(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._close()

    def _close(self) -> None:
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None and not stream.closed:
                try:
                    stream.close()
                except BrokenPipeError:
                    continue  # what it was told and never read
