"""Each event changes the platform and is announced; faults hit the request that they name."""

import http.client
import re
from pathlib import Path

import pytest

from acuse_simulator.events import EVENTS
from acuse_simulator.faults import Kind
from acuse_simulator.process import SimulatorProcess
from acuse_simulator.silent import SILENT

from .callback import Callback
from .graph_client import NUMBER, WABA, Graph

ALREADY = {"number_connected", "payment_added", "business_verified", "webhooks_subscribed", "token_renewed"}
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
        # these put back what is so at the start
        assert name in ALREADY or meta.get("/control/state") != before
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


def test_an_account_whose_app_is_not_subscribed_tells_nothing(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    meta.control("event", event="webhooks_unsubscribed")
    graph.send_voucher()
    meta.control("event", event="template_paused")
    meta.settle()
    assert callback.posts == []
    assert graph.get(f"{WABA}/subscribed_apps").json == {"data": []}
    assert graph.post(f"{WABA}/subscribed_apps", {}).json == {"success": True}
    meta.control("event", event="template_unpaused")
    assert callback.wait_for(1)[0].values()[0]["event"] == "REINSTATED"


@pytest.mark.parametrize(
    ("name", "path", "body", "code"),
    [
        ("number_deleted", f"{NUMBER}/register", {"pin": "123456"}, 133015),
        ("number_pin_elsewhere", f"{NUMBER}/register", {"pin": "123456"}, 133005),
        ("number_unverified", f"{NUMBER}/register", {"pin": "123456"}, 133006),
        ("token_expires", f"{WABA}/subscribed_apps", {}, 190),
        ("token_revoked", f"{WABA}/subscribed_apps", {}, 190),
        ("token_without_scope", f"{WABA}/subscribed_apps", {}, 200),
        ("token_without_account", f"{WABA}/subscribed_apps", {}, 200),
    ],
)
def test_what_meta_says_nothing_of_shows_when_it_is_asked(
    graph: Graph, meta: SimulatorProcess, name: str, path: str, body: dict[str, str], code: int
) -> None:
    meta.control("event", event=name)
    assert graph.post(path, body).error["code"] == code
    meta.control("event", event="token_renewed")
    assert graph.get(f"{WABA}/subscribed_apps").status == 200


def test_a_number_whose_name_waits_is_limited_and_one_of_the_phone_is_slow(
    graph: Graph, meta: SimulatorProcess
) -> None:
    meta.control("event", event="number_limited")
    health = graph.get(f"{NUMBER}?fields=health_status").json["health_status"]
    assert health["can_send_message"] == "LIMITED"
    assert health["entities"][0]["additional_info"]
    meta.control("event", event="number_on_phone")
    assert graph.get(f"{NUMBER}?fields=is_on_biz_app").json["is_on_biz_app"] is True
    meta.control("event", event="number_sandbox")
    assert graph.send_voucher("5493415550190").error["code"] == 131030
    meta.control("event", event="business_unverified")
    shown = graph.get(f"{WABA}?fields=business_verification_status,whatsapp_business_manager_messaging_limit").json
    assert list(shown.values())[:2] == ["not_verified", "TIER_250"]


def test_an_answer_that_is_lost_was_carried_out(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("fault", kind="lost", where="register$")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        graph.post(f"{NUMBER}/register", {"pin": "123456"})
    assert meta.get("/control/state")["numbers"][0]["pin"] == "123456"


@pytest.mark.parametrize(("ban", "code"), [("account_banned", 131031), ("account_restricted", 131031)])
def test_a_banned_account_does_not_send(graph: Graph, meta: SimulatorProcess, ban: str, code: int) -> None:
    meta.control("event", event=ban)
    assert graph.send_voucher().error["code"] == code
    meta.control("event", event="account_reinstated")
    assert graph.send_voucher().status == 200


def test_the_operators_form_provokes_events(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    form = b"event=template_paused&template=comprobantes"
    assert graph.call("POST", "/event", form, "application/x-www-form-urlencoded").status == 303
    assert callback.wait_for(1)[0].values()[0]["event"] == "PAUSED"


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
