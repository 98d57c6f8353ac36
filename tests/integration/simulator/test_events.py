"""Each event changes the platform and is announced; faults hit the request that they name."""

import http.client
import re
from pathlib import Path

import pytest

from acuse_simulator.events import EVENTS
from acuse_simulator.faults import Kind
from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import NUMBER, WABA, Graph

SILENT = {"number_disconnected", "payment_missing", "payment_added", "token_expires"}
FIELDS = {
    "template": {
        "message_template_status_update", "message_template_quality_update", "template_category_update",
        "message_template_components_update",
    },
    "number": {"phone_number_quality_update", "phone_number_name_update"},
    "account": {"account_update", "account_alerts", "account_review_update"},
    "limit": {"business_capability_update"},
    "pin": {"security"},
    "customer": {"user_preferences"},
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_each_event_is_announced_unless_meta_says_nothing_of_it(
    name: str, meta: SimulatorProcess, callback: Callback
) -> None:
    before = meta.get("/control/state")
    meta.control("event", event=name)
    if name in SILENT:
        meta.settle()
        assert callback.posts == []
        assert name == "payment_added" or name == "token_expires" or meta.get("/control/state") != before
        return
    (post,) = callback.wait_for(1)
    assert post.json["entry"][0]["changes"][0]["field"] in FIELDS[name.split("_")[0]]
    assert post.signed_with("simulator-app-secret")


def test_an_unknown_event_or_template_is_told(meta: SimulatorProcess) -> None:
    for body in (
        {"event": "nada"},
        {"event": "template_paused", "template": "nada"},
        {"event": "pin_changed", "number": "1"},
    ):
        with pytest.raises(Exception, match="400"):
            meta.control("event", **body)


def test_a_missing_payment_method_stops_sending_and_shows_in_the_health(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("event", event="payment_missing")
    assert graph.send_voucher().error["code"] == 131042
    health = graph.get(f"{NUMBER}?fields=health_status").json["health_status"]
    assert health["can_send_message"] == "BLOCKED"
    waba = next(e for e in health["entities"] if e["entity_type"] == "WABA")
    assert waba["errors"][0]["possible_solution"]
    assert "primary_funding_id" not in graph.get(f"{WABA}?fields=primary_funding_id").json
    meta.control("event", event="payment_added")
    assert graph.send_voucher().status == 200


@pytest.mark.parametrize(("ban", "code"), [("account_banned", 131031), ("account_restricted", 131031)])
def test_a_banned_account_does_not_send(graph: Graph, meta: SimulatorProcess, ban: str, code: int) -> None:
    meta.control("event", event=ban)
    assert graph.send_voucher().error["code"] == code
    meta.control("event", event="account_reinstated")
    assert graph.send_voucher().status == 200


def test_the_operators_page_provokes_events(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    page = graph.call("GET", "/")
    assert b"Provocar un aviso de Meta" in page.body
    form = b"event=template_paused&template=comprobantes"
    assert graph.call("POST", "/event", form, "application/x-www-form-urlencoded").status == 303
    assert callback.wait_for(1)[0].values()[0]["event"] == "PAUSED"
    assert graph.call("POST", "/event", b"event=nada", "application/x-www-form-urlencoded").status == 303


def test_faults_hit_what_they_name_and_then_stop(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("fault", kind="html_500", where="phone_numbers", times=2)
    meta.control("fault", kind="rate_limited", where="debug_token")
    assert graph.get(NUMBER).status == 200
    answers = [graph.get(f"{WABA}/phone_numbers") for _ in range(3)]
    assert [a.status for a in answers] == [500, 500, 200]
    assert answers[0].body.startswith(b"<!DOCTYPE")
    assert graph.get("debug_token?input_token=x").error["code"] == 80007
    meta.control("fault", kind="cut", where=NUMBER)
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        graph.get(NUMBER)
    meta.control("fault", kind="half", where=NUMBER)
    with pytest.raises(http.client.IncompleteRead):
        graph.get(NUMBER)
    meta.control("fault", kind="slow", where="messages")
    assert graph.send_voucher().status == 200
    meta.control("fault", kind="refused", code=133016, where="register")
    assert graph.post(f"{NUMBER}/register", {"pin": "123456"}).error["code"] == 133016


def test_the_document_names_each_event_and_fault() -> None:
    document = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
    events = document.split("### Events", 1)[1].split("###", 1)[0]
    assert set(EVENTS) <= set(re.findall(r"`([a-z_]+)`", events))
    faults = document.split("### Faults", 1)[1].split("##", 1)[0]
    assert {kind.value for kind in Kind} <= set(re.findall(r"`([a-z_0-9]+)`", faults))
