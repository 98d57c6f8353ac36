"""Who is believed about the client's address, how long a session lives, and Django's own deploy checks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from ipaddress import ip_network
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory

from acuse.companies.identity.signing_in import SESSION_SINCE
from acuse.companies.models import UserSession
from acuse.web.accounts import middleware
from acuse.web.accounts.address import client_address, counted_address
from tests.conftest import Cast
from tests.data.cast import PASSWORD


@pytest.mark.parametrize(
    ("trusted", "peer", "told", "client"),
    [
        # nobody is trusted: the header is anybody's
        ([], "192.0.2.1", "198.51.100.9", "192.0.2.1"),
        # a stranger that isn't the proxy
        (["10.0.0.0/8"], "192.0.2.1", "198.51.100.9", "192.0.2.1"),
        (["10.0.0.0/8"], "10.0.0.1", "198.51.100.9", "198.51.100.9"),
        # the client wrote the first ones; the proxy adds the last
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.9", "198.51.100.9"),
        # two proxies
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1, 198.51.100.9, 10.0.0.2", "198.51.100.9"),
        (["10.0.0.0/8"], "10.0.0.1", "", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "nada", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "198.51.100.9, nada", "10.0.0.1"),
        (["::1/128"], "::1", "2001:db8::7", "2001:db8::7"),
        # some write the port
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.7:51234", "203.0.113.7"),
        (["10.0.0.0/8"], "10.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
        (["10.0.0.0/8"], "10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        (["10.0.0.0/8"], "10.0.0.1", "1.1.1.1:1, 198.51.100.9:4000, 10.0.0.2:80", "198.51.100.9"),
        # and what only looks so is nobody's address
        (["10.0.0.0/8"], "10.0.0.1", "198.51.100.9, 203.0.113.7:", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "203.0.113.7:x", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "999.0.113.7:443", "10.0.0.1"),
        (["10.0.0.0/8"], "10.0.0.1", "[2001:db8::1", "10.0.0.1"),
        # a socket that listens on both versions
        (["127.0.0.1/32"], "::ffff:127.0.0.1", "198.51.100.9", "198.51.100.9"),
    ],
)
def test_the_address_is_the_nearest_that_no_trusted_proxy_has(
    settings: Any, trusted: list[str], peer: str, told: str, client: str
) -> None:
    settings.TRUSTED_PROXIES = tuple(ip_network(one) for one in trusted)
    headers = {"X-Forwarded-For": told} if told else {}
    assert client_address(RequestFactory(REMOTE_ADDR=peer).get("/", headers=headers)) == client


@pytest.mark.parametrize(
    ("peer", "counted"), [("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"), ("::ffff:192.0.2.7", "192.0.2.7"),
                          ("192.0.2.7", "192.0.2.7"), ("", "")],
)  # fmt: skip
def test_tries_are_counted_by_customer_not_by_each_of_their_addresses(peer: str, counted: str) -> None:
    assert counted_address(RequestFactory(REMOTE_ADDR=peer).get("/")) == counted


def test_another_address_of_the_same_customer_is_locked_out_too(people: Cast, client: Client) -> None:
    given = {"username": people.ana.email, "password": "mala"}
    tries = [client.post("/ingresar/", given, REMOTE_ADDR=f"2001:db8::{n}").status_code for n in range(1, 10)]
    assert tries[-1] == 429
    elsewhere = {**given, "password": PASSWORD}
    assert client.post("/ingresar/", elsewhere, REMOTE_ADDR="2001:db8:0:1::1").status_code == 302


def test_behind_a_trusted_proxy_a_lock_out_is_of_one_client(people: Cast, client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)

    def try_from(address: str, password: str) -> int:
        given = {"username": "ana@oeste.example", "password": password}
        return client.post("/ingresar/", given, headers={"X-Forwarded-For": address}).status_code

    assert [try_from("198.51.100.9", "mala") for _ in range(8)][-1] == 429
    assert try_from("198.51.100.9", PASSWORD) == 429
    assert try_from("203.0.113.5", PASSWORD) == 302


def test_another_port_of_the_same_client_gives_no_more_tries(people: Cast, client: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"),)

    def try_from(address: str, password: str) -> int:
        given = {"username": "ana@oeste.example", "password": password}
        return client.post("/ingresar/", given, headers={"X-Forwarded-For": address}).status_code

    assert [try_from(f"198.51.100.9:{port}", "mala") for port in range(50_000, 50_008)][-1] == 429
    assert {attempt.ip_address for attempt in AccessAttempt.objects.all()} == {"198.51.100.9"}
    assert try_from("198.51.100.10:50000", PASSWORD) == 302


def test_behind_a_trusted_proxy_nobody_tries_as_somebody_else(people: Cast, client: Client, settings: Any) -> None:
    """What a client writes stands before the address that the proxy adds."""
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"))
    attacker, victim = "198.51.100.9", "203.0.113.5"

    def try_from(address: str, password: str, *, written: str = "") -> int:
        given = {"username": "ana@oeste.example", "password": password}
        told = f"{written}, {address}" if written else address
        return client.post("/ingresar/", given, headers={"X-Forwarded-For": told, "X-Real-Ip": written}).status_code

    lies = [victim, "10.0.0.7", "nada", f"{victim}, 10.0.0.7", "127.0.0.1", "", "2001:db8::1", victim]
    assert [try_from(attacker, "mala", written=lie) for lie in lies][-1] == 429
    assert {attempt.ip_address for attempt in AccessAttempt.objects.all()} == {attacker}
    assert try_from(attacker, PASSWORD, written=victim) == 429
    assert try_from(victim, PASSWORD) == 302


def test_a_header_that_anybody_writes_gives_no_more_tries(people: Cast, client: Client) -> None:
    for number in range(8):
        client.post(
            "/ingresar/", {"username": "ana@oeste.example", "password": "mala"},
            headers={"X-Forwarded-For": f"198.51.100.{number}"},
        )  # fmt: skip
    assert AccessAttempt.objects.get().ip_address == "127.0.0.1"
    assert client.post("/ingresar/", {"username": "ana@oeste.example", "password": PASSWORD}).status_code == 429


def _later(monkeypatch: pytest.MonkeyPatch, seconds: int) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + seconds)


def test_what_is_done_prolongs_the_session_and_what_the_page_does_by_itself_does_not(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana.get("/")
    first = UserSession.objects.get().expire_date
    _later(monkeypatch, 400)
    ana.get("/", headers={middleware.BY_ITSELF: "1"})
    assert UserSession.objects.get().expire_date == first
    ana.get("/")
    assert UserSession.objects.get().expire_date > first


def test_the_session_is_not_written_at_every_request(people: Cast, ana: Client) -> None:
    ana.get("/")
    first = UserSession.objects.get().expire_date
    ana.get("/")
    assert UserSession.objects.get().expire_date == first


def test_a_session_ends_a_week_after_it_began(
    people: Cast, ana: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ana.get("/").status_code == 200
    assert ana.session[SESSION_SINCE] > 0
    _later(monkeypatch, settings.SESSION_LONGEST_AGE + 60)
    assert ana.get("/")["Location"] == "/ingresar/?next=%2F&terminada=1"


def test_a_session_without_use_lasts_half_a_day(settings: Any) -> None:
    assert settings.SESSION_COOKIE_AGE == 12 * 3600


def test_the_deploy_checks_find_nothing(tmp_path: Any) -> None:
    given = {**os.environ, "ACUSE_BASE_URL": "https://acuse.example.com"}
    command = [sys.executable, "-m", "acuse.config.cli", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, env=given, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


SECURE = """
from django.conf import settings as s
assert s.SESSION_COOKIE_SECURE and s.CSRF_COOKIE_SECURE and s.SESSION_COOKIE_HTTPONLY
assert s.SECURE_HSTS_SECONDS >= 31536000 and not s.DEBUG
assert s.SECURE_PROXY_SSL_HEADER == ("HTTP_X_FORWARDED_PROTO", "https")
assert (s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_USE_SSL) == ("correo.example", 587, True, False)
assert (s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD) == ("ana@oeste.example", "a/b")
"""


def test_behind_tls_the_cookies_are_of_tls_and_own_mail_is_encrypted() -> None:
    given = {
        **os.environ, "ACUSE_BASE_URL": "https://acuse.example.com", "ACUSE_MAIL_FROM": "acuse@oeste.example",
        "ACUSE_MAIL_URL": "smtp://ana%40oeste.example:a%2Fb@correo.example",
    }  # fmt: skip
    done = subprocess.run([sys.executable, "-c", SECURE], env=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
