import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest

from acuse_simulator import config, ids, pages, signing


def test_the_signature_covers_the_bytes_as_sent() -> None:
    body = signing.serialise({"text": "Ñandú 👍", "url": "https://example.com/a"})
    assert b"\\u00d1and\\u00fa" in body
    assert b"https:\\/\\/example.com\\/a" in body
    assert json.loads(body) == {"text": "Ñandú 👍", "url": "https://example.com/a"}
    expected = hmac.new(b"secret", body, hashlib.sha256).hexdigest()
    assert signing.signature(body, "secret") == f"sha256={expected}"


def test_a_wamid_holds_the_recipient_and_differs_each_time() -> None:
    first, second = ids.wamid("5491155551234"), ids.wamid("5491155551234")
    assert first != second
    assert b"5491155551234" in base64.b64decode(first.removeprefix("wamid."))


def test_a_user_id_belongs_to_the_portfolio_and_the_person() -> None:
    assert ids.user_id("1", "5491155551234") == ids.user_id("1", "5491155551234")
    assert ids.user_id("1", "5491155551234") != ids.user_id("2", "5491155551234")
    assert ids.user_id("1", "5491155551234").startswith("AR.")
    assert ids.user_id("1", "999").startswith("ZZ.")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.0.10", "::", "example.com", ""])
def test_it_refuses_every_address_but_loopback(host: str) -> None:
    with pytest.raises(config.NotLoopbackError):
        config.from_mapping({"host": host})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_it_takes_loopback_addresses(host: str) -> None:
    assert config.from_mapping({"host": host}).host == host


def test_a_misspelt_setting_is_refused() -> None:
    with pytest.raises(ValueError, match="delayz"):
        config.from_mapping({"delayz": {}})
    with pytest.raises(ValueError, match="delivred"):
        config.from_mapping({"delays": {"delivred": 1}})


def test_a_file_fills_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "simulator.json"
    path.write_text('{"webhook_url": "http://127.0.0.1:1/", "delays": {"read": null}}', encoding="utf-8")
    loaded = config.from_file(path)
    assert loaded.hooks.url == "http://127.0.0.1:1/"
    assert loaded.delays.read is None
    assert loaded.templates[0]["name"] == "comprobantes"


def test_two_configurations_share_nothing() -> None:
    config.Config().templates[0]["status"] = "PAUSED"
    assert config.Config().templates[0]["status"] == "APPROVED"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("5491155551234", "+54 9 11 5555-1234"),
        ("5493515551234", "+54 9 3515551234"),
        ("16505551234", "+16505551234"),
    ],
)
def test_a_number_is_shown_as_people_write_it(number: str, shown: str) -> None:
    assert pages.pretty(number) == shown
