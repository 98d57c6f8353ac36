"""What a party's page tells of its past."""

from __future__ import annotations

import pytest

from acuse.web.directory.history import text_of
from acuse.web.security.audit_words import EVENTS


@pytest.mark.parametrize("event", [event for event in EVENTS if event.startswith(("party.", "contact."))])
def test_every_event_of_a_party_or_contact_has_words_there(event: str) -> None:
    assert event not in text_of(event, {})


def test_what_only_the_audit_has_words_for_is_told_with_them() -> None:
    assert text_of("party.deleted", {"name": "Almacén Norte"}) == "Borró a Almacén Norte"
