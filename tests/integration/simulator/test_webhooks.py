import time

import pytest

from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import NUMBER, ORDINARY, WABA, Graph, voucher

SECRET = "simulator-app-secret"


def test_receipts_come_in_order_signed_over_the_raw_bytes(graph: Graph, callback: Callback) -> None:
    graph.send_voucher(biz_opaque_callback_data="envío:1")
    posts = callback.wait_for(3)
    assert [s["status"] for s in callback.statuses()] == ["sent", "delivered", "read"]
    assert all(post.signed_with(SECRET) for post in posts)
    assert not any(post.signed_with("another") for post in posts)
    assert b"env\\u00edo:1" in posts[0].body
    assert {s["biz_opaque_callback_data"] for s in callback.statuses()} == {"envío:1"}


def test_the_envelope_names_the_account_and_the_number(graph: Graph, callback: Callback) -> None:
    graph.send_voucher()
    post = callback.wait_for(1)[0].json
    assert post["object"] == "whatsapp_business_account"
    (entry,) = post["entry"]
    assert entry["id"] == WABA
    assert isinstance(entry["time"], int)
    (change,) = entry["changes"]
    assert change["field"] == "messages"
    assert change["value"]["metadata"]["phone_number_id"] == NUMBER


@pytest.mark.parametrize("layout", ["statuses", "changes", "entries", "mixed"])
def test_a_batch_carries_several_items_and_loses_none(
    graph: Graph, meta: SimulatorProcess, callback: Callback, layout: str
) -> None:
    meta.control("configure-webhook", batch=100, window=0.3, layout=layout)
    media = graph.media()
    wamids = [graph.send(voucher(media, f"54911555522{n:02}")).wamid for n in range(10)]
    callback.wait_for_statuses(30)
    meta.settle()
    assert len(callback.posts) < 10
    assert sorted(s["id"] for s in callback.statuses()) == sorted(wamids * 3)
    entries = max(len(post.json["entry"]) for post in callback.posts)
    assert (entries > 1) == (layout in ("entries", "mixed"))


def test_a_full_batch_does_not_wait(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("configure-webhook", batch=3, window=60)
    graph.send_voucher()
    (post,) = callback.wait_for(1)
    assert len(post.statuses()) == 3


def test_duplicates_are_the_same_bytes(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("configure-webhook", duplicates=2)
    meta.control("outcomes", to=ORDINARY, outcome="never_read")
    graph.send_voucher()
    callback.wait_for(6)
    meta.settle()
    assert len(callback.posts) == 6
    assert len({post.body for post in callback.posts}) == 2


def test_disorder_changes_the_order(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("configure-webhook", disorder=True)
    media = graph.media()
    for n in range(20):
        graph.send(voucher(media, f"54911555522{n:02}"))
    statuses = callback.wait_for_statuses(60)
    orders: dict[str, list[str]] = {}
    for status in statuses:
        orders.setdefault(status["id"], []).append(status["status"])
    assert all(sorted(order) == ["delivered", "read", "sent"] for order in orders.values())
    assert any(order != ["sent", "delivered", "read"] for order in orders.values())


def test_a_callback_that_fails_is_tried_again(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    callback.answers = [500, 503]
    meta.control("webhook", payload={"entry": []})
    assert len(callback.posts) == 1, "a raw webhook is posted once"
    meta.control("inbound", **{"from": ORDINARY, "text": "Hola"})
    callback.wait_for(3)
    meta.settle()
    assert callback.posts[1].body == callback.posts[2].body
    attempts = [(p["attempt"], p["status"]) for p in meta.get("/control/webhooks")["posts"][1:]]
    assert attempts == [(1, 503), (2, 200)]


def test_retries_are_bounded(meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("configure-webhook", attempts=3, first_wait=0.01)
    callback.answers = [500] * 10
    meta.control("inbound", **{"from": ORDINARY, "text": "Hola"})
    callback.wait_for(3)
    meta.settle()
    assert len(callback.posts) == 3


def test_a_callback_that_is_down_gets_its_webhooks_when_it_is_back(meta: SimulatorProcess, callback: Callback) -> None:
    real = callback.url
    meta.control("configure-webhook", url="http://127.0.0.1:9/", attempts=2, first_wait=0.01)
    meta.control("inbound", **{"from": ORDINARY, "text": "Perdido"})
    meta.settle()
    assert [p["status"] for p in meta.get("/control/webhooks")["posts"]] == [0, 0]
    meta.control("configure-webhook", url=real)
    meta.control("inbound", **{"from": ORDINARY, "text": "Llega"})
    (post,) = callback.wait_for(1)
    assert post.values()[0]["messages"][0]["text"]["body"] == "Llega"


def test_what_the_customer_writes_comes_with_its_context(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    wamid = graph.send_voucher().wamid
    callback.wait_for(3)
    meta.control("inbound", **{"from": ORDINARY, "text": "¡Gracias!", "context": wamid})
    value = callback.wait_for(4)[-1].values()[0]
    (message,) = value["messages"]
    assert message["from"] == ORDINARY
    assert message["context"]["id"] == wamid
    assert message["text"]["body"] == "¡Gracias!"
    assert value["contacts"][0]["user_id"].startswith("AR.")
    assert message["from_user_id"] == value["contacts"][0]["user_id"]


def test_a_paused_template_is_announced(meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("templates", name="comprobantes", status="PAUSED")
    (post,) = callback.wait_for(1)
    (change,) = post.json["entry"][0]["changes"]
    assert change["field"] == "message_template_status_update"
    assert change["value"]["event"] == "PAUSED"
    assert change["value"]["message_template_language"] == "es-AR"


def test_a_raw_webhook_is_posted_as_given_and_signed(meta: SimulatorProcess, callback: Callback) -> None:
    assert meta.control("webhook", raw="{no es json", app_secret="otro")["status"] == 200
    assert meta.control("webhook", payload={"a": "ñ"}, signature=None)["status"] == 200
    assert meta.control("webhook", payload=[], signature="sha256=00")["status"] == 200
    first, second, third = callback.posts
    assert first.body == b"{no es json"
    assert first.signed_with("otro")
    assert second.signature is None
    assert third.signature == "sha256=00"


def test_the_handshake_says_whether_the_callback_answers_right(meta: SimulatorProcess, callback: Callback) -> None:
    assert meta.control("verify-webhook")["verified"] is True
    refused = meta.control("verify-webhook", verify_token="otro")
    assert (refused["verified"], refused["status"]) == (False, 403)


def test_an_account_that_nobody_is_subscribed_to_tells_nobody(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    graph.delete(f"{WABA}/subscribed_apps")
    graph.send_voucher()
    meta.settle()
    assert callback.posts == []
    graph.post(f"{WABA}/subscribed_apps", {})
    graph.send_voucher()
    callback.wait_for(3)


def test_no_read_receipt_comes_by_itself_when_it_is_switched_off(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    meta.control("delays", read=None)
    graph.send_voucher()
    callback.wait_for(2)
    meta.settle()
    time.sleep(0.1)
    assert [s["status"] for s in callback.statuses()] == ["sent", "delivered"]
