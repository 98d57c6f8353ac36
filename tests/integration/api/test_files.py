from __future__ import annotations

import asyncio
import json
import weakref
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from acuse.api import access, bodies, limits
from acuse.api.limits import BodyLimit
from acuse.api.problems import CONTENT_TYPE
from acuse.vouchers import files
from acuse.vouchers.models import StoredFile, Voucher
from acuse.web.errors import refused_page
from tests.data import pdfs
from tests.integration.api.conftest import Answer, Api, pdf_bytes, posted


def _attach(api: Api, voucher: Any, content: bytes, content_type: str = "application/pdf") -> Answer:
    return api.post(f"/vouchers/{voucher['id']}/pdf", content, content_type=content_type)


@pytest.fixture(autouse=True)
def _empty_folder() -> None:
    """Uploads that a page's tests left to be completed aren't what these leave."""
    for path in _left_over():
        path.unlink()


def _left_over() -> list[Path]:
    return list((Path(settings.FILES_DIR) / "incoming").glob("*"))


def test_the_first_pdf_completes_the_version_and_another_makes_a_new_one(api: Api) -> None:
    voucher = api.registered(pdf_base64=None)
    first = _attach(api, voucher, pdf_bytes())
    assert (first.status, first.body["version"], first.body["sendable"]) == (200, 1, True)
    assert _attach(api, voucher, pdf_bytes()).body["version"] == 1
    assert _attach(api, voucher, pdf_bytes("CORREGIDA")).body["version"] == 2
    assert files.path_of(StoredFile.objects.order_by("-created_at")[0].sha256).read_bytes() == pdf_bytes("CORREGIDA")
    assert _left_over() == []


