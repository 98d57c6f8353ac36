"""Real child processes, real files; every voucher is made up by `tests.data.pdfs`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import get_args

import psutil
import pytest
import zxingcpp

from acuse.vouchers import pdf, pdf_child, pdf_worker
from acuse.vouchers.pdf import PdfError, PdfReading, ReaderPool
from tests.data import pdfs

TEXT = pdfs.valid_qr_text()
Read = Callable[[bytes], PdfReading]


@pytest.fixture(scope="module")
def pool() -> Iterator[ReaderPool]:
    # A generous limit: these tests are about what is read; the machine may be busy.
    readers = ReaderPool(size=2, seconds=60)
    yield readers
    readers.close()


@pytest.fixture
def read(pool: ReaderPool, tmp_path: Path) -> Read:
    def read_bytes(content: bytes) -> PdfReading:
        path = tmp_path / "comprobante ñ.pdf"
        path.write_bytes(content)
        return pool.read(path)

    return read_bytes


@pytest.fixture
def save(tmp_path: Path) -> Callable[[bytes], Path]:
    def save_bytes(content: bytes) -> Path:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.pdf"
        path.write_bytes(content)
        return path

    return save_bytes


class TestReading:
    @pytest.mark.parametrize("kind", get_args(pdfs.Kind))
    def test_it_reads_the_qr_of_every_shape_of_voucher(self, read: Read, kind: pdfs.Kind) -> None:
        reading = read(pdfs.invoice_pdf(qr_text=TEXT, kind=kind, pages=3 if kind == "last_page" else 1))
        assert reading.qr_text == TEXT
        assert reading.problem is None
        assert reading.qr is not None
        assert reading.qr.problems == ()
        assert reading.qr.fields["importe"] == Decimal("1234567.1")
        assert reading.pages == {"last_page": 3, "copies": 3}.get(kind, 1)

    def test_a_logo_over_the_qr_is_defeated_only_by_the_embedded_image(self) -> None:
        content = pdfs.invoice_pdf(qr_text=TEXT, kind="logo_over_qr")
        for dpi in (150, *pdf_worker.DPI):
            seen = zxingcpp.read_barcodes(pdfs.page_image(content, dpi), formats=pdf_worker.QR_ONLY)
            assert seen == []

    def test_a_finely_drawn_qr_is_seen_only_at_300_dpi(self) -> None:
        content = pdfs.invoice_pdf(qr_text=TEXT, kind="fine")
        seen = [
            zxingcpp.read_barcodes(pdfs.page_image(content, dpi), formats=pdf_worker.QR_ONLY) for dpi in pdf_worker.DPI
        ]
        assert [len(barcodes) for barcodes in seen] == [0, 1]

    def test_a_qr_of_data_fiscal_alone_is_no_voucher(self, read: Read) -> None:
        reading = read(pdfs.invoice_pdf(qr_text=pdfs.DATA_FISCAL, kind="image"))
        assert (reading.qr, reading.problem) == (None, None)

    def test_a_pdf_without_qr_is_read(self, read: Read) -> None:
        reading = read(pdfs.invoice_pdf(qr_text=None))
        assert (reading.qr, reading.problem, reading.pages) == (None, None, 1)

    def test_it_tells_the_text_of_the_first_page(self, read: Read) -> None:
        text = read(pdfs.invoice_pdf(qr_text=TEXT, cae="76123456789099")).text_first_page
        assert "CAE N°: 76123456789099" in text
        assert "FACTURA A 00003-00000042" in text

    def test_a_scan_has_no_text(self, read: Read) -> None:
        assert read(pdfs.invoice_pdf(qr_text=TEXT, kind="scan")).text_first_page == ""

    def test_qrs_of_two_vouchers_in_a_file_are_not_guessed(self, read: Read) -> None:
        other = pdfs.invoice_pdf(qr_text=pdfs.valid_qr_text(number=43))
        reading = read(pdfs.joined(pdfs.invoice_pdf(qr_text=TEXT), other))
        assert (reading.qr, reading.problem, reading.pages) == (None, "qr_ambiguous", 2)

    def test_a_qr_on_the_first_of_three_pages_is_enough(self, read: Read) -> None:
        assert read(pdfs.invoice_pdf(qr_text=TEXT, pages=3)).qr_text == TEXT

    @pytest.mark.parametrize("on_page", [0, 5, 9_999])
    def test_ten_thousand_pages_are_read(self, read: Read, on_page: int) -> None:
        reading = read(pdfs.many_pages_pdf(qr_text=TEXT, on_page=on_page))
        assert (reading.qr_text, reading.pages, reading.problem) == (TEXT, 10_000, None)

    def test_it_stops_after_twenty_pages(self, read: Read) -> None:
        reading = read(pdfs.many_pages_pdf(100, qr_text=TEXT, on_page=50))
        assert (reading.qr, reading.problem) == (None, None)

    def test_an_encrypted_file_that_anybody_opens_is_read(self, read: Read) -> None:
        reading = read(pdfs.encrypted_pdf(password="", qr_text=TEXT))
        assert (reading.qr_text, reading.encrypted) == (TEXT, True)

    def test_noise_before_the_header_does_not_matter(self, read: Read) -> None:
        assert read(b"\r\n\r\n" + pdfs.invoice_pdf(qr_text=TEXT)).qr_text == TEXT

    def test_a_page_box_of_kilometres_is_read(self, read: Read) -> None:
        reading = read(pdfs.huge_box_pdf(qr_text=TEXT))
        assert (reading.qr_text, reading.problem) == (TEXT, None)
        assert read(pdfs.huge_box_pdf()).problem is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (pdfs.empty_pdf(), "empty"),
        (b"PK\x03\x04 una planilla", "not_a_pdf"),
        (pdfs.corrupt_pdf(), "corrupt"),
        (pdfs.encrypted_pdf(), "encrypted"),
    ],
)
def test_what_is_no_usable_pdf_is_refused_with_its_reason(read: Read, content: bytes, code: str) -> None:
    with pytest.raises(PdfError) as caught:
        read(content)
    assert caught.value.code == code
    assert caught.value.text


def test_a_truncated_file_is_refused(read: Read) -> None:
    with pytest.raises(PdfError, match="corrupt"):
        read(pdfs.truncated_pdf(pdfs.invoice_pdf(qr_text=TEXT)))


def test_over_100_mb_is_refused_without_reading_it(tmp_path: Path, pool: ReaderPool) -> None:
    path = tmp_path / "enorme.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(pdf.MAX_BYTES + 1)
    with pytest.raises(PdfError, match="too_large"):
        pool.read(path)


def test_a_file_that_is_not_there_is_no_matter_of_pdfs(tmp_path: Path, pool: ReaderPool) -> None:
    with pytest.raises(FileNotFoundError):
        pool.read(tmp_path / "nada.pdf")


def test_answers_stay_with_their_file_after_a_refusal(read: Read) -> None:
    for number in range(4):
        with pytest.raises(PdfError):
            read(pdfs.corrupt_pdf())
        text = pdfs.valid_qr_text(number=number + 1)
        assert read(pdfs.invoice_pdf(qr_text=text)).qr_text == text


class TestLimits:
    def test_a_bomb_costs_its_own_reading_only(self, read: Read) -> None:
        reading = read(pdfs.bomb_pdf())
        assert (reading.qr, reading.pages, reading.problem) == (None, 1, "qr_memory")
        assert read(pdfs.invoice_pdf(qr_text=TEXT)).qr_text == TEXT

    def test_a_search_that_takes_too_long_is_ended_and_told(self, save: Callable[[bytes], Path]) -> None:
        readers = ReaderPool(size=1, seconds=1)
        try:
            start = time.monotonic()
            reading = readers.read(save(pdfs.slow_pdf()))
            assert (reading.qr, reading.pages, reading.problem) == (None, 20, "qr_timeout")
            assert time.monotonic() - start < 10
            readers.seconds = 60
            assert readers.read(save(pdfs.invoice_pdf(qr_text=TEXT))).qr_text == TEXT
        finally:
            readers.close()

    def test_what_cannot_even_be_opened_in_time_is_refused(self, save: Callable[[bytes], Path]) -> None:
        readers = ReaderPool(size=1, seconds=60)
        try:
            readers.read(save(pdfs.invoice_pdf(qr_text=TEXT)))
            # a busy machine gives it no time at all; without this it is a race which of the two is quicker
            os.kill(readers._idle[0].pid, signal.SIGSTOP)
            readers.seconds = 0.2
            with pytest.raises(PdfError, match="unreadable"):
                readers.read(save(pdfs.many_pages_pdf()))
        finally:
            readers.close()


class TestProcesses:
    def test_one_child_reads_many_files(self, save: Callable[[bytes], Path]) -> None:
        readers = ReaderPool(size=1, seconds=60)
        try:
            path = save(pdfs.invoice_pdf(qr_text=TEXT, kind="image"))
            pids = set()
            for _ in range(5):
                readers.read(path)
                pids |= {child.pid for child in readers._idle}
            assert len(pids) == 1
        finally:
            readers.close()

    def test_a_child_retires_after_its_share_of_files(
        self, save: Callable[[bytes], Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pdf, "FILES_A_CHILD", 2)
        readers = ReaderPool(size=1, seconds=60)
        try:
            path = save(pdfs.invoice_pdf(qr_text=TEXT, kind="image"))
            readers.read(path)
            (first,) = readers._idle
            readers.read(path)
            assert not readers._idle
            assert not first.alive
            assert readers.read(path).qr_text == TEXT
        finally:
            readers.close()

    def test_a_child_killed_between_files_is_replaced(self, save: Callable[[bytes], Path]) -> None:
        readers = ReaderPool(size=1, seconds=60)
        try:
            path = save(pdfs.invoice_pdf(qr_text=TEXT, kind="image"))
            readers.read(path)
            (child,) = readers._idle
            os.kill(child.pid, signal.SIGKILL)
            psutil.wait_procs([psutil.Process(child.pid)], timeout=10)
            assert readers.read(path).qr_text == TEXT
        finally:
            readers.close()

    def test_a_stop_sent_to_the_whole_group_leaves_the_child_to_its_parent(self, save: Callable[[bytes], Path]) -> None:
        readers = ReaderPool(size=1, seconds=60)
        try:
            path = save(pdfs.invoice_pdf(qr_text=TEXT, kind="image"))
            readers.read(path)
            (child,) = readers._idle
            os.kill(child.pid, signal.SIGTERM)
            os.kill(child.pid, signal.SIGINT)
            assert readers.read(path).qr_text == TEXT
            assert [idle.pid for idle in readers._idle] == [child.pid]
        finally:
            readers.close()

    def test_many_threads_get_each_their_own_answer(self, pool: ReaderPool, save: Callable[[bytes], Path]) -> None:
        texts = [pdfs.valid_qr_text(number=number) for number in range(1, 13)]
        paths = [save(pdfs.invoice_pdf(qr_text=text, kind="image")) for text in texts]
        with ThreadPoolExecutor(6) as threads:
            readings = list(threads.map(pool.read, paths))
        assert [reading.qr_text for reading in readings] == texts

    def test_a_large_parent_does_not_tire_its_children(self, save: Callable[[bytes], Path]) -> None:
        ballast = bytearray(400 << 20)
        ballast[::4096] = b"x" * len(ballast[::4096])
        readers = ReaderPool(size=1, seconds=60)
        try:
            readers.read(save(pdfs.invoice_pdf(qr_text=TEXT, kind="image")))
            assert len(readers._idle) == 1
        finally:
            readers.close()
            del ballast

    def test_closing_ends_the_children(self, save: Callable[[bytes], Path]) -> None:
        readers = ReaderPool(size=1, seconds=60)
        readers.read(save(pdfs.invoice_pdf(qr_text=TEXT, kind="image")))
        (child,) = readers._idle
        readers.close()
        assert not child.alive

    def test_the_child_knows_no_secret_and_no_django(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ACUSE_SECRET_KEY", "un-secreto")
        child = pdf_child.Child()
        try:
            assert "ACUSE_SECRET_KEY" not in psutil.Process(child.pid).environ()
        finally:
            child.close()
        imported = "import sys, acuse.vouchers.pdf_worker; print([m for m in sys.modules if m.startswith('django')])"
        found = subprocess.run([sys.executable, "-c", imported], capture_output=True, text=True, check=True)
        assert found.stdout.strip() == "[]"

    def test_a_forked_process_starts_children_of_its_own(self, save: Callable[[bytes], Path]) -> None:
        path = save(pdfs.invoice_pdf(qr_text=TEXT, kind="image"))
        script = (
            "import os, pathlib, sys\nfrom acuse.vouchers import pdf\n"
            f"path = pathlib.Path({str(path)!r})\n"
            "pdf.read_pdf(path)\nfirst = pdf._pool._idle[0].pid\n"
            "if os.fork() == 0:\n"
            "    assert not pdf._pool._idle\n"
            "    assert pdf.read_pdf(path).qr is not None\n"
            "    sys.exit(7 if pdf._pool._idle[0].pid != first else 1)\n"
            "assert os.waitstatus_to_exitcode(os.wait()[1]) == 7\n"
            "assert pdf.read_pdf(path).qr is not None\n"
            "assert pdf._pool._idle[0].pid == first\n"
        )
        ran = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=False)
        assert (ran.returncode, ran.stderr) == (0, "")

    @pytest.mark.parametrize("end", ["exits", "is killed"])
    def test_no_child_outlives_its_parent(self, save: Callable[[bytes], Path], end: str) -> None:
        path = save(pdfs.invoice_pdf(qr_text=TEXT, kind="image"))
        script = (
            "import sys, pathlib\nfrom acuse.vouchers import pdf\n"
            f"pdf.read_pdf(pathlib.Path({str(path)!r}))\nprint(pdf._pool._idle[0].pid, flush=True)\n"
            + ("" if end == "exits" else "sys.stdin.read()\n")
        )
        with subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            if end == "is killed":
                parent.kill()
            parent.wait(30)
        if psutil.pid_exists(pid):
            _, alive = psutil.wait_procs([psutil.Process(pid)], timeout=10)
            assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]

    def test_a_busy_child_whose_parent_was_killed_ends_by_itself(self, save: Callable[[bytes], Path]) -> None:
        path = save(pdfs.slow_pdf(pages=20))
        script = (
            "import pathlib\nfrom acuse.vouchers.pdf_child import Child\nimport time\n"
            f"child = Child()\nchild.ask(pathlib.Path({str(path)!r}), 0.5)\n"
            "child.hear(time.monotonic() + 30)\nprint(child.pid, flush=True)\ntime.sleep(60)\n"
        )
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout is not None
            pid = int(parent.stdout.readline())
            assert psutil.pid_exists(pid)
            parent.kill()
        _, alive = psutil.wait_procs([psutil.Process(pid)], timeout=15)
        assert not [process for process in alive if process.status() != psutil.STATUS_ZOMBIE]


def test_a_pdf_is_known_by_its_first_bytes() -> None:
    assert pdf.is_pdf(b"%PDF-1.7")
    assert pdf.is_pdf(b"\xef\xbb\xbf%PDF-1.4")
    assert not pdf.is_pdf(b"")
    assert not pdf.is_pdf(b" " * 1024 + b"%PDF-1.7")


@pytest.mark.parametrize(("pages", "first"), [(1, [0]), (2, [0, 1]), (4, [0, 3, 1, 2]), (10_000, [0, 9_999, 1, 2])])
def test_the_first_page_comes_first_then_the_last(pages: int, first: list[int]) -> None:
    order = pdf_worker.pages_to_search(pages)
    assert order[: len(first)] == first
    assert len(order) == len(set(order)) == min(pages, 20)
