"""Forgotten and changed passwords, the lock-out's notice, open sessions."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core import mail as outbox
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from acuse.companies.models import AuditEntry, User
from tests.conftest import Cast
from tests.data.cast import PASSWORD
from tests.integration.web.conftest import signed_in

OTHER = "otra-clave-9x-larga"


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    cache.clear()


@pytest.fixture
def own_mail(settings: Any) -> None:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "correo.example", "acuse@oeste.example"


def _mails() -> list[Any]:
    """After the ones that leave beside the answer have left."""
    for thread in threading.enumerate():
        if thread.name == "own-mail":
            thread.join(5)
    return list(outbox.outbox)


def _ask(client: Client, email: str) -> Any:
    return client.post("/ingresar/olvide/", {"email": email})


def _link() -> str:
    found = re.search(r"(/ingresar/nueva/\S+)", _mails()[-1].body)
    assert found
    return found[1]


def test_without_own_mail_the_page_says_whom_to_ask(people: Cast, client: Client) -> None:
    assert "no tiene correo propio" in client.get("/ingresar/olvide/").content.decode()
    assert "no tiene correo propio" in _ask(client, "ana@oeste.example").content.decode()
    assert _mails() == []


@pytest.mark.usefixtures("own_mail")
def test_the_answer_never_says_whether_there_is_such_a_person(people: Cast, client: Client) -> None:
    known, unknown = (_ask(client, email).content.decode() for email in ("ana@oeste.example", "nadie@oeste.example"))
    assert known.replace("ana@", "nadie@") == unknown
    assert [sent.to for sent in _mails()] == [["ana@oeste.example"]]
    assert AuditEntry.objects.get(event="password.link_asked").detail == {"address": "127.0.0.1"}


@pytest.mark.usefixtures("own_mail")
def test_the_link_sets_a_new_password_and_ends_the_sessions(people: Cast, client: Client) -> None:
    open_elsewhere = signed_in(people.ana)
    _ask(client, "ANA@oeste.example")
    link = _link()
    page = client.get(link)
    assert "ana@oeste.example" in page.content.decode()
    assert page["Referrer-Policy"] == "strict-origin"
    assert "no-store" in page["Cache-Control"]
    poor = client.post(link, {"password": "corta", "repeated": "corta"})
    assert "corta" in poor.content.decode()
    assert client.post(link, {"password": OTHER, "repeated": OTHER})["Location"] == "/ingresar/"
    assert User.objects.get(pk=people.ana.pk).check_password(OTHER)
    assert open_elsewhere.get("/").status_code == 302
    # to change it isn't to enter
    assert client.get("/").status_code == 302
    assert client.get(link).status_code == 410
    assert client.post(link, {"password": PASSWORD, "repeated": PASSWORD}).status_code == 410


@pytest.mark.usefixtures("own_mail")
def test_an_hour_later_the_link_does_not_open(people: Cast, client: Client, settings: Any) -> None:
    _ask(client, "ana@oeste.example")
    assert settings.PASSWORD_RESET_TIMEOUT == 3600
    settings.PASSWORD_RESET_TIMEOUT = -1
    response = client.get(_link())
    assert response.status_code == 410
    assert "Pedir otro enlace" in response.content.decode()


@pytest.mark.usefixtures("own_mail")
def test_one_person_gets_three_mails_an_hour_and_the_answer_stays_the_same(people: Cast, client: Client) -> None:
    pages = {_ask(client, "ana@oeste.example").status_code for _ in range(6)}
    assert pages == {200}
    assert len(_mails()) == 3


@pytest.mark.usefixtures("own_mail")
def test_one_address_asks_twenty_times_an_hour(people: Cast, client: Client) -> None:
    statuses = [_ask(client, f"n{number}@oeste.example").status_code for number in range(21)]
    assert statuses == [200] * 20 + [429]


@pytest.mark.usefixtures("own_mail")
def test_who_was_deactivated_gets_nothing(people: Cast, client: Client) -> None:
    User.objects.update(is_active=False)
    _ask(client, "ana@oeste.example")
    assert _mails() == []


def test_the_password_is_changed_with_the_one_before(people: Cast, ana: Client) -> None:
    elsewhere = signed_in(people.ana)
    given = {"current": PASSWORD, "password": OTHER, "repeated": OTHER}
    assert (
        "Esa no es tu contraseña actual"
        in ana.post("/mi-cuenta/contrasena/", {**given, "current": "mala"}).content.decode()
    )
    assert "no son iguales" in ana.post("/mi-cuenta/contrasena/", {**given, "repeated": "x"}).content.decode()
    assert (
        "corta"
        in ana.post("/mi-cuenta/contrasena/", {**given, "password": "corta", "repeated": "corta"}).content.decode()
    )
    assert User.objects.get(pk=people.ana.pk).check_password(PASSWORD)
    assert ana.post("/mi-cuenta/contrasena/", given)["Location"] == "/mi-cuenta/"
    assert User.objects.get(pk=people.ana.pk).check_password(OTHER)
    assert "Cerramos tus otras sesiones" in ana.get("/mi-cuenta/").content.decode()
    assert elsewhere.get("/").status_code == 302


def _fail(client: Client, times: int, email: str = "ana@oeste.example") -> list[int]:
    given = {"username": email, "password": "mala"}
    return [client.post("/ingresar/", given).status_code for _ in range(times)]


@pytest.mark.usefixtures("own_mail")
def test_a_lock_out_says_until_when_and_tells_the_person(people: Cast, client: Client) -> None:
    assert _fail(client, 8) == [200] * 7 + [429]
    page = client.post("/ingresar/", {"username": "ana@oeste.example", "password": PASSWORD}).content.decode()
    last = AccessAttempt.objects.get().attempt_time
    until = timezone.localtime(last + timedelta(minutes=15))
    assert f"hasta las <strong>{until:%H:%M}</strong>" in page
    (sent,) = _mails()
    assert sent.to == ["ana@oeste.example"]
    assert "127.0.0.1" in sent.body
    events = list(AuditEntry.objects.values_list("event", flat=True))
    assert (events.count("sign_in.failed"), events.count("sign_in.locked")) == (8, 1)
    assert AuditEntry.objects.get(event="sign_in.locked").detail == {"by": "password", "address": "127.0.0.1"}


def test_trying_while_locked_out_does_not_move_the_hour(people: Cast, client: Client) -> None:
    _fail(client, 8)
    before = AccessAttempt.objects.get().attempt_time
    assert _fail(client, 2) == [429, 429]
    assert AccessAttempt.objects.get().attempt_time == before
    AccessAttempt.objects.update(attempt_time=before - timedelta(minutes=15))
    assert client.post("/ingresar/", {"username": "ana@oeste.example", "password": PASSWORD}).status_code == 302


@pytest.mark.usefixtures("own_mail")
def test_an_address_that_is_nobodys_is_locked_out_alike_and_tells_nobody(people: Cast, client: Client) -> None:
    assert _fail(client, 8, "nadie@oeste.example") == [200] * 7 + [429]
    assert _mails() == []
    assert not AuditEntry.objects.filter(event__startswith="sign_in").exists()


def test_entering_and_leaving_are_in_the_audit_with_the_address(people: Cast) -> None:
    client = Client(REMOTE_ADDR="192.0.2.7")
    client.post("/ingresar/", {"username": "ana@oeste.example", "password": PASSWORD})
    client.post("/salir/")
    rows = AuditEntry.objects.filter(event__startswith="sign_").order_by("id")
    assert [row.event for row in rows] == ["sign_in.done", "sign_out"]
    assert {row.company for row in rows} == {people.company}
    assert rows[0].detail == {"by": "password", "address": "192.0.2.7"}


def test_the_open_sessions_are_listed_and_the_others_closed(people: Cast, client: Client) -> None:
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    given = {"username": "ana@oeste.example", "password": PASSWORD}
    client.post("/ingresar/", given, headers={"User-Agent": agent})
    phone = Client(REMOTE_ADDR="192.0.2.8")
    phone.post("/ingresar/", given, headers={"User-Agent": "Mozilla/5.0 (Linux; Android 15) Chrome/142 Safari/537"})
    page = client.get("/mi-cuenta/").content.decode()
    assert "Firefox en Linux" in page
    assert "Chrome en Android" in page
    assert "192.0.2.8" in page
    betos = signed_in(people.beto)
    assert client.post("/mi-cuenta/sesiones/").status_code == 302
    assert "Cerramos una sesión" in client.get("/mi-cuenta/").content.decode()
    assert phone.get("/").status_code == 302
    assert betos.get("/").status_code == 200
    client.post("/mi-cuenta/sesiones/")
    assert "No había otras sesiones" in client.get("/mi-cuenta/").content.decode()
