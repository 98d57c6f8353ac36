"""Meta in trouble at each call of each step: it is told, nothing is half saved, and the step goes on from there."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from acuse.channels.models import WhatsAppNumber
from acuse.channels.whatsapp import management
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from acuse_simulator.process import SimulatorProcess
from tests.integration.channels.onboarding import APP, NUMBER, WABA, Desk, Step
from tests.integration.simulator.callback import Callback

#: Each call to Meta: the step, the method, the end of the path.
CALLS: dict[str, tuple[Step, str, str]] = {
    "credentials: the app": (Desk.credentials, "GET", f"{APP}/subscriptions$"),
    "credentials: the token": (Desk.credentials, "GET", "debug_token$"),
    "accounts: the token": (Desk.accounts, "GET", "debug_token$"),
    "accounts: each one": (Desk.accounts, "GET", f"/{WABA}$"),
    "account": (Desk.account, "GET", f"/{WABA}$"),
    "numbers": (Desk.numbers, "GET", "phone_numbers$"),
    "choose a number": (Desk.choose, "GET", "phone_numbers$"),
    "add a number": (Desk.add, "POST", "phone_numbers$"),
    "ask for the code": (Desk.ask_code, "POST", "request_code$"),
    "register": (Desk.register, "POST", "register$"),
    "a new PIN": (Desk.new_pin, "POST", f"/{NUMBER}$"),
    "read the profile": (Desk.read_profile, "GET", "whatsapp_business_profile$"),
    "the picture: its session": (Desk.save_profile, "POST", "uploads$"),
    "the picture: its bytes": (Desk.save_profile, "POST", "upload:"),
    "save the profile": (Desk.save_profile, "POST", "whatsapp_business_profile$"),
    "webhook: the app": (Desk.connect, "POST", f"{APP}/subscriptions$"),
    "webhook: the account": (Desk.connect, "POST", "subscribed_apps$"),
    "webhook: how the app is": (Desk.webhook, "GET", f"{APP}/subscriptions$"),
    "webhook: how the account is": (Desk.webhook, "GET", "subscribed_apps$"),
    "the sample: its session": (Desk.submit, "POST", "uploads$"),
    "the sample: its bytes": (Desk.submit, "POST", "upload:"),
    "the template": (Desk.submit, "POST", "message_templates$"),
    "templates": (Desk.templates, "GET", "message_templates$"),
    "unpause": (Desk.unpause, "POST", "unpause$"),
}
FAULTS = ("json_500", "html_500", "rate_limited", "half", "cut", "never")


def _trouble(desk: Desk, step: Step) -> OnboardingError:
    before = desk.kept()
    with pytest.raises(OnboardingError) as caught:
        step(desk)
    after = desk.kept()
    if step is Desk.register:
        # the PIN is kept before Meta has it, or a lost answer would lose it
        before["WhatsAppNumber"], after["WhatsAppNumber"] = (
            [{**row, "pin": None} for row in kept["WhatsAppNumber"]] for kept in (before, after)
        )
    assert after == before
    assert caught.value.field
    assert str(caught.value)
    assert caught.value.next_step.startswith("Lo que ya hiciste quedó guardado.")
    assert caught.value.passing
    return caught.value


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", CALLS)
def test_trouble_is_told_leaves_nothing_half_done_and_passes(
    desk: Desk, callback: Callback, monkeypatch: pytest.MonkeyPatch, call: str, fault: str
) -> None:
    step, method, where = CALLS[call]
    desk.meta.control("fault", kind=fault, method=method, where=where)
    with monkeypatch.context() as patience:
        if fault == "never":
            patience.setattr(management, "TIMEOUT", 0.8)
        _trouble(desk, step)
    step(desk)


@pytest.mark.parametrize("call", CALLS)
def test_meta_out_of_reach_is_told_the_same(desk: Desk, callback: Callback, settings: Any, call: str) -> None:
    step, _, _ = CALLS[call]
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.GRAPH_URL = f"http://127.0.0.1:{closed.getsockname()[1]}"
        told = _trouble(desk, step)
    assert "No se pudo conectar" in str(told)
    settings.GRAPH_URL = desk.meta.url
    step(desk)


def test_a_slow_answer_is_waited_for(desk: Desk, callback: Callback) -> None:
    for step in dict.fromkeys(step for step, _, _ in CALLS.values()):
        for own, method, where in CALLS.values():
            if own is step:
                desk.meta.control("fault", kind="slow", method=method, where=where)
        step(desk)
        assert desk.meta.get("/control/state")["faults"] == []


def test_verifying_the_code_stands_trouble_too(desk: Desk) -> None:
    desk.ask_code()
    for fault in ("json_500", "html_500", "rate_limited", "half", "cut"):
        desk.meta.control("fault", kind=fault, where="verify_code$")
        _trouble(desk, Desk.verify)
    desk.verify()


def test_a_registration_whose_answer_is_lost_goes_on_with_the_same_pin(desk: Desk) -> None:
    desk.meta.control("fault", kind="lost", where="register$")
    with pytest.raises(OnboardingError) as caught:
        desk.register()
    assert caught.value.passing
    there = next(n["pin"] for n in desk.meta.get("/control/state")["numbers"] if n["id"] == NUMBER)
    assert there
    assert desk.register() == there
    assert WhatsAppNumber.objects.get().pin.reveal() == there


def test_a_refused_registration_keeps_no_pin_that_the_number_does_not_have(desk: Desk) -> None:
    desk.meta.control("numbers", id=NUMBER, pin="123456")
    with pytest.raises(OnboardingError, match="no es ese"):
        desk.register()
    assert not WhatsAppNumber.objects.get().pin
    desk.meta.control("numbers", id=NUMBER, pin_tried_at=0.0)
    # one that somebody wrote isn't said back, nor is it when Acuse uses it again
    assert desk.register("123456") == ""
    assert desk.register() == ""
    assert WhatsAppNumber.objects.get().pin.reveal() == "123456"


def test_what_was_done_though_its_answer_was_lost_is_found_on_going_on(desk: Desk, callback: Callback) -> None:
    """The second time Meta has it already: each says so, with the way out, or is simply done again."""
    lost: dict[str, tuple[Step, str]] = {
        "phone_numbers$": (Desk.add, ""),
        "request_code$": (Desk.ask_code, "no mandó otro código"),
        "whatsapp_business_profile$": (Desk.save_profile, ""),
        f"{APP}/subscriptions$": (Desk.connect, ""),
        "subscribed_apps$": (Desk.connect, ""),
        f"/{NUMBER}$": (Desk.new_pin, ""),
    }
    for where, (step, word) in lost.items():
        desk.meta.control("fault", kind="lost", method="POST", where=where)
        _trouble(desk, step)
        if not word:
            step(desk)
            continue
        with pytest.raises(OnboardingError, match=word) as caught:
            step(desk)
        assert caught.value.next_step


def test_one_page_of_a_long_listing_that_fails_fails_the_whole(desk: Desk, process: SimulatorProcess) -> None:
    """Half a list would pass for all of it."""
    for count in range(101):
        process.control("templates", name=f"otra_{count}", status="APPROVED")
    process.control("fault", kind="slow", where="message_templates$")
    process.control("fault", kind="html_500", where="message_templates$")
    with pytest.raises(OnboardingError):
        Desk.templates(desk)
    Desk.templates(desk)