@pytest.mark.parametrize("content_type", ["application/json", "application/octet-stream", "text/plain", "x"])
def test_a_pdf_of_another_content_type_is_415(api: Api, content_type: str) -> None:
    answer = _attach(api, api.registered(pdf_base64=None), pdf_bytes(), content_type)
    assert (answer.status, answer.body["errors"][0]["code"]) == (415, "not_pdf_type")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "pdf_empty"), (b"hola", "pdf_not_a_pdf"), (pdfs.corrupt_pdf(), "pdf_corrupt"),
        (pdfs.encrypted_pdf(), "pdf_encrypted"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_pdf_is_422_and_changes_nothing(api: Api, content: bytes, code: str) -> None:
    voucher = api.registered(pdf_base64=None)
    answer = _attach(api, voucher, content)
    assert (answer.status, answer.body["errors"][0]["field"], answer.body["errors"][0]["code"]) == (422, "pdf", code)
    assert api.get(f"/vouchers/{voucher['id']}").body == voucher
    assert _left_over() == []


def test_a_pdf_over_100_mb_is_413(api: Api) -> None:
    voucher = api.registered(pdf_base64=None)
    answer = _attach(api, voucher, b"%PDF-1.4\n" + bytes(100 * 1024 * 1024))
    assert (answer.status, answer.headers["Content-Type"]) == (413, CONTENT_TYPE)
    assert _left_over() == []


def test_a_pdf_without_a_length_is_cut_at_the_limit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    voucher = api.registered(pdf_base64=None)
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    answer = _attach(api, voucher, b"%PDF-1.4\n" + bytes(2000))
    assert (answer.status, answer.body["errors"][0]["code"]) == (413, "pdf_too_large")
    assert _left_over() == []


@pytest.mark.parametrize("path", ["/vouchers", "/vouchers/batch"])
def test_json_over_64_mb_is_413_and_nothing_is_kept(api: Api, path: str) -> None:
    body = json.dumps(posted(pdf_base64=None)).encode().ljust(64 * 1024 * 1024 + 1)
    answer = api.post(path, body)
    assert (answer.status, answer.headers["Content-Type"]) == (413, CONTENT_TYPE)
    assert not Voucher.objects.exists()


def test_json_under_the_limit_is_read_whole(api: Api) -> None:
    body = json.dumps(posted()).encode().ljust(access.LARGE + 1)
    assert api.post("/vouchers", body).status == 201
    assert api.post("/vouchers", body).status == 200


def test_json_without_a_length_is_cut_at_the_limit(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "MAX_JSON", 100)
    assert api.post("/vouchers", posted()).status == 413


def test_a_refused_voucher_leaves_no_file_behind(api: Api) -> None:
    voucher = api.registered()
    assert api.post("/vouchers", posted(total="1.00", external_id="OTRO")).status == 409
    again = {"result": "approved", "cae": "70417054367477", "pdf_base64": posted()["pdf_base64"]}
    assert api.post(f"/vouchers/{voucher['id']}/authorize", again).status == 409
    assert _left_over() == []


def _through_the_limit(headers: list[tuple[bytes, bytes]], chunks: list[bytes], path: str) -> tuple[int, int]:
    """The status, and how many chunks the application got."""
    got, sent = 0, []
    waiting = [{"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks]

    async def app(_: Any, receive: Any, send: Any) -> None:
        nonlocal got
        for _chunk in chunks:
            await receive()
            got += 1
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(
        BodyLimit(app, lambda status, files: f"<h1>{status} {files}</h1>")(
            {"type": "http", "path": path, "headers": headers}, receive, send
        )
    )
    return sent[0]["status"], got


@pytest.mark.parametrize(
    ("content_type", "megabytes", "status"),
    [(b"application/json", 64, 200), (b"application/json", 65, 413), (b"application/pdf", 100, 200),
     (b"application/pdf", 101, 413), (b"Application/PDF; x=1", 100, 200)],
)  # fmt: skip
def test_what_is_too_large_is_refused_before_it_is_read(content_type: bytes, megabytes: int, status: int) -> None:
    length = str(megabytes * 1024 * 1024).encode()
    headers = [(b"content-type", content_type), (b"content-length", length)]
    assert _through_the_limit(headers, [b"x"], "/api/v1/vouchers") == (status, 1 if status == 200 else 0)


@pytest.mark.parametrize("path", ["/ingresar/", "/api/v2/", "/"])
def test_a_page_takes_no_more_than_a_form(path: str) -> None:
    small, large = [bytes(512 * 1024)] * 2, [bytes(512 * 1024)] * 3
    assert _through_the_limit([], small, path) == (200, 2)
    assert _through_the_limit([], large, path) == (413, 2)
    assert _through_the_limit([(b"content-length", str(2 * 1024 * 1024).encode())], large, path) == (413, 0)


@pytest.mark.parametrize(("megabytes", "status"), [(2, 200), (100, 200), (102, 413)])
def test_a_form_with_files_takes_the_largest_pdf(megabytes: int, status: int) -> None:
    length = str(megabytes * 1024 * 1024).encode()
    headers = [(b"content-type", b"multipart/form-data; boundary=x"), (b"content-length", length)]
    path = "/comprobantes/sales_invoice/crear/"
    assert _through_the_limit(headers, [b"x"], path) == (status, 1 if status == 200 else 0)


def test_what_does_not_say_its_length_is_cut() -> None:
    chunk = bytes(16 * 1024 * 1024)
    assert _through_the_limit([], [chunk] * 4, "/api/v1/vouchers") == (200, 4)
    assert _through_the_limit([], [chunk] * 6, "/api/v1/vouchers") == (413, 4)


def _refused(headers: list[tuple[bytes, bytes]], pieces: int, *, end: str = "last") -> tuple[list[Any], int]:
    """What was answered to 102 MB in so many pieces, and how many of them were read first."""
    read = 0
    sent: list[Any] = []

    async def app(_: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass

    async def receive() -> Any:
        nonlocal read
        assert not sent, "it was answered before"
        if read == pieces:
            await asyncio.sleep(60) if end == "stall" else None
            return {"type": "http.disconnect"}
        await asyncio.sleep(0.01) if end == "trickle" else None
        read += 1
        return {"type": "http.request", "body": bytes(1024 * 1024), "more_body": read < pieces or end != "last"}

    async def send(message: Any) -> None:
        sent.append(message)

    said = [(b"content-type", b"multipart/form-data; boundary=x"), *headers]
    scope = {"type": "http", "path": "/comprobantes/sales_invoice/crear/", "headers": said}
    asyncio.run(BodyLimit(app, refused_page)(scope, receive, send))
    return sent, read


LENGTH = (b"content-length", str(102 * 1024 * 1024).encode())


@pytest.mark.parametrize("headers", [[LENGTH], []])
@pytest.mark.parametrize("end", ["last", "gone"])
def test_what_is_on_its_way_is_read_before_it_is_refused_so_that_the_answer_is_read(
    headers: list[tuple[bytes, bytes]], end: str
) -> None:
    sent, read = _refused(headers, 102, end=end)
    assert (sent[0]["status"], read) == (413, 102)
    page = sent[1]["body"].decode()
    assert "Es demasiado grande" in page
    assert "no se guardó nada" in page
    assert dict(sent[0]["headers"])[b"content-type"] == b"text/html; charset=utf-8"


def test_who_asks_before_sending_is_told_at_once() -> None:
    sent, read = _refused([LENGTH, (b"expect", b"100-continue")], 102)
    assert (sent[0]["status"], read) == (413, 0)


def test_nobody_makes_it_read_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_DISCARDED", 110 * 1024 * 1024)
    sent, read = _refused([(b"content-length", b"9" * 12)], 500)
    assert (sent[0]["status"], read) == (413, 0)
    monkeypatch.setattr(limits, "PIECE_WITHIN", 0.05)
    sent, read = _refused([LENGTH], 3, end="stall")
    assert (sent[0]["status"], read) == (413, 3)


def test_who_does_not_say_how_much_comes_is_answered_however_much_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_DISCARDED", 110 * 1024 * 1024)
    sent, read = _refused([], 500)
    assert (sent[0]["status"], read) == (413, 500)


@pytest.mark.parametrize(("within", "pause"), [("READ_WITHIN", 0.01), ("NEXT_WITHIN", 60)], ids=["trickles", "stalls"])
@pytest.mark.parametrize(
    ("path", "content_type", "said"),
    [
        ("/api/v1/vouchers", b"application/json", '"code": "too_slow"'),
        ("/comprobantes/sales_invoice/crear/", b"multipart/form-data; boundary=x", "Los archivos tardaron demasiado"),
        ("/ingresar/", b"application/x-www-form-urlencoded", "El formulario tardó demasiado"),
    ],
)
def test_what_would_never_end_is_408(
    monkeypatch: pytest.MonkeyPatch, within: str, pause: float, path: str, content_type: bytes, said: str
) -> None:
    monkeypatch.setattr(limits, within, 0.2)
    sent: list[Any] = []
    read = 0

    async def app(_: Any, receive: Any, send: Any) -> None:
        while (await receive())["more_body"]:
            pass

    async def receive() -> Any:
        nonlocal read
        read += 1
        assert read < 100
        await asyncio.sleep(pause)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": [(b"content-type", content_type)]}
    asyncio.run(BodyLimit(app, refused_page)(scope, receive, send))
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"connection"]) == (408, b"close")
    assert said in sent[1]["body"].decode()


def test_once_all_of_it_came_the_answer_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django goes on asking, to know of a client that went away."""
    monkeypatch.setattr(limits, "READ_WITHIN", 0.05)
    monkeypatch.setattr(limits, "NEXT_WITHIN", 0.05)
    sent: list[Any] = []
    messages = [{"type": "http.request", "body": b"x", "more_body": False}]

    async def app(_: Any, receive: Any, send: Any) -> None:
        assert not (await receive())["more_body"]
        assert (await receive())["type"] == "http.disconnect"
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await asyncio.sleep(0.2)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(BodyLimit(app, refused_page)({"type": "http", "path": "/", "headers": []}, receive, send))
    assert sent[0]["status"] == 200


class _Written:
    """Stands for the file that Django wrote: gone from disk when nobody holds it."""


def test_what_was_written_of_it_is_gone_before_the_rest_comes() -> None:
    held: list[weakref.ref[_Written]] = []
    alive: list[bool] = []
    read = 0

    async def app(_: Any, receive: Any, send: Any) -> None:
        written = _Written()
        held.append(weakref.ref(written))
        while (await receive())["more_body"]:
            pass

    async def receive() -> Any:
        nonlocal read
        read += 1
        if read > 2:
            alive.append(held[0]() is not None)
        return {"type": "http.request", "body": bytes(1024 * 1024), "more_body": read < 4}

    async def send(_: Any) -> None:
        pass

    scope = {"type": "http", "path": "/ingresar/", "headers": []}
    asyncio.run(BodyLimit(app, refused_page)(scope, receive, send))
    assert alive == [False, False]


@pytest.mark.parametrize("headers", [[LENGTH], []])
def test_nobody_keeps_it_reading_by_sending_little_by_little(
    monkeypatch: pytest.MonkeyPatch, headers: list[tuple[bytes, bytes]]
) -> None:
    monkeypatch.setattr(limits, "MAX_FORM_WITH_FILES", 1024 * 1024)
    monkeypatch.setattr(limits, "DISCARDED_WITHIN", 0.2)
    sent, read = _refused(headers, 500, end="trickle")
    assert sent[0]["status"] == 413
    assert read < 50
