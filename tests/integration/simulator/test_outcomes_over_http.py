import http.client
import json
import time
import urllib.request

import pytest

from acuse_simulator.outcomes import OUTCOMES, Answer
from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import Graph, voucher

REFUSING = {suffix: o for suffix, o in OUTCOMES.items() if o.answer is Answer.REFUSE}
RECEIVING = {suffix: o for suffix, o in OUTCOMES.items() if o.answer in (Answer.ACCEPT, Answer.HELD)}


def _to(suffix: str) -> str:
    return f"549115555{suffix}"


@pytest.mark.parametrize("suffix", sorted(REFUSING))
def test_a_scripted_refusal_is_noted_as_refused_and_ends_when_it_says(
    graph: Graph, meta: SimulatorProcess, suffix: str
) -> None:
    outcome = REFUSING[suffix]
    media = graph.media()
    for _ in range(outcome.times or 2):
        assert graph.send(voucher(media, _to(suffix))).error["code"] == outcome.code
    assert meta.ledger()["counts"]["accepted"] == 0
    after = graph.send(voucher(media, _to(suffix))).status
    assert (after == 200) == (outcome.times is not None)


@pytest.mark.parametrize("suffix", sorted(RECEIVING))
def test_the_receipts_are_those_of_the_table(graph: Graph, callback: Callback, suffix: str) -> None:
    outcome = RECEIVING[suffix]
    answer = graph.send_voucher(_to(suffix))
    expected = sorted([(step.status, step.code) for step in outcome.receipts] * outcome.copies, key=str)
    callback.wait_for_statuses(len(expected))
    time.sleep(0.15)
    came = [(s["status"], s["errors"][0]["code"] if "errors" in s else None) for s in callback.statuses()]
    assert sorted(came, key=str) == expected
    assert {s["id"] for s in callback.statuses()} <= {answer.wamid}


@pytest.mark.parametrize(
    ("suffix", "order"), [("0025", ["sent", "failed", "delivered"]), ("0033", ["read", "delivered", "sent"])]
)
def test_a_scripted_order_is_kept(graph: Graph, callback: Callback, suffix: str, order: list[str]) -> None:
    graph.send_voucher(_to(suffix))
    callback.wait_for_statuses(3)
    assert [s["status"] for s in callback.statuses()] == order


def test_a_held_message_says_so(graph: Graph) -> None:
    answer = graph.send_voucher(_to("0027"))
    assert answer.json["messages"][0]["message_status"] == "held_for_quality_assessment"


def test_a_slow_answer_comes(graph: Graph) -> None:
    media, started = graph.media(), time.monotonic()
    assert graph.send(voucher(media, _to("0004"))).status == 200
    assert time.monotonic() - started > 0.35


def test_a_very_slow_answer_outlasts_the_client_and_the_message_counts(graph: Graph, meta: SimulatorProcess) -> None:
    with pytest.raises(TimeoutError):
        graph.send(voucher(graph.media(), _to("0005")), timeout=0.3)
    while not meta.ledger()["counts"]["accepted"]:
        time.sleep(0.02)
    assert meta.ledger()["counts"]["accepted"] == 1


def test_a_lost_answer_closes_the_connection_and_the_message_counts(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        graph.send_voucher(_to("0006"), biz_opaque_callback_data="delivery:6")
    assert meta.ledger()["by_opaque"] == {"delivery:6": {"accepted": 1, "refused": 0}}
    statuses = callback.wait_for_statuses(3)
    assert {s["biz_opaque_callback_data"] for s in statuses} == {"delivery:6"}


def test_a_connection_closed_before_counts_as_refused(graph: Graph, meta: SimulatorProcess) -> None:
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        graph.send_voucher(_to("0007"), biz_opaque_callback_data="delivery:7")
    assert meta.ledger()["by_opaque"] == {"delivery:7": {"accepted": 0, "refused": 1}}


def test_cutting_one_connection_leaves_the_others(graph: Graph, meta: SimulatorProcess) -> None:
    address = meta.url.removeprefix("http://")
    other = http.client.HTTPConnection(address, timeout=5)
    other.request("GET", "/control/state")
    other.getresponse().read()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        graph.send_voucher(_to("0007"))
    other.request("GET", "/control/state")
    assert other.getresponse().status == 200
    other.close()


def test_half_an_answer_is_cut_in_the_middle_and_the_message_counts(graph: Graph, meta: SimulatorProcess) -> None:
    with pytest.raises(http.client.IncompleteRead) as cut:
        graph.send_voucher(_to("0010"))
    assert cut.value.partial.startswith(b'{"messaging_product"')
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.value.partial)
    assert meta.ledger()["counts"]["accepted"] == 1


@pytest.mark.parametrize(("suffix", "status"), [("0008", 500), ("0009", 502)])
def test_an_error_page_is_html_and_nothing_counts(
    graph: Graph, meta: SimulatorProcess, suffix: str, status: int
) -> None:
    answer = graph.send_voucher(_to(suffix))
    assert answer.status == status
    assert answer.headers["content-type"].startswith("text/html")
    assert meta.ledger()["counts"]["accepted"] == 0


def test_a_redirect_names_another_address(graph: Graph, meta: SimulatorProcess) -> None:
    answer = graph.send_voucher(_to("0011"))
    assert (answer.status, answer.headers["location"]) == (302, "/elsewhere")
    assert meta.ledger()["counts"]["accepted"] == 0


def test_a_file_that_is_not_what_it_says_fails_later(graph: Graph, callback: Callback) -> None:
    media = graph.media(b"not a pdf")
    assert graph.send(voucher(media)).status == 200
    (status,) = callback.wait_for_statuses(1)
    assert status["errors"][0]["code"] == 131053


def test_any_number_can_be_given_any_outcome(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("outcomes", to="+54 9 11 5555-1234", outcome="token_invalid")
    assert graph.send_voucher("5491155551234").error["code"] == 190
    meta.control("outcomes", to="5491155551234", outcome=None)
    assert graph.send_voucher("5491155551234").status == 200
    with pytest.raises(urllib.request.HTTPError, match="400"):
        meta.control("outcomes", to="1", outcome="invented")
