from __future__ import annotations

import uuid
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.phone import parse
from acuse.kernel.redact import mask_email, mask_phone, mask_secret, redact, redact_event

EAA = "EAAJB" + "x1Y2" * 10


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+5491123456789", "+54 9 11 ····-6789"),
        ("11 15-2345-6789", "+54 9 11 ····-6789"),
        ("+5493412345678", "+54 9 341 ···-5678"),
        ("+5493492612345", "+54 9 3492 ··-2345"),
        ("+5492966123456", "+54 9 296· ··-3456"),
        ("+14155552671", "+1 ···-···-2671"),
        ("4321-0987", "····-0987"),
        ("43210", "·····"),
        ("Ana 4321-0987", "··· ····-0987"),
        ("", ""),
    ],
)
def test_a_masked_phone_keeps_its_last_four_digits(text: str, masked: str) -> None:
    assert mask_phone(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [("ana@dominio.com", "a···@dominio.com"), ("@dominio.com", "···@dominio.com"), ("nada", "····"), ("", "····")],
)
def test_a_masked_address_keeps_its_first_letter_and_its_domain(text: str, masked: str) -> None:
    assert mask_email(text) == masked


def test_nothing_of_a_secret_shows_not_even_its_length() -> None:
    assert mask_secret("a") == mask_secret(EAA) == "····"
    assert mask_secret("") == ""


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("no llegó a +54 9 11 2345-6789.", "no llegó a +54 9 11 ····-6789."),
        ("to=5491123456789", "to=+54 9 11 ····-6789"),
        ('{"wa_id":"5491123456789"}', '{"wa_id":"+54 9 11 ····-6789"}'),
        ("llamó del (0341) 15-234-5678", "llamó del +54 9 341 ···-5678"),
        ("11 2345-6789, 1523456789", "+54 9 11 ····-6789, ······6789"),
        ("desde +598 99 123 456", "desde +598 ·· ··3 456"),
        ("ana.paz@dominio.com.ar rebotó", "a···@dominio.com.ar rebotó"),
        ("Authorization: Bearer abc.def-123", "Authorization: Bearer ····"),
        (f"Authorization: OAuth {EAA}", "Authorization: OAuth ····"),
        (f"token inválido {EAA}.", "token inválido EAA····."),
        (f"GET /debug_token?input_token={EAA}&x=1", "GET /debug_token?input_token=····&x=1"),
        ("Malformed access token 3f9ab8c7d6e5f4a3 (190)", "Malformed access token ···· (190)"),
        ('{"access_token": "abc123", "id": 7}', '{"access_token": "····", "id": 7}'),
        ("1234567890123|abcdefABCDEF12345678", "1234567890123|····"),
        ("smtp://ana@dominio.com:se/c@ret:o@mail.dominio.com:587", "smtp://····@mail.dominio.com:587"),
        ("smtps+tls://u:p@host", "smtps+tls://····@host"),
        ("postgresql://acuse:clave@localhost/acuse", "postgresql://····@localhost/acuse"),
    ],
)
def test_it_masks_whatever_must_not_be_logged(text: str, clean: str) -> None:
    assert redact(text) == clean
    assert redact(clean) == clean


@pytest.mark.parametrize(
    "text",
    [
        "Factura A 00003-00000042",
        "CUIT 30-00000000-7 (30000000007)",
        "2026-09-05T12:30:00.123456+00:00",
        "2026-09-05 12:30:15",
        "20260905",
        "01a20da6-ae27-7098-8550-86c37ce61bac",
        "phone_number_id 670843887433847",
        "wamid.HBgNNTQ5MTEyMzQ1Njc4ORUCABEYEjA",
        "https://graph.facebook.com/v26.0/670843887433847/messages",
        "$ 1.234.567,89",
        "epoch 1788523200",
        "CAE 76123456789012",
    ],
)
def test_ids_dates_and_amounts_stay_legible(text: str) -> None:
    assert redact(text) == text


@given(st.uuids())
def test_no_uuid_is_taken_for_a_phone(one: uuid.UUID) -> None:
    assert redact(f"delivery {one} sent") == f"delivery {one} sent"


