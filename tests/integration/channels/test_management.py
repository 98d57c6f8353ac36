"""The client of the account's side against the simulator, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from acuse.channels.contract import Verdict
from acuse.channels.whatsapp.management import Management, ManagementError, app_token, run
from acuse_simulator.process import SimulatorProcess
from tests.integration.simulator.graph_client import Graph

T = TypeVar("T")

NUMBER, WABA, APP = "106540352242922", "102290129340398", "634974688087057"
PDF = b"%PDF-1.7\n%%EOF\n"


def _ask(meta: SimulatorProcess, what: Callable[[Management], Awaitable[T]], token: str = "simulator-token") -> T:
    return run(what, base_url=meta.url, version="v26.0", access_token=token)


def _refused(
    meta: SimulatorProcess, what: Callable[[Management], Awaitable[object]], token: str = "simulator-token"
) -> ManagementError:
    with pytest.raises(ManagementError) as caught:
        _ask(meta, what, token)
    return caught.value


def test_a_token_is_read_with_its_scopes_its_accounts_and_its_end(meta: SimulatorProcess) -> None:
    facts = _ask(meta, lambda graph: graph.token("simulator-token"))
    assert (facts.is_valid, facts.app_id, facts.type, facts.expires_at, facts.targets) == (
        True, APP, "SYSTEM_USER", None, None,
    )  # fmt: skip
    assert facts.scopes == {"whatsapp_business_management", "whatsapp_business_messaging"}
    meta.control("tokens", token="corto", scopes=["whatsapp_business_messaging"], targets=[WABA], expires_at=4102444800)
    facts = _ask(meta, lambda graph: graph.token("corto"))
    assert facts.targets == frozenset({WABA})
    assert facts.expires_at is not None
    assert not _ask(meta, lambda graph: graph.token("nada")).is_valid


def test_every_page_of_a_listing_is_read(meta: SimulatorProcess) -> None:
    for n in range(230):
        meta.control("templates", name=f"extra_{n}", components=[{"type": "BODY", "text": "Hola."}])
    found = _ask(meta, lambda graph: graph.templates(WABA))
    assert len({template.id for template in found}) == 231
    first = next(t for t in found if t.name == "comprobantes")
    assert (first.language, first.status, first.category, first.parameter_format) == (
        "es_AR", "APPROVED", "UTILITY", "POSITIONAL",
    )  # fmt: skip
    assert [component["type"] for component in first.components] == ["HEADER", "BODY", "FOOTER"]


def test_a_number_goes_from_nothing_to_connected(meta: SimulatorProcess) -> None:
    async def add(graph: Management) -> str:
        number = await graph.add_number(WABA, country="54", local="3415550100", verified_name="Oeste SA")
        await graph.request_code(number, method="SMS")
        return number

    number = _ask(meta, add)
    code = next(n["code"] for n in meta.get("/control/state")["numbers"] if n["id"] == number)

    async def finish(graph: Management) -> None:
        await graph.verify_code(number, code)
        await graph.register(number, "212834")
        await graph.save_profile(number, {"about": "Comprobantes de Oeste SA"})

    _ask(meta, finish)
    facts = _ask(meta, lambda graph: graph.number(number))
    assert (facts.status, facts.code_status, facts.pin_enabled, facts.mode) == ("CONNECTED", "VERIFIED", True, "LIVE")
    assert _ask(meta, lambda graph: graph.profile(number))["about"] == "Comprobantes de Oeste SA"
    assert number in {row.id for row in _ask(meta, lambda graph: graph.numbers(WABA))}


def test_a_sample_is_uploaded_and_its_template_made(meta: SimulatorProcess) -> None:
    async def make(graph: Management) -> tuple[str, str, str]:
        handle = await graph.upload_sample(APP, name="ejemplo.pdf", content=PDF, media_type="application/pdf")
        components = [
            {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": [handle]}},
            {"type": "BODY", "text": "Hola, va tu comprobante {{1}}. Gracias.", "example": {"body_text": [["A 1"]]}},
        ]
        body = {"name": "nueva", "language": "es_AR", "category": "UTILITY", "components": components}
        return await graph.create_template(WABA, body)

    template_id, status, category = _ask(meta, make)
    assert (status, category) == ("PENDING", "UTILITY")
    meta.control("event", event="template_paused", template="nueva")
    _ask(meta, lambda graph: graph.unpause_template(template_id))
    assert _ask(meta, lambda graph: graph.template(template_id)).status == "APPROVED"
    Graph(meta.url).delete(f"{WABA}/message_templates?name=nueva")
    assert _refused(meta, make).subcode == 2388023


def test_metas_words_for_people_come_with_the_refusal(meta: SimulatorProcess) -> None:
    body = {
        "name": "mala", "language": "es_AR", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "{{1}} va", "example": {"body_text": [["x"]]}}],
    }  # fmt: skip
    error = _refused(meta, lambda graph: graph.create_template(WABA, body))
    assert (error.code, error.subcode) == (100, 2388299)
    assert "start or end" in error.said


def test_the_app_and_the_account_subscribe(meta: SimulatorProcess) -> None:
    own = app_token(APP, "simulator-app-secret")
    assert _ask(meta, lambda graph: graph.app_callback(APP), own) is None
    error = _refused(
        meta,
        lambda graph: graph.subscribe_app(
            APP, callback_url="http://127.0.0.1:9/", verify_token="x", fields=["messages"]
        ),
        own,
    )
    assert error.code == 2200
    assert _refused(meta, lambda graph: graph.app_callback(APP), app_token(APP, "otro")).code == 190
    assert _ask(meta, lambda graph: graph.subscribed_apps(WABA)) == {APP}
    _ask(meta, lambda graph: graph.subscribe_account(WABA))


def test_the_health_tells_metas_problem_and_its_solution(meta: SimulatorProcess) -> None:
    assert _ask(meta, lambda graph: graph.account(WABA)).health.problems == ()
    meta.control("event", event="payment_missing")
    account = _ask(meta, lambda graph: graph.account(WABA))
    (problem,) = account.health.problems
    assert (account.funded, account.health.can_send, problem.entity, problem.codes) == (
        False,
        "BLOCKED",
        "WABA",
        (141006,),
    )
    assert problem.texts
    assert problem.solutions
    assert _ask(meta, lambda graph: graph.health(NUMBER)).can_send == "BLOCKED"


@pytest.mark.parametrize(
    ("fault", "verdict", "passing"),
    [("html_500", Verdict.RETRY, True), ("json_500", Verdict.RETRY, True), ("cut", Verdict.RETRY, True),
     ("half", Verdict.RETRY, True), ("rate_limited", Verdict.SUSPENDED, True)],
)  # fmt: skip
def test_trouble_is_told_as_passing(meta: SimulatorProcess, fault: str, verdict: Verdict, passing: bool) -> None:
    meta.control("fault", kind=fault, where="phone_numbers")
    error = _refused(meta, lambda graph: graph.numbers(WABA))
    assert (error.refusal.verdict, error.passing) == (verdict, passing)
    assert error.refusal.cause.text
    assert len(_ask(meta, lambda graph: graph.numbers(WABA))) == 1


def test_a_token_without_the_scope_or_without_the_account_is_refused(meta: SimulatorProcess) -> None:
    meta.control("tokens", token="corto", scopes=["whatsapp_business_messaging"])
    meta.control("tokens", token="ajeno", targets=["999"])
    assert _refused(meta, lambda graph: graph.numbers(WABA), "corto").code == 200
    error = _refused(meta, lambda graph: graph.numbers(WABA), "ajeno")
    assert (error.code, error.passing) == (200, False)


def test_nothing_of_a_token_shows(meta: SimulatorProcess) -> None:
    error = _refused(meta, lambda graph: graph.number(NUMBER), "EAA" + "secreto" * 12)
    assert "secretosecreto" not in json.dumps(dict(error.refusal.detail), default=str) + repr(error)
