"""A company connected to the simulator, over real HTTP; and a real mail server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from acuse.channels.models import AccountNotice, Lane, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.channels.registry import sync_account
from acuse.companies.models import Company
from acuse.deliveries import consequences
from acuse.deliveries.models import Suspension
from acuse.deliveries.policies import services as policies
from acuse.hooks.models import RawHook
from acuse.hooks.processing import apply_batch
from acuse.kernel import clock
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.simulator.callback import Callback

NUMBER, WABA, APP = "106540352242922", "102290129340398", "634974688087057"
Tell = Callable[..., None]


@pytest.fixture
def company(people: Cast, callback: Callback) -> Company:
    """Connected, and read once, as after the assistant."""
    made: Company = people.company
    app = WhatsAppApp.objects.create(company=made, app_id=APP, app_secret="simulator-app-secret")
    account = WhatsAppAccount.objects.create(company=made, app=app, waba_id=WABA, access_token="simulator-token")
    lane = Lane.objects.create(company=made, channel="whatsapp", name="WhatsApp")
    WhatsAppNumber.objects.create(account=account, lane=lane, phone_number_id=NUMBER)
    policies.ensure_policies(made)
    consequences.carry_out(sync_account(made), now=clock.now())
    return made


@pytest.fixture
def tell(meta: SimulatorProcess, callback: Callback, company: Company) -> Tell:
    """Provoke an event, and apply the webhook as the worker does."""

    def told(name: str, **values: Any) -> None:
        before = len(callback.posts)
        meta.control("event", event=name, **values)
        posts = callback.wait_for(before + 1)[before:]
        app = WhatsAppApp.objects.get(company=company)
        for post in posts:
            RawHook.objects.create(app=app, body=post.body, received_at=clock.now())
        assert apply_batch() == len(posts)

    return told


def body_of(*changes: dict[str, Any]) -> bytes:
    entry = {"id": WABA, "time": 1, "changes": changes}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def open_texts(company: Company) -> dict[str, str]:
    """Texts of the open notices, by their topic."""
    rows = AccountNotice.objects.filter(company=company, cleared_at=None)
    return {row.key.rsplit(":", 1)[-1]: row.text for row in rows}


def suspended(company: Company) -> list[str]:
    return list(Suspension.objects.filter(company=company, ended_at=None).values_list("scope", flat=True))
