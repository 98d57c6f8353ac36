"""From an account without numbers to one that sends: numbers, codes, PINs, profile, subscriptions, tokens."""

import time

import pytest

from acuse_simulator.process import SimulatorProcess

from .callback import Callback
from .graph_client import NUMBER, WABA, Graph, voucher

APP = "634974688087057"
APP_TOKEN = f"{APP}|simulator-app-secret"


def _added(graph: Graph, local: str = "3415550100") -> str:
    number: str = graph.post(
        f"{WABA}/phone_numbers", {"cc": "54", "phone_number": local, "verified_name": "Oeste SA"}
    ).json["id"]
    return number


def _code(meta: SimulatorProcess, number: str) -> str:
    return str(next(n["code"] for n in meta.get("/control/state")["numbers"] if n["id"] == number))


def test_a_number_is_added_verified_and_registered(graph: Graph, meta: SimulatorProcess) -> None:
    number = _added(graph)
    assert graph.get(f"{number}?fields=status,code_verification_status").json["status"] == "PENDING"
    assert graph.post(f"{number}/register", {"messaging_product": "whatsapp", "pin": "212834"}).error["code"] == 133006
    assert graph.call("POST", f"/v26.0/{number}/request_code?code_method=SMS&language=es_AR").json == {"success": True}
    code = _code(meta, number)
    wrong = "000000" if code != "000000" else "111111"
    assert graph.post(f"{number}/verify_code", {"code": wrong}).error["code"] == 136025
    assert graph.post(f"{number}/verify_code", {"code": f"{code[:3]}-{code[3:]}"}).json == {"success": True}
    assert graph.post(f"{number}/register", {"messaging_product": "whatsapp", "pin": "212834"}).status == 200
    shown = graph.get(f"{number}?fields=status,code_verification_status,is_pin_enabled").json
    assert shown == {
        "id": number,
        "status": "CONNECTED",
        "code_verification_status": "VERIFIED",
        "is_pin_enabled": True,
    }


def test_a_number_that_exists_and_one_too_many_are_refused(graph: Graph, meta: SimulatorProcess) -> None:
    body = {"cc": "54", "phone_number": "91155509000", "verified_name": "Oeste SA"}
    assert graph.post(f"{WABA}/phone_numbers", body).error["error_subcode"] == 2388012
    meta.control("settings", max_numbers=1)
    body["phone_number"] = "3415550100"
    assert graph.post(f"{WABA}/phone_numbers", body).error["error_subcode"] == 2388103


def test_a_code_is_not_sent_again_at_once_and_expires_by_wrong_guesses(graph: Graph) -> None:
    number = _added(graph)
    ask = {"code_method": "VOICE", "language": "es_AR"}
    assert graph.post(f"{number}/request_code", ask).status == 200
    assert graph.post(f"{number}/request_code", ask).error["code"] == 136024
    messages = [graph.post(f"{number}/verify_code", {"code": "1"}).error["error_user_msg"] for _ in range(7)]
    assert "Too many" in messages[-1]


def test_a_wrong_pin_a_hasty_one_and_too_many(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id=NUMBER, pin="123456", status="DISCONNECTED")
    guess = {"messaging_product": "whatsapp", "pin": "000000"}
    assert graph.post(f"{NUMBER}/register", guess).error["code"] == 133005
    assert graph.post(f"{NUMBER}/register", guess).error["code"] == 133009
    meta.control("numbers", id=NUMBER, pin_failures=5)
    assert graph.post(f"{NUMBER}/register", guess).error["code"] == 133008
    guess["pin"] = "123456"
    assert graph.post(f"{NUMBER}/register", guess).json == {"success": True}


def test_an_eleventh_registration_in_72_hours_is_refused(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id=NUMBER, registrations=[time.time() - n * 3600 for n in range(10)])
    right = {"messaging_product": "whatsapp", "pin": "123456"}
    assert graph.post(f"{NUMBER}/register", right).error["code"] == 133016


def test_a_number_of_the_business_app_is_not_deregistered(graph: Graph, meta: SimulatorProcess) -> None:
    assert graph.post(f"{NUMBER}/deregister", {}).json == {"success": True}
    meta.control("numbers", id=NUMBER, on_biz_app=True)
    assert graph.post(f"{NUMBER}/deregister", {}).error["code"] == 100


