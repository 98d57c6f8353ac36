"""Two people, or two clicks, at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from acuse.channels.models import WhatsAppNumber
from acuse.channels.whatsapp.management import Management
from acuse.channels.whatsapp.onboarding import numbers
from tests.integration.channels.onboarding import ACTOR, NUMBER, Desk

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_new_pins_at_once_the_one_that_meta_has_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    ask, first_asked, second_done = Management.set_pin, threading.Event(), threading.Event()

    async def slow_to_come_back(graph: Management, number_id: str, pin: str) -> None:
        await ask(graph, number_id, pin)
        if not first_asked.is_set():
            # Meta took it; the other one has all the room to be taken and kept before this one is kept
            first_asked.set()
            second_done.wait(1)

    def new_pin() -> str:
        try:
            return numbers.set_pin(desk.company, phone_number_id=NUMBER, actor=ACTOR)
        finally:
            connection.close()

    monkeypatch.setattr(Management, "set_pin", slow_to_come_back)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(new_pin)
        assert first_asked.wait(20)
        second = pool.submit(new_pin)
        second.add_done_callback(lambda _: second_done.set())
        first.result(30)
        second.result(30)
    at_meta = next(n["pin"] for n in desk.meta.get("/control/state")["numbers"] if n["id"] == NUMBER)
    assert WhatsAppNumber.objects.get(phone_number_id=NUMBER).pin.reveal() == at_meta
