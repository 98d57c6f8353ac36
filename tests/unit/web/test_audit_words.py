"""What the audit says of each event that the product writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import acuse
from acuse.web.security.audit_words import EVENTS, GROUPS, lines_of, plain, words_of

SOURCES = [path for path in Path(acuse.__file__).parent.rglob("*.py") if "migrations" not in path.parts]
#: How the services write: by name, by one of two names, or through a helper of theirs.
_WRITTEN = (
    r'event="(\w+\.\w+)"', r'event="\w+\.\w+" if \w+ else "(\w+\.\w+)"', r'event = "(\w+\.\w+)"', r'else "(\w+\.\w+)"$',
    r'note\(\s*[\w.]+, "([\w.]+)"', r'_note\(company, actor, "(\w+\.\w+)"',
)  # fmt: skip


def _written() -> set[str]:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if "audit_words" not in path.name)
    return {event for pattern in _WRITTEN for event in re.findall(pattern, text, re.MULTILINE)}


def test_every_event_that_is_written_has_its_words() -> None:
    found = _written()
    assert len(found) > 60
    assert {"role.grants_set", "rate.created", "sign_in.failed", "whatsapp.pin_changed"} <= found
    assert found - EVENTS.keys() == set()


def test_no_event_is_in_two_groups() -> None:
    assert sum(len(group) for group in GROUPS.values()) == len(EVENTS)


@pytest.mark.parametrize("event", EVENTS)
def test_what_an_entry_of_another_version_lacks_is_left_blank(event: str) -> None:
    words = words_of(event, "eso", {})
    assert "{" not in words
    assert words[0].islower()


def test_an_event_that_nobody_knows_is_shown_as_it_is() -> None:
    assert words_of("algo.nuevo", "eso", {}) == "algo.nuevo eso"


def test_the_detail_is_told_line_by_line() -> None:
    detail = {
        "added": [["receipt", "send"], ["quote", "view"]], "before": {"email": ""}, "active": True, "nada": [],
        "otro": 3,
    }  # fmt: skip
    assert lines_of(detail) == [
        ("Agregado", "Cobros: Enviar comprobante, Presupuestos: Ver"),
        ("Antes", "email: vacío"),
        ("Activo", "sí"),
        ("otro", "3"),
    ]
    assert plain({"a": {"b": [1, 2]}}) == "a: b: 1, 2"
