from urllib.parse import urlencode

import pytest

from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import ORDINARY, PDF, Graph, voucher

FORM = "application/x-www-form-urlencoded"


def _page(graph: Graph, path: str) -> str:
    answer = graph.call("GET", path)
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    html = answer.body.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "onclick" not in html
    return html


def test_the_phone_shows_the_message_as_the_customer_sees_it(graph: Graph, meta: SimulatorProcess) -> None:
    graph.send_voucher()
    meta.settle()
    html = _page(graph, f"/phone/{ORDINARY}")
    assert "Hola, te enviamos el comprobante Factura A 00003-00000042." in html
    assert "Factura A.pdf" in html
    assert "Mensaje automático" in html
    assert "Leído" in html
    assert "Empresa de Ejemplo SA" in html


def test_the_document_opens(graph: Graph) -> None:
    wamid = graph.send_voucher().wamid
    answer = graph.call("GET", f"/phone/{ORDINARY}/document/{wamid}")
    assert answer.body == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''Factura%20A.pdf"
    assert f'href="/phone/{ORDINARY}/document/{wamid}"' in _page(graph, f"/phone/{ORDINARY}")


def test_another_persons_document_does_not_open(graph: Graph) -> None:
    wamid = graph.send_voucher().wamid
    assert graph.call("GET", f"/phone/5491155559999/document/{wamid}").status == 404


def test_bytes_that_are_not_a_pdf_are_downloaded_and_never_shown(graph: Graph) -> None:
    wamid = graph.send(voucher(graph.media(b"<script>alert(1)</script>"))).wamid
    answer = graph.call("GET", f"/phone/{ORDINARY}/document/{wamid}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment")


def test_what_people_typed_is_text_and_not_markup(graph: Graph, meta: SimulatorProcess) -> None:
    graph.send_voucher(parameter="<img src=x onerror=alert(1)>")
    meta.control("inbound", **{"from": ORDINARY, "text": "<script>alert(2)</script>"})
    html = _page(graph, f"/phone/{ORDINARY}")
    assert "<img" not in html
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(2)" in html


def test_answering_on_the_phone_tells_the_business(graph: Graph, callback: Callback) -> None:
    graph.send_voucher()
    callback.wait_for(3)
    form = urlencode({"text": "Recibido, gracias"}).encode()
    answer = graph.call("POST", f"/phone/{ORDINARY}/answer", form, FORM)
    assert (answer.status, answer.headers["location"]) == (303, f"/phone/{ORDINARY}")
    (message,) = callback.wait_for(4)[-1].values()[0]["messages"]
    assert message["text"]["body"] == "Recibido, gracias"
    assert "Recibido, gracias" in _page(graph, f"/phone/{ORDINARY}?fragment=1")


def test_marking_read_sends_the_receipt_once(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    meta.control("delays", read=None)
    graph.send_voucher()
    callback.wait_for(2)
    assert "Recibido" in _page(graph, f"/phone/{ORDINARY}")
    for _ in range(2):
        graph.call("POST", f"/phone/{ORDINARY}/read", b"", FORM)
        meta.settle()
    assert [s["status"] for s in callback.statuses()] == ["sent", "delivered", "read"]
    assert "Leído" in _page(graph, f"/phone/{ORDINARY}")


def test_a_failed_message_says_that_it_did_not_arrive(graph: Graph, meta: SimulatorProcess) -> None:
    graph.send_voucher("5491155550002")
    meta.settle()
    assert "No llegó" in _page(graph, "/phone/5491155550002")


def test_chats_are_listed_the_latest_first(graph: Graph) -> None:
    graph.send_voucher("5491155551111")
    graph.send_voucher("5491155552222")
    html = _page(graph, "/phone/")
    assert html.index("5555-2222") < html.index("5555-1111")


@pytest.mark.parametrize("path", ["/phone/", f"/phone/{ORDINARY}", "/"])
def test_empty_pages_explain_themselves(graph: Graph, path: str) -> None:
    html = _page(graph, path)
    assert 'lang="es-AR"' in html
    assert "Todavía" in html or "todavía" in html


def test_the_operators_page_shows_every_outcome(graph: Graph) -> None:
    html = _page(graph, "/")
    assert "not_on_whatsapp" in html
    assert "spam_limited" in html


@pytest.mark.parametrize("name", ["phone.css", "phone.js", "mark.svg"])
def test_its_own_files_are_served(graph: Graph, name: str) -> None:
    assert graph.call("GET", f"/static/{name}").status == 200
