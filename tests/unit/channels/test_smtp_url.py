import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.email.url import Security, SmtpSettings, parse_smtp_url, smtp_url


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("smtp://localhost", SmtpSettings("localhost", 25, None, None, Security.PLAIN)),
        ("smtp://127.0.0.1:1025", SmtpSettings("127.0.0.1", 1025, None, None, Security.PLAIN)),
        ("smtp://[::1]:1025", SmtpSettings("::1", 1025, None, None, Security.PLAIN)),
        ("smtp://mail.ejemplo.com.ar", SmtpSettings("mail.ejemplo.com.ar", 587, None, None, Security.STARTTLS)),
        ("smtps://u:p@mail.ejemplo.com.ar", SmtpSettings("mail.ejemplo.com.ar", 465, "u", "p", Security.TLS)),
        (
            "smtp+starttls://a%40b.com:cl%2Fave%3A1@mail.ejemplo.com.ar:2525",
            SmtpSettings("mail.ejemplo.com.ar", 2525, "a@b.com", "cl/ave:1", Security.STARTTLS),
        ),
        (" SMTPS://mail.ejemplo.com.ar/ ", SmtpSettings("mail.ejemplo.com.ar", 465, None, None, Security.TLS)),
    ],
)
def test_a_line_is_an_account(url: str, settings: SmtpSettings) -> None:
    assert parse_smtp_url(url) == settings


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.ejemplo.com.ar",
        "http://mail.ejemplo.com.ar",
        "smtp://",
        "smtp://u:secreta@",
        "smtp://host:0",
        "smtp://host:99999",
        "smtp://host:secreta",
        "smtp://u:se/creta@host",
        "smtp://host/?secreta",
        "smtp://:secreta@host",
        "smtp://[::secreta",
    ],
)
def test_what_is_no_account_is_refused_in_spanish_without_its_password(url: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_smtp_url(url)
    text = str(caught.value)
    assert text.endswith(".")
    assert "creta" not in text
    assert caught.value.__cause__ is None


def test_the_password_does_not_show() -> None:
    assert "secreta" not in repr(parse_smtp_url("smtps://u:secreta@host"))


@given(st.text())
def test_any_text_is_an_account_or_a_value_error(text: str) -> None:
    for url in (text, f"smtp://{text}", f"smtps://u:p@{text}"):
        settings = account_or_sentence(url)
        if isinstance(settings, SmtpSettings):
            assert settings.host
            assert 0 < settings.port < 65_536
        else:
            assert settings.endswith(".")


def account_or_sentence(url: str) -> SmtpSettings | str:
    try:
        return parse_smtp_url(url)
    except ValueError as error:
        return str(error)


@given(
    user=st.text(min_size=1, max_size=40),
    password=st.text(min_size=1, max_size=40),
    host=st.sampled_from(["smtp.oeste.example", "127.0.0.1", "::1", "localhost"]),
    port=st.integers(1, 65535),
    security=st.sampled_from([Security.TLS, Security.STARTTLS]),
)
def test_any_user_and_password_come_back_from_the_line(
    user: str, password: str, host: str, port: int, security: Security
) -> None:
    account = SmtpSettings(host, port, user, password, security)
    assert parse_smtp_url(smtp_url(account)) == account


@pytest.mark.parametrize("host", ["", "a b", "x/y", "u@x", "x?y", "x#y", "http://x", "..", ".", "x" * 64, "ñ" * 63])
def test_what_is_no_server_makes_no_line(host: str) -> None:
    with pytest.raises(ValueError, match=r"^El servidor no se entiende"):
        smtp_url(SmtpSettings(host, 25, None, None, Security.TLS))


def test_plain_goes_only_to_this_machine() -> None:
    assert smtp_url(SmtpSettings("localhost", 25, None, None, Security.PLAIN)) == "smtp://localhost:25"
    with pytest.raises(ValueError, match="esta misma máquina"):
        smtp_url(SmtpSettings("smtp.oeste.example", 25, None, None, Security.PLAIN))
