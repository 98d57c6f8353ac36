from typing import Any

import pytest

from acuse_simulator.process import SimulatorProcess

from .graph_client import NUMBER, ORDINARY, Graph, text, voucher


def test_a_voucher_is_accepted_with_its_wamid(graph: Graph, meta: SimulatorProcess) -> None:
    media = graph.media()
    answer = graph.send(voucher(media, "+54 9 11 5555-1234", biz_opaque_callback_data="delivery:1"))
    assert answer.status == 200
    assert answer.json["contacts"] == [{"input": "+54 9 11 5555-1234", "wa_id": ORDINARY}]
    assert answer.json["messages"][0]["message_status"] == "accepted"
    (noted,) = meta.ledger()["messages"]
    assert noted["accepted"]
    assert noted["wamid"] == answer.wamid
    assert noted["media"] == media
    assert noted["filename"] == "Factura A.pdf"
    assert (noted["template"], noted["language"]) == ("comprobantes", "es_AR")
    assert noted["parameters"] == ["Factura A 00003-00000042"]
    assert meta.ledger()["by_opaque"] == {"delivery:1": {"accepted": 1, "refused": 0}}


def test_without_a_token_it_answers_104_and_with_another_190(graph: Graph, meta: SimulatorProcess) -> None:
    body = voucher(graph.media())
    assert Graph(meta.url, None).send(body).error["code"] == 104
    wrong = Graph(meta.url, "another").send(body)
    assert (wrong.status, wrong.error["code"], wrong.error["type"]) == (401, 190, "OAuthException")
    assert wrong.error["fbtrace_id"]


def test_a_revoked_token_works_again_once_restored(graph: Graph, meta: SimulatorProcess) -> None:
    media = graph.media()
    meta.control("tokens", token="simulator-token", valid=False)
    assert graph.send(voucher(media)).error["code"] == 190
    meta.control("tokens", token="simulator-token", valid=True)
    assert graph.send(voucher(media)).status == 200


def test_an_unknown_number_is_100_with_subcode_33(graph: Graph) -> None:
    refused = graph.send(voucher(graph.media()), number="1")
    assert (refused.status, refused.error["code"], refused.error["error_subcode"]) == (400, 100, 33)


def test_a_number_that_is_not_registered_is_133010(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id=NUMBER, status="DISCONNECTED")
    assert graph.send_voucher().error["code"] == 133010
    assert graph.post(f"{NUMBER}/register", {"messaging_product": "whatsapp", "pin": "123456"}).status == 200
    assert graph.send_voucher().status == 200


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"messaging_product": "telegram"}, 100),
        ({"to": ""}, 100),
        ({"to": 5491155551234}, 100),
        ({"to": "no es un número"}, 131009),
        ({"to": "123"}, 131009),
        ({"to": "+54 9 11 5550-9000"}, 131021),
        ({"type": "carta"}, 131051),
        ({"template": None}, 100),
        ({"template": {"name": "comprobantes"}}, 131008),
        ({"template": {"name": "otra", "language": {"code": "es_AR"}}}, 132001),
        ({"template": {"name": "comprobantes", "language": {"code": "en_US"}}}, 132001),
        ({"biz_opaque_callback_data": "x" * 513}, 100),
        ({"biz_opaque_callback_data": 7}, 100),
    ],
)
def test_a_bad_message_is_refused_and_noted(
    graph: Graph, meta: SimulatorProcess, change: dict[str, Any], code: int
) -> None:
    refused = graph.send({**voucher(graph.media()), **change})
    assert refused.error["code"] == code
    assert refused.status >= 400
    assert meta.ledger()["counts"]["accepted"] == 0


def test_opaque_data_of_512_characters_passes(graph: Graph) -> None:
    assert graph.send_voucher(biz_opaque_callback_data="x" * 512).status == 200


@pytest.mark.parametrize(("status", "code"), [("PAUSED", 132015), ("DISABLED", 132016), ("PENDING", 132001)])
def test_a_template_that_is_not_approved_is_refused(
    graph: Graph, meta: SimulatorProcess, status: str, code: int
) -> None:
    media = graph.media()
    meta.control("templates", name="comprobantes", status=status)
    assert graph.send(voucher(media)).error["code"] == code
    meta.control("templates", name="comprobantes", status="APPROVED")
    assert graph.send(voucher(media)).status == 200


def test_errors_carry_their_details(graph: Graph) -> None:
    body = voucher(graph.media())
    body["template"]["components"][1]["parameters"] = []
    error = graph.send(body).error
    assert error["code"] == 132000
    assert error["message"].startswith("(#132000) ")
    assert "(0) does not match the expected number of params (1)" in error["error_data"]["details"]
    assert error["error_data"]["messaging_product"] == "whatsapp"


