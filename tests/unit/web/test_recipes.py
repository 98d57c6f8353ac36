"""How Acuse gets an address that Meta reaches, as text to copy."""

from __future__ import annotations

import pytest

from acuse.web.whatsapp.recipes import SAMPLE_NAME, recipes


@pytest.mark.parametrize(
    ("base_url", "bind", "name", "local"),
    [
        ("http://localhost:8000", ("127.0.0.1", 8000), SAMPLE_NAME, "127.0.0.1:8000"),
        ("https://acuse.oeste.example", ("0.0.0.0", 8123), "acuse.oeste.example", "127.0.0.1:8123"),
        ("https://acuse.oeste.example", ("::1", 8000), "acuse.oeste.example", "[::1]:8000"),
        ("http://10.0.0.5:8000", ("10.0.0.5", 8000), "10.0.0.5", "10.0.0.5:8000"),
    ],
)
def test_each_recipe_has_the_real_host_and_port(base_url: str, bind: tuple[str, int], name: str, local: str) -> None:
    made = {one.id: one for one in recipes(base_url=base_url, bind_host=bind[0], bind_port=bind[1])}
    assert set(made) == {"caddy", "nginx", "cloudflared", "ngrok"}
    assert all(local in one.text for one in made.values())
    assert made["caddy"].text.startswith(f"{name} {{")
    assert f"ACUSE_BASE_URL=https://{name}" in made["nginx"].after
