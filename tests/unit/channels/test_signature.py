import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.whatsapp.signature import challenge, sign, verify

BODY = b'{"object":"whatsapp_business_account","n":"\\u00f1"}'
HEADER = "sha256=" + hmac.new(b"app-secret", BODY, hashlib.sha256).hexdigest()


def test_a_body_signed_with_the_apps_secret_is_metas() -> None:
    assert verify(BODY, HEADER, "app-secret")
    assert sign(BODY, "app-secret") == HEADER


@pytest.mark.parametrize(
    "header", [None, "", "sha256=", HEADER[:-1], HEADER[7:], "sha1=" + HEADER[7:], "sha256=ñ", HEADER + "0"]
)
def test_anything_else_is_not(header: str | None) -> None:
    assert not verify(BODY, header, "app-secret")


def test_another_secret_or_another_body_is_not() -> None:
    assert not verify(BODY, HEADER, "other")
    assert not verify(BODY + b" ", HEADER, "app-secret")


def test_no_secret_verifies_nothing() -> None:
    assert not verify(BODY, sign(BODY, ""), "")


@given(st.binary(), st.text())
def test_no_header_makes_it_raise(body: bytes, header: str) -> None:
    assert not verify(body, header, "app-secret")


def test_the_challenge_is_answered_as_it_came() -> None:
    params = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": "mío"}
    assert challenge(params, "mío") == "1158201444"


@pytest.mark.parametrize(
    "change", [{"hub.mode": "unsubscribe"}, {"hub.verify_token": "otro"}, {"hub.verify_token": "\ud800"}]
)
def test_a_wrong_token_or_mode_gets_no_challenge(change: dict[str, str]) -> None:
    params = {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "mío"}
    assert challenge(params | change, "mío") is None


def test_no_token_of_ours_verifies_nobody() -> None:
    assert challenge({"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": ""}, "") is None
