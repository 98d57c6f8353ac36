"""Who did something, by their label."""

from __future__ import annotations

import pytest

from acuse.web.actors import by_whom, who


@pytest.mark.parametrize(
    ("label", "first", "within"),
    [
        ("user:ana@oeste.example", "ana@oeste.example", "ana@oeste.example"),
        ("key:acuse_1a2b3c", "La clave acuse_1a2b3c…", "la clave acuse_1a2b3c…"),
        ("command:setup", "El comando setup", "el comando setup"),
        ("system", "Acuse", "Acuse"), ("system:hook", "Acuse", "Acuse"),
        ("", "Acuse", "Acuse"), (None, "Acuse", "Acuse"),
        ("otro", "otro", "otro"), ("user:", "user:", "user:"),
    ],
)  # fmt: skip
def test_who_did_it_is_said_as_people_know_them(label: str | None, first: str, within: str) -> None:
    assert (who(label), by_whom(label)) == (first, within)
