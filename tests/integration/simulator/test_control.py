import urllib.error
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import ORDINARY, Graph, voucher


def test_the_ledger_keeps_the_order_and_can_be_read_from_a_point(graph: Graph, meta: SimulatorProcess) -> None:
    media = graph.media()
    graph.send(voucher(media))
    graph.send(voucher("1"))
    ledger = meta.ledger()
    assert [(e["kind"], e.get("accepted")) for e in ledger["entries"]] == [
        ("upload", None),
        ("message", True),
        ("message", False),
    ]
    assert [e["seq"] for e in ledger["entries"]] == [1, 2, 3]
    assert [e["seq"] for e in meta.ledger(since=2)["entries"]] == [3]
    assert ledger["counts"] == {"uploads": 1, "accepted": 1, "refused": 1}


def test_messages_sent_twice_are_counted_by_their_opaque_data(graph: Graph, meta: SimulatorProcess) -> None:
    media = graph.media()
    for opaque in ("a", "a", "b"):
        graph.send(voucher(media, biz_opaque_callback_data=opaque))
    by_opaque = meta.ledger()["by_opaque"]
    assert {key: counts["accepted"] for key, counts in by_opaque.items()} == {"a": 2, "b": 1}


def test_concurrent_messages_are_all_noted_once(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id="106540352242922", throughput=0)
    media = graph.media()
    bodies = [voucher(media, f"549115{n:03}51234", biz_opaque_callback_data=str(n)) for n in range(100)]
    with ThreadPoolExecutor(8) as pool:
        wamids = [answer.wamid for answer in pool.map(graph.send, bodies)]
    assert len(set(wamids)) == 100
    assert all(c == {"accepted": 1, "refused": 0} for c in meta.ledger()["by_opaque"].values())


def test_a_reset_forgets_everything_and_the_webhooks_under_way(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    meta.control("delays", sent=30)
    meta.control("templates", name="comprobantes", status="PAUSED")
    callback.wait_for(1)
    meta.control("tokens", valid=False)
    meta.control("reset")
    assert meta.ledger()["entries"] == []
    state = meta.get("/control/state")
    assert state["templates"][0]["status"] == "APPROVED"
    assert state["tokens"] == {"simulator-token": True}
    assert state["hooks"]["url"] is None
    assert state["pending_webhooks"] == 0


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("configure-webhook", {"url": "ftp://example.com"}),
        ("configure-webhook", {"layout": "sideways"}),
        ("configure-webhook", {"colour": "blue"}),
        ("delays", {"received": 1}),
        ("numbers", {"id": "nobody"}),
        ("templates", {"status": "PAUSED"}),
        ("inbound", {"from": ORDINARY}),
        ("inbound", {"from": ORDINARY, "text": "Hola", "number": "1"}),
        ("webhook", {"payload": {}}),
        ("verify-webhook", {}),
    ],
)
def test_a_wrong_order_is_refused_with_its_reason(meta: SimulatorProcess, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        meta.post(f"/control/{path}", body)
    with refused.value as answer:
        assert answer.code == 400
        assert b"error" in answer.read()
