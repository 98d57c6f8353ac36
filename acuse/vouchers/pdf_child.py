"""The parent's side of `pdf_worker`: one child process, its pipes, and its end."""

from __future__ import annotations

import json
import os
import selectors
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import acuse

START_SECONDS = 30.0
CLOSE_SECONDS = 1.0
#: Ours are far smaller; a child that was taken over may say anything.
MAX_MESSAGE = 1 << 20
#: What an interpreter needs to start; no secret of ours gets near a hostile file.
INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR", "LANG")
FAULTS = frozenset({-signal.SIGSEGV, -signal.SIGBUS} if sys.platform != "win32" else ())


class ChildTimeout(Exception):
    """It didn't answer in time. It has been killed."""


class ChildDied(Exception):
    """It ended by itself: nearly always out of memory, or by a fault of the library (`by_fault`)."""

    def __init__(self, returncode: int) -> None:
        super().__init__(f"exit {returncode}")
        self.by_fault = returncode in FAULTS


class Child:
    """Not thread-safe: whoever holds it, holds it alone."""

    def __init__(self) -> None:
        self.files = 0
        #: False while a file is being read, or when its end left it unfit for another one.
        self.fit = True
        self._buffer = bytearray()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "acuse.vouchers.pdf_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env=_environment(),
        )
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("pdf_worker has no pipes")
        self._process, self._stdin, self._stdout = process, process.stdin, process.stdout
        try:
            self.hear(time.monotonic() + START_SECONDS)
        except (ChildDied, ChildTimeout) as error:
            raise RuntimeError(f"pdf_worker doesn't start: {error}") from error

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, path: Path, seconds: float) -> None:
        self.files += 1
        self.fit = False
        body = json.dumps({"id": self.files, "path": str(path), "seconds": seconds}).encode()
        message = memoryview(struct.pack(">I", len(body)) + body)
        try:
            while message:
                message = message[self._stdin.write(message) :]
        except BrokenPipeError:
            raise ChildDied(self._process.wait()) from None

    def hear(self, deadline: float) -> dict[str, Any]:
        """The next message. Raises ChildTimeout or ChildDied, and the process is over in both cases."""
        (length,) = struct.unpack(">I", self._bytes(4, deadline))
        if length > MAX_MESSAGE:
            self.kill()
            raise RuntimeError("pdf_worker doesn't speak its protocol")
        message: dict[str, Any] = json.loads(self._bytes(length, deadline))
        if message.get("id", 0) != self.files:
            self.kill()
            raise RuntimeError("pdf_worker answered for another file")
        return message

    def _bytes(self, count: int, deadline: float) -> bytes:
        with selectors.DefaultSelector() as selector:
            selector.register(self._stdout, selectors.EVENT_READ)
            while len(self._buffer) < count:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    self.kill()
                    raise ChildTimeout
                chunk = os.read(self._stdout.fileno(), 1 << 16)
                if not chunk:
                    raise ChildDied(self._process.wait())
                self._buffer += chunk
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def close(self) -> None:
        """Ask it to end by closing its input; insist if it doesn't."""
        self._stdin.close()
        try:
            self._process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._release()

    def kill(self) -> None:
        self._process.kill()
        self._release()

    def disown(self) -> None:
        """In a forked process: let go of a child that is still its parent's."""
        self._process.returncode = 0
        self._release()

    def _release(self) -> None:
        self._process.wait()
        self._stdin.close()
        self._stdout.close()


def _environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environment["PYTHONPATH"] = str(Path(acuse.__file__).parent.parent)
    environment["PYTHONUTF8"] = "1"
    return environment
