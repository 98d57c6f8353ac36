"""Templates from the sample's upload to approval, and what Meta refuses."""

import http.client
import json
from typing import Any

import pytest

from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import PDF, WABA, Graph

APP = "634974688087057"
GOOD = "Hola, ya está tu comprobante {{1}}. Muchas gracias."


def _handle(graph: Graph, content: bytes = PDF) -> str:
    query = f"file_name=ejemplo.pdf&file_length={len(content)}&file_type=application/pdf"
    session = graph.call("POST", f"/v26.0/{APP}/uploads?{query}").json["id"]
    connection = http.client.HTTPConnection(graph.address, timeout=10)
    headers = {"Authorization": f"OAuth {graph.token}", "file_offset": "0"}
    connection.request("POST", f"/v26.0/{session}", content, headers)
    handle: str = json.loads(connection.getresponse().read())["h"]
    connection.close()
    return handle


def _template(graph: Graph, body: str = GOOD, **top: Any) -> dict[str, Any]:
    return {
        "name": "nueva", "language": "es_AR", "category": "UTILITY", "parameter_format": "POSITIONAL",
        "components": [
            {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": [_handle(graph)]}},
            {"type": "BODY", "text": body, "example": {"body_text": [["Factura A 00003-00000042"]]}},
            {"type": "FOOTER", "text": "Oeste SA"},
        ],
        **top,
    }  # fmt: skip


def test_a_template_with_a_document_is_made_and_approved(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    meta.control("settings", review_seconds=0.05)
    made = graph.post(f"{WABA}/message_templates", _template(graph)).json
    assert made["status"] == "PENDING"
    (post,) = callback.wait_for(1)
    assert post.values()[0]["event"] == "APPROVED"
    assert graph.get(f"{made['id']}?fields=status").json["status"] == "APPROVED"


def test_a_template_is_rejected_with_the_reason(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("settings", review_seconds=0.05, reject="INVALID_FORMAT")
    made = graph.post(f"{WABA}/message_templates", _template(graph)).json
    callback.wait_for(1)
    shown = graph.get(f"{made['id']}?fields=status,rejected_reason").json
    assert (shown["status"], shown["rejected_reason"]) == ("REJECTED", "INVALID_FORMAT")


def test_an_upload_goes_on_from_where_it_was(graph: Graph) -> None:
    session = graph.call("POST", f"/v26.0/{APP}/uploads?file_name=a.pdf&file_length=9&file_type=application/pdf").json
    assert graph.get(session["id"]).json == {"id": session["id"], "file_offset": 0}
    assert graph.call("POST", f"/v26.0/{APP}/uploads?file_name=a.txt&file_length=9&file_type=text/plain").status == 400
    assert graph.call("POST", "/v26.0/123/uploads?file_name=a&file_length=9&file_type=application/pdf").status == 400


@pytest.mark.parametrize(
    ("body", "subcode"),
    [
        ("{{1}} es tu comprobante de hoy, muchas gracias.", 2388299),
        ("Te mandamos tu comprobante {{1}}", 2388299),
        ("Hola, este es tu comprobante {{1}} {{2}} de hoy, gracias por tu compra.", 2388072),
        ("Hola, este es tu comprobante {{2}} de hoy, muchas gracias.", 2388073),
        ("Va {{1}} ya.", 2388293),
        ("x" * 1025, 2388040),
    ],
)
def test_a_body_that_meta_would_refuse(graph: Graph, body: str, subcode: int) -> None:
    error = graph.post(f"{WABA}/message_templates", _template(graph, body)).error
    assert (error["code"], error["error_subcode"]) == (100, subcode)
    assert error["error_user_msg"]


def test_a_sample_that_was_never_uploaded_is_refused(graph: Graph) -> None:
    body = _template(graph)
    body["components"][0]["example"]["header_handle"] = ["4::nada"]
    assert graph.post(f"{WABA}/message_templates", body).error["error_subcode"] == 2388273


def test_a_text_that_promotes_is_marketing(graph: Graph) -> None:
    body = _template(graph, "Hola, tu comprobante {{1}} viene con una oferta para vos. Gracias.")
    assert graph.post(f"{WABA}/message_templates", body).json["category"] == "MARKETING"


def test_a_name_that_is_taken_or_was_deleted(graph: Graph) -> None:
    body = _template(graph, name="comprobantes")
    assert graph.post(f"{WABA}/message_templates", body).error["error_subcode"] == 2388024
    assert graph.delete(f"{WABA}/message_templates?name=comprobantes").json == {"success": True}
    assert graph.post(f"{WABA}/message_templates", body).error["error_subcode"] == 2388023
    assert graph.delete(f"{WABA}/message_templates?name=comprobantes").status == 400


def test_an_approved_template_is_edited_once_a_day(graph: Graph) -> None:
    (row,) = graph.get(f"{WABA}/message_templates?name=comprobantes").json["data"]
    edited = _template(graph)["components"]
    assert graph.post(row["id"], {"components": edited}).json == {"success": True}
    assert graph.get(f"{row['id']}?fields=status").json["status"] == "PENDING"
    assert graph.post(row["id"], {"components": edited}).error["error_subcode"] == 2388025


def test_a_paused_template_is_unpaused(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("event", event="template_paused")
    assert graph.send_voucher().error["code"] == 132015
    (row,) = graph.get(f"{WABA}/message_templates?name=comprobantes").json["data"]
    assert graph.post(f"{row['id']}/unpause", {}).json == {"success": True}
    assert graph.send_voucher().status == 200
    assert [p.values()[0].get("event") for p in callback.wait_for(2)][:2] == ["PAUSED", "APPROVED"]
