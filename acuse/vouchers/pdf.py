"""Reading a PDF that somebody else made, in a child process with limits of time and memory."""

from __future__ import annotations

import atexit
import os
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from acuse.vouchers.pdf_child import Child, ChildDied, ChildTimeout
from acuse.vouchers.qr import ArcaQr, read

SECONDS = 5.0
MAX_BYTES = 100 * 1024 * 1024
#: pdfium and its readers keep some memory: a fresh child now and then.
FILES_A_CHILD = 500
HEAD_BYTES = 1024

log = structlog.get_logger(__name__)

_TEXTS: dict[str, str] = {
    "empty": "El archivo está vacío.",
    "too_large": "El archivo pasa los 100 MB. Mandá una versión más liviana.",
    "not_a_pdf": "El archivo no es un PDF.",
    "encrypted": "El PDF tiene contraseña. Guardalo sin ella y volvé a cargarlo.",
    "corrupt": "El PDF está dañado. Generalo de nuevo.",
    "unreadable": "No pudimos abrir el PDF. Generalo de nuevo.",
}


class PdfError(Exception):
    """The file can't be taken as a PDF. `code` is one of the keys above, `text` is Spanish."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
        self.text = _TEXTS[code]


@dataclass(frozen=True, slots=True)
class PdfReading:
    pages: int
    #: The ARCA QR, None when there is none or it wasn't found within the limits.
    qr: ArcaQr | None
    #: It has an owner's password but opens without one.
    encrypted: bool
    #: Why there may be a QR that we don't know: `qr_timeout`, `qr_memory`, `qr_crash`, or `qr_ambiguous` (QRs of
    #: different vouchers). None when the search went through.
    problem: str | None = None
    #: At most 20,000 characters.
    text_first_page: str = ""
    #: The QR's own text.
    qr_text: str = ""


def is_pdf(head: bytes) -> bool:
    """By its first bytes (1 KB is enough): readers take a PDF with some noise before its header."""
    return b"%PDF-" in head[:HEAD_BYTES]


def read_pdf(path: Path) -> PdfReading:
    """Raises PdfError, or OSError when the file itself can't be reached. Safe to call from many threads."""
    return _pool.read(path)


@dataclass
class ReaderPool:
    """Children that read one file at a time; as many as `size`, started when they are needed."""

    size: int = field(default_factory=lambda: max(1, min(4, os.cpu_count() or 1)))
    seconds: float = SECONDS

    def __post_init__(self) -> None:
        self._idle: deque[Child] = deque()
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(self.size)

    def forget(self) -> None:
        """What a forked process does with its parent's children: they aren't its own to talk to."""
        inherited = self._idle
        self.__post_init__()
        for child in inherited:
            child.disown()

    def read(self, path: Path) -> PdfReading:
        _check(path)
        with self._places:
            child = self._take()
            try:
                return _read_with(child, path, self.seconds)
            finally:
                self._give_back(child)

    def close(self) -> None:
        with self._lock:
            children, self._idle = list(self._idle), deque()
        for child in children:
            child.close()

    def _take(self) -> Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.kill()
        return Child()

    def _give_back(self, child: Child) -> None:
        if child.alive and child.fit and child.files < FILES_A_CHILD:
            with self._lock:
                self._idle.append(child)
        else:
            child.kill()


def _check(path: Path) -> None:
    size = path.stat().st_size
    if size == 0:
        raise PdfError("empty")
    if size > MAX_BYTES:
        raise PdfError("too_large")
    with path.open("rb") as file:
        if not is_pdf(file.read(HEAD_BYTES)):
            raise PdfError("not_a_pdf")


def _read_with(child: Child, path: Path, seconds: float) -> PdfReading:
    known: dict[str, object] = {}
    problem: str | None = None
    deadline = time.monotonic() + seconds
    try:
        child.ask(path.absolute(), seconds)
        while "done" not in known and "fatal" not in known:
            known |= child.hear(deadline)
    except ChildTimeout:
        problem = "qr_timeout"
    except ChildDied as death:
        problem = "qr_crash" if death.by_fault else "qr_memory"
    if "fatal" in known:
        problem = f"qr_{known['fatal']}"
    child.fit = "done" in known and not known["tired"]
    if problem is not None:
        log.warning("pdf_reader_failed", problem=problem, pages=known.get("pages"), detail=known.get("detail"))
    if "pages" not in known:
        raise PdfError(str(known.get("error", "unreadable")))
    return _reading(known, problem)


def _reading(known: dict[str, object], problem: str | None) -> PdfReading:
    text = str(known.get("qr", ""))
    searched = "searched" in known
    own_problem = known.get("problem")
    return PdfReading(
        pages=int(str(known["pages"])),
        qr=read(text),
        encrypted=bool(known.get("encrypted")),
        problem=(str(own_problem) if own_problem else None) if searched else problem,
        text_first_page=str(known.get("text", "")),
        qr_text=text,
    )


_pool = ReaderPool()
atexit.register(_pool.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.forget)
