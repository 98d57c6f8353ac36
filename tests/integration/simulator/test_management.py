import pytest

from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import NUMBER, WABA, Graph


def test_a_number_shows_the_fields_asked_for(graph: Graph) -> None:
    shown = graph.get(f"{NUMBER}?fields=display_phone_number,status,throughput").json
    assert shown == {
        "display_phone_number": "+54 9 11 5550-9000",
        "status": "CONNECTED",
        "throughput": {"level": "STANDARD"},
        "id": NUMBER,
    }


def test_an_unknown_field_is_100(graph: Graph) -> None:
    error = graph.get(f"{NUMBER}?fields=saldo").error
    assert error["code"] == 100
    assert "(saldo)" in error["message"]


def test_the_numbers_of_an_account_are_listed(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id="777", display="+54 9 351 555-9001", waba="888")
    assert [n["id"] for n in graph.get(f"{WABA}/phone_numbers").json["data"]] == [NUMBER]
    assert [n["id"] for n in graph.get("888/phone_numbers").json["data"]] == ["777"]


def test_health_is_the_worst_of_its_entities(graph: Graph, meta: SimulatorProcess) -> None:
    assert graph.get(f"{NUMBER}?fields=health_status").json["health_status"]["can_send_message"] == "AVAILABLE"
    problem = {"error_code": 141006, "error_description": "Falta el pago", "possible_solution": "Cargar una tarjeta"}
    meta.control("numbers", id=NUMBER, health={"can_send_message": "BLOCKED", "errors": [problem]})
    health = graph.get(f"{NUMBER}?fields=health_status").json["health_status"]
    assert health["can_send_message"] == "BLOCKED"
    assert health["entities"][0]["errors"] == [problem]


def test_an_account_shows_itself(graph: Graph) -> None:
    shown = graph.get(f"{WABA}?fields=currency,business_verification_status").json
    assert shown == {"currency": "ARS", "business_verification_status": "verified", "id": WABA}


@pytest.mark.parametrize("path", ["1", "1/phone_numbers", "1/message_templates", "1/subscribed_apps"])
def test_an_unknown_object_is_100_with_subcode_33(graph: Graph, path: str) -> None:
    error = graph.get(path).error
    assert (error["code"], error["error_subcode"]) == (100, 33)


def test_templates_come_in_pages(graph: Graph, meta: SimulatorProcess) -> None:
    for n in range(4):
        meta.control("templates", name=f"extra_{n}", components=[{"type": "BODY", "text": "Hola."}])
    names, path = [], f"{WABA}/message_templates?fields=name,status&limit=2"
    for _ in range(3):
        page = graph.get(path).json
        names += [row["name"] for row in page["data"]]
        if "next" not in page["paging"]:
            break
        assert page["paging"]["next"].startswith("http://127.0.0.1:")
        path = f"{WABA}/message_templates?fields=name,status&limit=2&after={page['paging']['cursors']['after']}"
    assert names == ["comprobantes", "extra_0", "extra_1", "extra_2", "extra_3"]


def test_templates_can_be_filtered_by_name(graph: Graph) -> None:
    (row,) = graph.get(f"{WABA}/message_templates?name=comprobantes").json["data"]
    assert (row["language"], row["status"], row["category"]) == ("es_AR", "APPROVED", "UTILITY")
    assert graph.get(f"{WABA}/message_templates?name=otra").json == {"data": []}


def test_a_new_template_waits_for_approval(graph: Graph) -> None:
    body = {
        "name": "nueva",
        "language": "es_AR",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Hola."}],
    }
    created = graph.post(f"{WABA}/message_templates", body).json
    assert created["status"] == "PENDING"
    assert graph.get(created["id"]).json["name"] == "nueva"
    assert graph.post(f"{WABA}/message_templates", body).error["code"] == 100


def test_a_token_tells_about_itself(graph: Graph, meta: SimulatorProcess) -> None:
    data = graph.get("debug_token?input_token=simulator-token").json["data"]
    assert data["is_valid"]
    assert data["expires_at"] == 0
    assert set(data["scopes"]) == {"whatsapp_business_management", "whatsapp_business_messaging"}
    assert not graph.get("debug_token?input_token=otro").json["data"]["is_valid"]
    app = Graph(meta.url, "634974688087057|simulator-app-secret")
    meta.control("tokens", token="simulator-token", valid=False)
    assert not app.get("debug_token?input_token=simulator-token").json["data"]["is_valid"]


def test_an_app_subscribes_and_unsubscribes(graph: Graph) -> None:
    assert len(graph.get(f"{WABA}/subscribed_apps").json["data"]) == 1
    assert graph.delete(f"{WABA}/subscribed_apps").json == {"success": True}
    assert graph.get(f"{WABA}/subscribed_apps").json == {"data": []}
    assert graph.post(f"{WABA}/subscribed_apps", {}).json == {"success": True}
    (row,) = graph.get(f"{WABA}/subscribed_apps").json["data"]
    assert row["whatsapp_business_api_data"]["id"] == "634974688087057"


def test_an_override_must_pass_the_handshake(graph: Graph, meta: SimulatorProcess, callback: Callback) -> None:
    override = {"override_callback_uri": callback.url, "verify_token": "malo"}
    assert graph.post(f"{WABA}/subscribed_apps", override).status == 400
    override["verify_token"] = callback.verify_token
    assert graph.post(f"{WABA}/subscribed_apps", override).json == {"success": True}
    (row,) = graph.get(f"{WABA}/subscribed_apps").json["data"]
    assert row["override_callback_uri"] == callback.url
    meta.control("configure-webhook", url="http://127.0.0.1:9/")
    graph.send_voucher()
    callback.wait_for(3)