def test_a_parameter_with_a_line_break_is_132018(graph: Graph) -> None:
    assert graph.send_voucher(parameter="dos\nlíneas").error["code"] == 132018


def test_a_file_that_is_unknown_or_of_another_number_is_100(graph: Graph, meta: SimulatorProcess) -> None:
    assert graph.send(voucher("12345")).error["code"] == 100
    meta.control("numbers", id="777", display="+54 9 11 5550-9001")
    foreign = graph.media(number="777")
    assert graph.send(voucher(foreign)).error["code"] == 100
    assert graph.send(voucher(foreign), number="777").status == 200


def test_a_file_older_than_its_life_is_131053(graph: Graph, meta: SimulatorProcess) -> None:
    media = graph.media()
    meta.control("expire-media", id=media)
    assert graph.send(voucher(media)).error["code"] == 131053


def test_a_document_goes_by_id_or_by_link_and_never_both(graph: Graph) -> None:
    body = voucher(graph.media())
    document = body["template"]["components"][0]["parameters"][0]["document"]
    document["link"] = "https://example.com/a.pdf"
    assert graph.send(body).error["code"] == 131009
    del document["id"]
    assert graph.send(body).status == 200
    del document["link"]
    assert graph.send(body).error["code"] == 131008


def test_only_a_pdf_goes_in_the_header(graph: Graph) -> None:
    media = graph.media(b"hola", mime_type="text/plain", filename="a.txt")
    assert graph.send(voucher(media)).error["code"] == 132012


def test_free_text_waits_for_the_customer_to_write(graph: Graph, meta: SimulatorProcess) -> None:
    assert graph.send(text("Hola")).error["code"] == 131047
    meta.control("inbound", **{"from": ORDINARY, "text": "¿Me la mandan?"})
    assert graph.send(text("Acá va")).status == 200
    document = {"id": graph.media(), "filename": "pedido.pdf", "caption": "Tu pedido"}
    body = {"messaging_product": "whatsapp", "to": ORDINARY, "type": "document", "document": document}
    assert graph.send(body).status == 200
    assert meta.ledger()["messages"][-1]["text"] == "Tu pedido"


def test_an_open_window_of_one_number_is_closed_for_another(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id="777", display="+54 9 11 5550-9001")
    meta.control("inbound", **{"from": ORDINARY, "text": "Hola", "number": "777"})
    assert graph.send(text("Hola")).error["code"] == 131047
    assert graph.send(text("Hola"), number="777").status == 200


def test_the_throughput_of_a_number_is_130429(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id=NUMBER, throughput=1)
    media = graph.media()
    assert graph.send(voucher(media, "5491155551111")).status == 200
    limited = graph.send(voucher(media, "5491155552222"))
    assert (limited.status, limited.error["code"]) == (400, 130429)
    meta.control("numbers", id=NUMBER, throughput=0)
    assert graph.send(voucher(media, "5491155552222")).status == 200


def test_a_burst_to_one_recipient_is_131056(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id=NUMBER, throughput=0)
    media = graph.media()
    codes = [graph.send(voucher(media)).json.get("error", {}).get("code") for _ in range(46)]
    assert codes == [None] * 45 + [131056]
    assert graph.send(voucher(media, "5491155552222")).status == 200


def test_a_person_can_be_addressed_by_user_id_after_the_first_contact(graph: Graph, meta: SimulatorProcess) -> None:
    body = {"messaging_product": "whatsapp", "type": "text", "text": {"body": "Hola"}}
    assert graph.send({**body, "recipient": "AR.1"}).error["code"] == 131009
    user = meta.control("inbound", **{"from": ORDINARY, "text": "Hola"})["user_id"]
    answer = graph.send({**body, "recipient": user})
    assert answer.json["contacts"] == [{"input": user, "user_id": user}]
    assert meta.ledger()["messages"][-1]["customer"] == ORDINARY


def test_reading_a_customers_message_needs_one_of_theirs(graph: Graph, meta: SimulatorProcess) -> None:
    wamid = meta.control("inbound", **{"from": ORDINARY, "text": "Hola"})["wamid"]
    read = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    assert graph.send(read).json == {"success": True}
    assert graph.send({**read, "message_id": "wamid.X"}).error["code"] == 131009


def test_a_body_that_is_not_json_is_100(graph: Graph) -> None:
    assert graph.call("POST", f"/v26.0/{NUMBER}/messages", b"{", "application/json").error["code"] == 100
    assert graph.send([]).error["code"] == 100  # type: ignore[arg-type]


def test_an_unknown_path_is_a_json_error(graph: Graph) -> None:
    for path in ("/v26.0/1/2/3", "/nada", "/latest/106540352242922"):
        answer = graph.call("GET", path)
        assert answer.status == 404
        assert answer.error["type"] == "OAuthException"
