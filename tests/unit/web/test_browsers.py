from __future__ import annotations

import pytest

from acuse.web.accounts.browsers import browser_name

_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{_WINDOWS} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36", "Chrome en Windows"),
        (f"{_WINDOWS} {_WEBKIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge en Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox en Linux"),
        (f"Mozilla/5.0 (Linux; Android 15; K) {_WEBKIT} Chrome/142.0.0.0 Mobile Safari/537.36", "Chrome en Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Safari/604.1", "Safari en iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.5 Safari/605.1.15", "Safari en Mac"),
        ("curl/8.5", "Un programa"),
        ("", "Un programa"),
    ],
)
def test_a_browser_is_named_as_people_name_it(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