def test_the_profile_is_written_and_read(graph: Graph) -> None:
    path = f"{NUMBER}/whatsapp_business_profile"
    given = {"about": "Comprobantes de Oeste SA", "websites": ["https://oeste.example/"], "vertical": "RETAIL"}
    assert graph.post(path, {"messaging_product": "whatsapp", **given}).json == {"success": True}
    assert graph.get(f"{path}?fields=about,websites,vertical,email").json["data"] == [
        {**given, "messaging_product": "whatsapp"}
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"about": "x" * 140}, {"about": " "}, {"email": "sin arroba"}, {"websites": ["https://a.example/"] * 3},
     {"websites": ["oeste.example"]}, {"vertical": "NADA"}, {"profile_picture_handle": "4::nada"}],
)  # fmt: skip
def test_a_profile_that_meta_would_refuse(graph: Graph, wrong: dict[str, object]) -> None:
    body = {"messaging_product": "whatsapp", **wrong}
    assert graph.post(f"{NUMBER}/whatsapp_business_profile", body).error["code"] == 100


def test_the_app_subscribes_its_callback_after_the_handshake(
    graph: Graph, meta: SimulatorProcess, callback: Callback
) -> None:
    meta.control("configure-webhook", url=None)
    app = Graph(meta.url, APP_TOKEN)
    body = {
        "object": "whatsapp_business_account", "callback_url": callback.url, "verify_token": "malo",
        "fields": "messages,security",
    }  # fmt: skip
    assert app.post(f"{APP}/subscriptions", body).error["code"] == 2200
    assert app.get(f"{APP}/subscriptions").json == {"data": []}
    body["verify_token"] = callback.verify_token
    assert app.post(f"{APP}/subscriptions", body).json == {"success": True}
    (row,) = app.get(f"{APP}/subscriptions").json["data"]
    assert (row["callback_url"], [f["name"] for f in row["fields"]]) == (callback.url, ["messages", "security"])
    meta.control("event", event="limit_changed")
    meta.control("event", event="pin_changed")
    (post,) = callback.wait_for(1)
    assert post.json["entry"][0]["changes"][0]["field"] == "security"


def test_only_the_app_itself_subscribes_and_only_to_fields_that_exist(graph: Graph, meta: SimulatorProcess) -> None:
    body = {"object": "whatsapp_business_account", "callback_url": "http://127.0.0.1:9/", "verify_token": "x"}
    body["fields"] = "messages"
    assert graph.post(f"{APP}/subscriptions", body).error["code"] == 190
    assert Graph(meta.url, f"{APP}|otro").post(f"{APP}/subscriptions", body).error["code"] == 190
    body["fields"] = "mensajes"
    assert Graph(meta.url, APP_TOKEN).post(f"{APP}/subscriptions", body).error["code"] == 100


def test_a_token_without_a_scope_or_without_the_account(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("tokens", token="corto", scopes=["whatsapp_business_messaging"])
    meta.control("tokens", token="de-otra-cuenta", targets=["999"])
    assert Graph(meta.url, "corto").get(f"{WABA}/phone_numbers").error["code"] == 200
    assert Graph(meta.url, "de-otra-cuenta").get(f"{WABA}/phone_numbers").error["code"] == 200
    data = graph.get("debug_token?input_token=de-otra-cuenta").json["data"]
    assert data["granular_scopes"][0]["target_ids"] == ["999"]


def test_an_expired_token_says_so(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("tokens", token="viejo", expires_at=int(time.time()) - 1)
    assert Graph(meta.url, "viejo").get(NUMBER).error["error_subcode"] == 463
    data = graph.get("debug_token?input_token=viejo").json["data"]
    assert (data["is_valid"], data["error"]["subcode"]) == (False, 463)


def test_a_test_number_writes_only_to_its_list(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("numbers", id=NUMBER, account_mode="SANDBOX", allowed=["543415550190"])
    assert graph.send_voucher("5493415550190").error["code"] == 131030
    assert graph.send_voucher("543415550190").status == 200


def test_the_portfolio_limit_counts_different_people(graph: Graph, meta: SimulatorProcess) -> None:
    meta.control("account", tier="TIER_50")
    meta.control("settings", enforce_tier=True)
    media = graph.media()
    answers = [graph.send(voucher(media, f"54934155570{n:02}")).status for n in range(51)]
    assert answers == [200] * 50 + [400]
    assert graph.send(voucher(media, "5493415557000")).status == 200
