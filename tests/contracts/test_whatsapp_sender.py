import asyncio
import json
import logging
import subprocess
import sys
import threading
import traceback
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from acuse.channels.contract import ChannelError, OutgoingFile, Refusal, Scope, Verdict
from acuse.channels.whatsapp.sender import WhatsAppSender
from tests.contracts.channel_contract import ChannelContract, Marks, Rig
from tests.contracts.graph_server import GraphServer, Reply, answer, cut, half_write, stall

ACCESS = "EAAGsecretAccess0123456789"
BAD_PARAMETER = {"error": {"code": 131009, "message": "(#131009) Parameter value is not valid"}}


def sender_to(url: str, *, timeout: float = 5.0, max_connections: int = 50) -> WhatsAppSender:
    return WhatsAppSender(
        phone_number_id="106540352242922",
        access_token=ACCESS,
        base_url=url,
        version="v26.0",
        max_connections=max_connections,
        timeout=timeout,
    )


class WhatsAppRig(Rig):
    to = "+5491123456789"
    content = {"template": {"name": "comprobantes", "language": "es_AR", "parameters": [{"text": "Factura"}]}}
    uploads = True

    def __init__(self, folder: Path, server: GraphServer) -> None:
        super().__init__(folder)
        self.server = server
        self.sender = sender_to(server.url)

    def arrived(self) -> int:
        return len(self.server.of("messages"))

    async def refuse(self) -> None:
        self.server.messages = answer(400, BAD_PARAMETER)

    async def lose_answers(self) -> None:
        self.server.messages = cut

    async def vanish(self) -> None:
        await self.server.stop()

    async def refusal(self) -> Refusal:
        with pytest.raises(ChannelError) as caught:
            await self.sender.send(self.message(), Marks(self))
        return caught.value.refusal

    async def upload_refusal(self) -> Refusal:
        with pytest.raises(ChannelError) as caught:
            await self.sender.upload(self.file)
        return caught.value.refusal


