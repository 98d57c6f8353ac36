"""How long reading the QR of a voucher takes: a mixed set, one file at a time, the child already running.

python -m tests.load.bench_qr [rounds]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from acuse.vouchers.pdf import ReaderPool
from tests.data import pdfs

#: Kind → pages; the mix leans to what billing systems make, with the hard ones and one without a QR among them.
MIX: tuple[tuple[pdfs.Kind, int], ...] = (
    ("vector", 1),
    ("image", 1),
    ("image", 2),
    ("copies", 3),
    ("two_qrs", 1),
    ("last_page", 3),
    ("rotated", 1),
    ("small", 1),
    ("fine", 1),
    ("logo_over_qr", 1),
    ("scan", 1),
    ("photo", 1),
)


def measure(rounds: int = 20) -> dict[str, Any]:
    """Milliseconds a file and a page (a file's time over its pages), and how many QRs were found of those there."""
    text = pdfs.valid_qr_text()
    pool = ReaderPool(size=1)
    with tempfile.TemporaryDirectory() as folder:
        paths = [_save(Path(folder), index, text) for index in range(len(MIX) + 1)]
        found = 0
        files: list[float] = []
        pages: list[float] = []
        try:
            pool.read(paths[0])
            for _ in range(rounds):
                for path in paths:
                    start = time.perf_counter()
                    reading = pool.read(path)
                    milliseconds = (time.perf_counter() - start) * 1000
                    files.append(milliseconds)
                    pages += [milliseconds / reading.pages] * reading.pages
                    found += reading.qr_text == text
        finally:
            pool.close()
    return {
        "files": len(files),
        "pages": len(pages),
        "qr_found": found,
        "qr_present": rounds * len(MIX),
        "mean_ms_a_file": round(statistics.mean(files), 1),
        "p95_ms_a_file": round(statistics.quantiles(files, n=20)[-1], 1),
        "mean_ms_a_page": round(statistics.mean(pages), 1),
        "p95_ms_a_page": round(statistics.quantiles(pages, n=20)[-1], 1),
    }


def _save(folder: Path, index: int, text: str) -> Path:
    if index == len(MIX):
        content = pdfs.invoice_pdf(qr_text=None)
    else:
        kind, pages = MIX[index]
        content = pdfs.invoice_pdf(qr_text=text, kind=kind, pages=pages)
    path = folder / f"{index}.pdf"
    path.write_bytes(content)
    return path


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20), indent=2))
