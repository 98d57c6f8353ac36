from __future__ import annotations

import socket
from typing import Any

import pytest
from django.core import mail as outbox

from acuse.companies import mail


@pytest.fixture
def own_mail(settings: Any) -> None:
    settings.EMAIL_HOST = "correo.example"
    settings.DEFAULT_FROM_EMAIL = "Acuse <acuse@oeste.example>"


def test_without_an_address_of_a_server_nothing_leaves(settings: Any) -> None:
    settings.EMAIL_HOST = ""
    assert not mail.configured()
    assert mail.send("ana@oeste.example", "Hola", "Texto") is False
    with pytest.raises(mail.MailError, match="no está configurado"):
        mail.deliver("ana@oeste.example", "Hola", "Texto")
    assert outbox.outbox == []


@pytest.mark.usefixtures("own_mail")
def test_it_leaves_in_the_installations_name() -> None:
    assert mail.send("ana@oeste.example", "Hola", "Texto") is True
    (sent,) = outbox.outbox
    assert (sent.from_email, sent.to) == ("Acuse <acuse@oeste.example>", ["ana@oeste.example"])
    assert (sent.subject, sent.body) == ("Hola", "Texto")


@pytest.mark.usefixtures("own_mail")
def test_a_line_break_in_the_subject_adds_no_header() -> None:
    assert mail.send("ana@oeste.example", "Hola\r\nBcc: todos@otra.example", "Texto") is True
    assert outbox.outbox[0].subject == "Hola Bcc: todos@otra.example"
    assert outbox.outbox[0].recipients() == ["ana@oeste.example"]


@pytest.mark.usefixtures("own_mail")
def test_a_line_break_in_the_address_sends_nothing() -> None:
    assert mail.send("ana@oeste.example\nBcc: todos@otra.example", "Hola", "Texto") is False
    assert outbox.outbox == []


@pytest.mark.usefixtures("own_mail")
def test_it_leaves_beside_the_answer() -> None:
    mail.send_later("ana@oeste.example", "Hola", "Texto").join(5)
    assert len(outbox.outbox) == 1


def test_a_server_that_says_nothing_does_not_keep_anybody_waiting(settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT, settings.EMAIL_USE_TLS, settings.DEFAULT_FROM_EMAIL = 0.2, False, "a@oeste.example"
        with pytest.raises(mail.MailError) as refused:
            mail.deliver("ana@oeste.example", "Hola", "Texto")
    assert "timed out" in str(refused.value.__cause__)
    assert mail.send("ana@oeste.example", "Hola", "Texto") is False


def test_the_time_limit_is_set(settings: Any) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 10