class TestWhatsAppSender(ChannelContract):
    @pytest.fixture
    async def rig(self, tmp_path: Path) -> AsyncIterator[WhatsAppRig]:
        server = GraphServer()
        await server.start()
        rig = WhatsAppRig(tmp_path, server)
        yield rig
        await rig.sender.aclose()
        await server.stop()

    async def test_it_posts_the_template_with_the_document_by_id(self, rig: WhatsAppRig) -> None:
        accepted = await rig.sender.send(rig.message(), Marks(rig))
        (received,) = rig.server.of("messages")
        assert received.path == "/v26.0/106540352242922/messages"
        assert received.headers["authorization"] == f"Bearer {ACCESS}"
        body = json.loads(received.body)
        assert body["biz_opaque_callback_data"] == "018f-0"
        assert body["template"]["components"][0]["parameters"][0]["document"] == {
            "id": "1037543291543636",
            "filename": "Factura A 00003-00000042.pdf",
        }
        assert accepted.identities == {"input": "+5491123456789", "wa_id": "5491123456789"}
        assert accepted.note is None

    async def test_a_message_held_for_quality_is_accepted_with_a_note(self, rig: WhatsAppRig) -> None:
        held = {"messages": [{"id": "wamid.1", "message_status": "held_for_quality_assessment"}]}
        rig.server.messages = answer(200, held)
        accepted = await rig.sender.send(rig.message(), Marks(rig))
        assert (accepted.provider_id, accepted.note) == ("wamid.1", "held_for_quality_assessment")

    async def test_an_upload_is_multipart_with_its_type_and_name(self, rig: WhatsAppRig) -> None:
        media_id = await rig.sender.upload(rig.file)
        (received,) = rig.server.of("media")
        assert media_id.isdigit()
        assert received.path == "/v26.0/106540352242922/media"
        assert b'name="messaging_product"\r\n\r\nwhatsapp' in received.body
        assert b'name="type"\r\n\r\napplication/pdf' in received.body
        assert b'filename="Factura A 00003-00000042.pdf"' in received.body
        assert rig.path.read_bytes() in received.body

    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            (half_write, "network.lost"),
            (answer(502, b"<html>Bad Gateway</html>"), "network.answer"),
            (answer(500, {"message": "Internal server error"}), "network.answer"),
            (answer(503, b""), "network.answer"),
            (answer(200, b"<html>Welcome to the hotel</html>"), "network.answer"),
            (answer(200, {"messages": []}), "network.answer"),
            (answer(200, {"messages": [{"id": None}]}), "network.answer"),
            (answer(200, [1]), "network.answer"),
            (answer(408, b""), "network.answer"),
        ],
    )
    async def test_what_is_no_answer_of_meta_is_unknown_for_a_message(
        self, rig: WhatsAppRig, reply: Reply, code: str
    ) -> None:
        rig.server.messages = reply
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.cause.code) == (Verdict.UNKNOWN, code)

    @pytest.mark.parametrize(
        "reply", [cut, half_write, answer(502, b"<html>"), answer(200, b"hello"), answer(200, {"id": None})]
    )
    async def test_a_lost_upload_is_repeated(self, rig: WhatsAppRig, reply: Reply) -> None:
        rig.server.media = reply
        assert (await rig.upload_refusal()).verdict is Verdict.RETRY

    async def test_no_answer_in_time_is_unknown_for_a_message(self, rig: WhatsAppRig) -> None:
        await rig.sender.aclose()
        rig.sender = sender_to(rig.server.url, timeout=0.8)
        rig.server.messages = rig.server.media = stall
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.cause.code) == (Verdict.UNKNOWN, "network.timeout")
        assert (await rig.upload_refusal()).verdict is Verdict.RETRY

    async def test_a_full_pool_is_not_a_lost_message(self, rig: WhatsAppRig) -> None:
        await rig.sender.aclose()
        rig.sender = sender_to(rig.server.url, timeout=0.5, max_connections=1)
        rig.server.messages = stall
        refusals = await asyncio.gather(*(rig.refusal() for _ in range(3)))
        lost = [r for r in refusals if r.verdict is Verdict.UNKNOWN]
        kept = [r for r in refusals if r.verdict is Verdict.RETRY]
        # one whose turn comes as its time ends may not have left: nobody knows, and it is never called kept
        assert 1 <= rig.arrived() <= len(lost)
        assert len(kept) == 3 - len(lost) >= 1

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_a_redirect_is_not_followed(self, rig: WhatsAppRig, status: int) -> None:
        rig.server.messages = answer(status, b"", Location=f"{rig.server.url}/elsewhere/messages")
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.scope) == (Verdict.SUSPENDED, Scope.ACCOUNT)
        assert rig.arrived() == 1

    @pytest.mark.parametrize("status", [401, 403, 404, 407])
    async def test_a_proxys_refusal_stops_the_account_and_not_each_message(self, rig: WhatsAppRig, status: int) -> None:
        rig.server.messages = answer(status, b"<html>Proxy</html>")
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.scope) == (Verdict.SUSPENDED, Scope.ACCOUNT)
        assert refusal.cause.code == f"http.{status}"

    async def test_too_many_requests_slows_the_lane_down(self, rig: WhatsAppRig) -> None:
        rig.server.messages = answer(429, b"")
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.slow_down) == (Verdict.RETRY, True)

    async def test_metas_error_decides_whatever_the_status(self, rig: WhatsAppRig) -> None:
        rig.server.messages = answer(500, {"error": {"code": 131026, "message": "Message undeliverable"}})
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.scope) == (Verdict.REJECTED, Scope.RECIPIENT)
        assert refusal.detail["http_status"] == 500

    async def test_it_waits_for_what_the_usage_header_says(self, rig: WhatsAppRig) -> None:
        usage = json.dumps({"1": [{"type": "whatsapp", "estimated_time_to_regain_access": 59}]})
        error = {"error": {"code": 80007, "message": "Rate limit"}}
        rig.server.messages = answer(400, error, X_Business_Use_Case_Usage=usage)
        refusal = await rig.refusal()
        assert (refusal.verdict, refusal.scope) == (Verdict.SUSPENDED, Scope.ACCOUNT)
        assert refusal.not_before is not None

    async def test_a_content_that_makes_no_message_is_refused_before_it_starts(self, rig: WhatsAppRig) -> None:
        rig.content = {}
        marks = Marks(rig)
        with pytest.raises(ChannelError) as caught:
            await rig.sender.send(rig.message(), marks)
        assert caught.value.refusal.verdict is Verdict.REJECTED
        assert (marks.calls, rig.arrived()) == (0, 0)

    async def test_a_file_that_is_gone_is_tried_again(self, rig: WhatsAppRig) -> None:
        rig.path.unlink()
        refusal = await rig.upload_refusal()
        assert (refusal.verdict, refusal.cause.code) == (Verdict.RETRY, "file.unreadable")

    async def test_environment_proxies_do_not_see_loopback(
        self, rig: WhatsAppRig, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
        await rig.sender.aclose()
        rig.sender = sender_to(rig.server.url)
        assert (await rig.sender.send(rig.message(), Marks(rig))).provider_id

    async def test_the_token_shows_nowhere(self, rig: WhatsAppRig, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        shown = [repr(rig.sender), repr(vars(rig.sender)), str(rig.sender)]
        told = {"error": {"code": 190, "message": f"Bad signature of token {ACCESS}"}}
        for reply in (answer(401, told), cut, half_write, answer(302, b"", Location=f"/?t={ACCESS}"), None):
            rig.server.messages = reply
            if reply is None:
                await rig.server.stop()
            try:
                await rig.sender.send(rig.message(), Marks(rig))
            except ChannelError as error:
                shown += ["".join(traceback.format_exception(error)), repr(error.refusal), repr(error.__cause__)]
        assert len(shown) == 3 + 5 * 3
        assert not [text for text in [*shown, caplog.text] if ACCESS[3:] in text]

    @pytest.mark.parametrize("token", ["with\nline", "con ñandú", ""])
    async def test_a_token_that_cannot_travel_stops_the_account_without_showing(
        self, rig: WhatsAppRig, token: str
    ) -> None:
        await rig.sender.aclose()
        rig.server.messages = answer(401, {"error": {"code": 190, "message": "no"}})
        rig.sender = WhatsAppSender(phone_number_id="1", access_token=token, base_url=rig.server.url, version="v26.0")
        with pytest.raises(ChannelError) as caught:
            await rig.sender.send(rig.message(), Marks(rig))
        assert caught.value.refusal.scope is Scope.ACCOUNT
        assert not token or token not in "".join(traceback.format_exception(caught.value))


async def test_a_name_that_does_not_resolve_is_tried_again(tmp_path: Path) -> None:
    sender = sender_to("http://nobody.invalid")
    server = GraphServer()
    rig = WhatsAppRig(tmp_path, server)
    with pytest.raises(ChannelError) as caught:
        await sender.send(rig.message(), Marks(rig))
    assert (caught.value.refusal.verdict, caught.value.refusal.cause.code) == (Verdict.RETRY, "network.connect")
    await sender.aclose()
    await rig.sender.aclose()


async def test_a_file_of_100_mb_never_is_in_memory(tmp_path: Path) -> None:
    size = 100 * 1024 * 1024
    path = tmp_path / "big.pdf"
    with path.open("wb") as big:
        big.truncate(size)
    server = GraphServer()
    await server.start()
    sender = sender_to(server.url, timeout=30)
    process = psutil.Process()
    before, peak, over = process.memory_info().rss, 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not over.wait(0.005):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert await sender.upload(OutgoingFile("0" * 64, path, size, "application/pdf", "big.pdf"))
    finally:
        over.set()
        watcher.join()
        await sender.aclose()
        await server.stop()
    assert server.received[0].size > size
    assert peak - before < 30 * 1024 * 1024


SHORT_RUN = """
import asyncio, sys
from pathlib import Path
from acuse.channels.contract import OutgoingFile, OutgoingMessage
from acuse.channels.whatsapp.sender import WhatsAppSender

async def main(url, pdf, close):
    sender = WhatsAppSender(phone_number_id="1", access_token="t", base_url=url, version="v26.0")
    file = OutgoingFile("0", pdf, pdf.stat().st_size, "application/pdf", "f.pdf")
    media = await sender.upload(file)
    content = {"template": {"name": "comprobantes", "language": "es_AR", "parameters": []}}
    async def started(): pass
    messages = [OutgoingMessage(str(n), "+5491123456789", file, media, content) for n in range(10)]
    await asyncio.gather(*(sender.send(message, started) for message in messages))
    if close:
        await sender.aclose()

asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3] == "close"))
"""


@pytest.mark.parametrize("ending", ["close", "leave"])
async def test_short_runs_end_in_peace(tmp_path: Path, ending: str) -> None:
    pdf = tmp_path / "f.pdf"
    pdf.write_bytes(b"%PDF-1.7")
    server = GraphServer()
    await server.start()
    turn = asyncio.Semaphore(4)

    async def run() -> tuple[int | None, bytes]:
        async with turn:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-c", SHORT_RUN, server.url, str(pdf), ending,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )  # fmt: skip
            output, _ = await process.communicate()
            return process.returncode, output

    ended = await asyncio.gather(*(run() for _ in range(40)))
    await server.stop()
    assert [e for e in ended if e != (0, b"")] == []
    assert len(server.of("messages")) == 400