@given(st.sampled_from(["11", "341", "2966"]), st.text("23456789", min_size=8, max_size=8))
def test_no_argentine_mobile_survives(area: str, digits: str) -> None:
    local = digits[: 10 - len(area)]
    for written in (f"+549{area}{local}", f"549{area}{local}", f"0{area} 15 {local}", f"({area}) {local}"):
        assert parse(written, default_area=None).usable
        assert local not in redact(f"a {written} no llegó")


@given(st.text(max_size=200))
def test_no_text_makes_it_raise(text: str) -> None:
    assert isinstance(redact(text), str)


@pytest.mark.parametrize(
    "piece", ["1", "x", "a-", "a@", "+1 ", "http://", "smtp://", "token ", "token=", "bearer ", "EAA", "11 ", "1|"]
)
@pytest.mark.timeout(20)
def test_a_huge_text_costs_no_more_than_its_length(piece: str) -> None:
    # Quadratic patterns took minutes on these.
    assert redact(piece * 60_000)


def test_an_event_is_masked_by_the_names_of_its_keys() -> None:
    event: dict[str, Any] = {
        "event": "delivery.sent",
        "to": "5491123456789",
        "mobile": 5491123456789,
        "email": "ana@dominio.com",
        "sent_to": "ana@dominio.com",
        "token": "abc",
        "app_secret": "abc",
        "Authorization": "abc",
        "api_key": "abc",
        "smtp_password": b"abc",
        "access-token": ["abc"],
        "tries": 3,
        "token_count": None,
    }
    assert redact_event(None, "info", event) == {
        "event": "delivery.sent",
        "to": "+54 9 11 ····-6789",
        "mobile": "+54 9 11 ····-6789",
        "email": "a···@dominio.com",
        "sent_to": "a···@dominio.com",
        "token": "····",
        "app_secret": "····",
        "Authorization": "····",
        "api_key": "····",
        "smtp_password": "····",
        "access-token": "····",
        "tries": 3,
        "token_count": None,
    }


def test_an_event_is_masked_inside_its_values() -> None:
    error = ValueError("rechazado: ana@dominio.com")
    event: dict[str, Any] = {
        "detail": {"contacts": [{"wa_id": "5491123456789", "token": "abc"}]},
        "body": b"Bearer abc",
        "error": error,
        "to": ["ana@dominio.com", "5491123456789"],
        "exc_info": (ValueError, error, None),
    }
    assert redact_event(None, "error", event) == {
        "detail": {"contacts": [{"wa_id": "+54 9 11 ····-6789", "token": "····"}]},
        "body": "Bearer ····",
        "error": "ValueError('rechazado: a···@dominio.com')",
        "to": ["a···@dominio.com", "+54 9 11 ····-6789"],
        "exc_info": (ValueError, error, None),
    }


def test_it_works_as_a_structlog_processor() -> None:
    captured = structlog.testing.CapturingLogger()
    logger = structlog.wrap_logger(captured, processors=[redact_event, structlog.processors.JSONRenderer()])
    logger.warning("no llegó a ana@dominio.com", token="abc")
    (line,) = (call.args[0] for call in captured.calls)
    assert "ana" not in line
    assert "abc" not in line


@pytest.mark.parametrize("end", ["", "/", '" 403', "\n"])
def test_the_path_of_an_invitation_is_a_secret(end: str) -> None:
    token = "x1Y2-_" * 7
    masked = redact(f"Forbidden (CSRF cookie not set.): /invitacion/{token}{end}")
    assert token not in masked
    assert masked.startswith("Forbidden (CSRF cookie not set.): /invitacion/····")


@pytest.mark.parametrize("end", ["", "/", '" 410', "\n"])
def test_the_path_of_a_forgotten_passwords_link_is_a_secret(end: str) -> None:
    token = "cx1y2z-0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    masked = redact(f"Gone: /ingresar/nueva/MDFhMjBl/{token}{end}")
    assert token not in masked
    assert masked.startswith("Gone: /ingresar/nueva/MDFhMjBl/····")
