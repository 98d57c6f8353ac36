"""*Probar*: what each answer of Meta's, or of a mail server, becomes for whoever pressed it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from acuse.channels import registry
from acuse.channels.probing import Grade, Probe
from acuse.channels.registry import Security, SmtpSettings
from tests.data.graph import NUMBER, Graph, graph

TOKEN = "token-que-no-se-ve"
PASSWORD = "clave-que-no-se-ve"


@pytest.fixture
def meta(settings: Any) -> Iterator[Graph]:
    with graph() as state:
        settings.GRAPH_URL = state.url
        yield state


def try_number(phone_number_id: str = "106540352242922") -> Probe:
    return asyncio.run(registry.probe_whatsapp(phone_number_id=phone_number_id, access_token=TOKEN))


def test_a_good_number_shows_what_meta_knows_of_it(meta: Graph) -> None:
    probe = try_number()
    assert probe.grade is Grade.OK
    assert dict(probe.facts) == {
        "Número": "+54 9 341 555-9000", "Nombre verificado": "Ferretería Oeste", "Calidad": "Alta",
    }  # fmt: skip
    [(path, token)] = meta.asked
    assert token == TOKEN
    assert "/106540352242922?fields=id" in path
    assert "display_phone_number" in path


@pytest.mark.parametrize(
    ("answer", "words"),
    [({"status": "PENDING"}, "no está conectado (PENDING)"), ({"quality_rating": "RED"}, "calificó mal")],
)
def test_a_number_with_a_problem_is_a_warning(meta: Graph, answer: dict[str, str], words: str) -> None:
    meta.answer = NUMBER | answer
    probe = try_number()
    assert probe.grade is Grade.WARNING
    assert words in probe.text
    assert probe.next_step


@pytest.mark.parametrize(
    ("code", "message", "more", "words"),
    [
        (190, "Error validating access token", {}, "venció o fue anulado"),
        (200, "Permissions error", {}, "no tiene permiso"),
        (100, "Object with ID '1' does not exist", {"error_subcode": 33}, "no conoce el número"),
        (100, "(#100) Tried accessing nonexisting field (display_phone_number)", {}, "no es el de un número"),
        (4, "Application request limit reached", {}, "límite de llamadas"),
    ],
)  # fmt: skip
def test_each_refusal_of_metas_says_what_to_do(
    meta: Graph, code: int, message: str, more: dict[str, Any], words: str
) -> None:
    meta.refuse(code, message, **more)
    probe = try_number()
    assert probe.grade is Grade.ERROR
    assert words in probe.text
    assert probe.next_step
    assert TOKEN not in f"{probe}"


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (500, b"<html>oops</html>", "problema pasajero"),
        (404, b"nada", "no es WhatsApp"),
        (302, b"", "manda a otra"),
        (200, b"hola", "no se entiende"),
        (200, {"id": "106540352242922"}, "no es el de un número"),
    ],
)
def test_a_stranger_that_answers_is_told_from_meta(meta: Graph, status: int, answer: Any, words: str) -> None:
    meta.status, meta.answer = status, answer
    probe = try_number()
    assert probe.grade is Grade.ERROR
    assert words in probe.text
    assert probe.next_step
    assert "solo" not in probe.next_step


def test_nobody_at_the_address_is_a_matter_of_the_network(settings: Any) -> None:
    settings.GRAPH_URL = f"http://127.0.0.1:{_free_port()}"
    probe = try_number()
    assert probe.text == "No se pudo conectar con WhatsApp."
    assert "internet" in probe.next_step


def test_a_token_with_strange_signs_is_refused_before_it_leaves(meta: Graph) -> None:
    probe = asyncio.run(registry.probe_whatsapp(phone_number_id="1", access_token="a\nb"))
    assert "mal escritos" in probe.text
    assert meta.asked == []


class Post:
    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.bodies.append(envelope.content)
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if "nadie" in address:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"


@pytest.fixture
def post() -> Iterator[tuple[Post, int]]:
    def accept(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == PASSWORD.encode(), handled=False)

    handler, port = Post(), _free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port, authenticator=accept, auth_require_tls=False)
    controller.start()
    yield handler, port
    controller.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def try_mail(port: int, password: str = PASSWORD, to: str = "", security: Security = Security.PLAIN) -> Probe:
    account = SmtpSettings("127.0.0.1", port, "facturas@oeste.example", password, security)
    return asyncio.run(registry.probe_mailbox(account, from_address="facturas@oeste.example", from_name="Oeste", to=to))


def test_a_good_account_is_tried_without_sending(post: tuple[Post, int]) -> None:
    handler, port = post
    probe = try_mail(port)
    assert (probe.grade, probe.text) == (Grade.OK, "Anda: el servidor se conectó y aceptó la clave.")
    assert handler.bodies == []


def test_one_mail_goes_to_whoever_asked_for_it(post: tuple[Post, int]) -> None:
    handler, port = post
    probe = try_mail(port, to="ana@oeste.example")
    assert probe.grade is Grade.OK
    assert "ana@oeste.example" in probe.text
    [body] = handler.bodies
    assert b"Prueba de Acuse" in body
    assert b"Oeste <facturas@oeste.example>" in body


def test_a_wrong_password_says_so(post: tuple[Post, int]) -> None:
    probe = try_mail(post[1], "otra")
    assert (probe.grade, probe.text) == (Grade.ERROR, "El servidor de correo no aceptó la cuenta.")
    assert "clave" in probe.next_step
    assert "otra" not in f"{probe.facts}"


def test_an_address_that_the_server_refuses_is_told(post: tuple[Post, int]) -> None:
    probe = try_mail(post[1], to="nadie@oeste.example")
    assert (probe.grade, probe.text) == (Grade.ERROR, "Esa casilla no existe.")


def test_tls_where_there_is_none_points_at_port_and_security(post: tuple[Post, int]) -> None:
    probe = try_mail(post[1], security=Security.TLS)
    assert probe.grade is Grade.ERROR
    assert "no habla TLS" in probe.text
    assert "587 con STARTTLS" in probe.next_step


def test_starttls_where_there_is_none_says_that_tls_lacks(post: tuple[Post, int]) -> None:
    probe = try_mail(post[1], security=Security.STARTTLS)
    assert probe.grade is Grade.ERROR
    assert "TLS" in probe.text


def test_nobody_at_the_port_points_at_server_and_port() -> None:
    probe = try_mail(_free_port())
    assert probe.text == "No se pudo conectar con el servidor de correo."
    assert "puerto" in probe.next_step
