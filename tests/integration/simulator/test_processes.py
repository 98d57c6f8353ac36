import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from acuse_simulator.process import STOP_SECONDS, ChildServer, SimulatorProcess

from .callback import CallbackServer
from .graph_client import NUMBER, PDF, Graph, voucher


@pytest.mark.parametrize("module", ["acuse_simulator", "acuse_simulator.responder"])
def test_it_refuses_to_listen_to_other_machines(module: str) -> None:
    run = subprocess.run(
        [sys.executable, "-m", module, "--host", "0.0.0.0"], capture_output=True, text=True, timeout=20, check=False
    )
    assert run.returncode == 2
    assert "only listens on this machine" in run.stderr
    assert run.stdout == ""


def test_a_bad_configuration_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(json.dumps({"tokenz": []}), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-m", "acuse_simulator", "--config", str(path)],
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert run.returncode == 2
    assert "tokenz" in run.stderr


def test_it_stops_at_once_although_an_answer_is_very_slow() -> None:
    with SimulatorProcess({"very_slow_seconds": 60}) as meta, ThreadPoolExecutor(1) as pool:
        graph = Graph(meta.url)
        slow = pool.submit(graph.send_voucher, "5491155550005")
        while not meta.ledger()["messages"]:
            time.sleep(0.02)
        started = time.monotonic()
        meta.close()
        assert time.monotonic() - started < STOP_SECONDS, "it wasn't killed"
        with pytest.raises(OSError):
            slow.result()


def test_the_responder_answers_after_its_latency_and_counts() -> None:
    with ChildServer("acuse_simulator.responder", ["--latency-ms", "100"]) as responder:
        graph = Graph(responder.url)
        started = time.monotonic()
        media = graph.media()
        assert time.monotonic() - started >= 0.1
        answer = graph.send(voucher(media))
        assert answer.json["messages"][0]["message_status"] == "accepted"
        assert answer.wamid.startswith("wamid.")
        stats = responder.get("/stats")
        assert (stats["uploads"], stats["messages"]) == (1, 1)
        assert stats["upload_bytes"] > len(PDF)
        assert graph.get("nada").status == 404


@pytest.mark.parametrize("batch", [1, 10])
def test_the_responder_posts_three_signed_receipts_a_message(batch: int) -> None:
    server = CallbackServer()
    try:
        arguments = ["--latency-ms", "1", "--receipts", server.callback.url, "--app-secret", "s", "--batch", str(batch)]
        with ChildServer("acuse_simulator.responder", arguments) as responder, ThreadPoolExecutor(8) as pool:
            server.callback.answers = [500]
            graph = Graph(responder.url)
            bodies = [voucher("1", biz_opaque_callback_data=f'"{n}"') for n in range(20)]
            wamids = [answer.wamid for answer in pool.map(graph.send, bodies)]
            while responder.get("/stats")["receipts_posted"] < 60:
                time.sleep(0.02)
            stats = responder.get("/stats")
    finally:
        server.close()
    posts = server.callback.posts
    assert stats["receipts_failed"] == stats["receipts_pending"] == 0
    assert all(post.signed_with("s") for post in posts)
    accepted = server.callback.statuses()[len(posts[0].statuses()) :]
    assert sorted((s["id"], s["status"]) for s in accepted) == sorted(
        (wamid, status) for wamid in wamids for status in ("sent", "delivered", "read")
    )
    assert {s["biz_opaque_callback_data"] for s in accepted} == {f'"{n}"' for n in range(20)}
    assert {v["metadata"]["phone_number_id"] for p in posts for v in p.values()} == {NUMBER}
    assert (len(posts) < 61) == (batch > 1)
