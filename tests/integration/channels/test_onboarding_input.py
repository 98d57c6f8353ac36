"""What is wrong in itself is told before Meta is asked, and no PIN is made that nobody keeps."""

from __future__ import annotations

from typing import Any

import pytest

from acuse.channels.models import WhatsAppNumber
from acuse.channels.whatsapp.onboarding import numbers
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from tests.integration.channels.onboarding import ACTOR, FRESH, Desk


@pytest.fixture
def unreachable(desk: Desk, settings: Any) -> Desk:
    """Whoever asks Meta is told that it doesn't answer, which is another error."""
    settings.GRAPH_URL = "http://127.0.0.1:9"
    return desk


def _at_meta(desk: Desk, number: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = desk.meta.get("/control/state")["numbers"]
    return next(one for one in found if one["id"] == number)


@pytest.mark.parametrize("name", ["", "   ", "A", " A ", "A" * 76])
def test_a_name_that_is_too_short_or_too_long_is_told_without_asking(unreachable: Desk, name: str) -> None:
    with pytest.raises(OnboardingError) as caught:
        numbers.add_number(unreachable.company, typed="0341 15 555-0111", verified_name=name, actor=ACTOR)
    assert (caught.value.field, caught.value.passing) == ("verified_name", False)


@pytest.mark.parametrize("name", ["AB", "A" * 75, f"  {'A' * 75}  "])
def test_a_name_of_2_to_75_characters_is_taken(desk: Desk, name: str) -> None:
    added = numbers.add_number(desk.company, typed="0341 15 555-0111", verified_name=name, actor=ACTOR)
    assert _at_meta(desk, added)["name"] == name.strip()


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "doce"])
def test_what_is_not_six_digits_is_told_without_asking(unreachable: Desk, code: str) -> None:
    with pytest.raises(OnboardingError, match="seis números") as caught:
        numbers.verify_code(unreachable.company, phone_number_id=FRESH, code=code, actor=ACTOR)
    assert (caught.value.field, caught.value.passing) == ("code", False)


def test_a_number_that_is_registered_before_it_is_chosen_keeps_its_pin(desk: Desk) -> None:
    desk.meta.control("numbers", id=FRESH, code_status="VERIFIED")
    pin = desk.register(number=FRESH)
    assert _at_meta(desk, FRESH)["status"] == "CONNECTED"
    assert WhatsAppNumber.objects.get(phone_number_id=FRESH).pin.reveal() == pin == _at_meta(desk, FRESH)["pin"]


def test_no_pin_is_changed_of_a_number_that_would_not_keep_it(desk: Desk) -> None:
    with pytest.raises(OnboardingError) as caught:
        numbers.set_pin(desk.company, phone_number_id=FRESH, actor=ACTOR)
    assert caught.value.field == "phone_number_id"
    assert "Elegilo" in caught.value.next_step
    assert _at_meta(desk, FRESH)["pin"] is None
