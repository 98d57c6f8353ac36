from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from acuse.channels.accounts import WhatsAppParameters, save_whatsapp
from acuse.channels.models import WhatsAppAccount, WhatsAppApp, WhatsAppTemplate
from acuse.channels.whatsapp.onboarding import numbers
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.channels.onboarding import APP, FRESH, NUMBER, SECRET, TOKEN, WABA, Desk
from tests.integration.simulator.callback import Callback, CallbackServer


@pytest.fixture
def desk(people: Cast, meta: SimulatorProcess) -> Desk:
    """Connected, with a number that is ours and one that Meta has just made."""
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA)
    save_whatsapp(people.company, given, actor="test")
    numbers.choose_number(people.company, phone_number_id=NUMBER, default=True, actor="test")
    meta.control("tokens", token=TOKEN, targets=[WABA])
    meta.control("numbers", id=FRESH, display="+54 9 341 555-0100", status="PENDING", code_status="NOT_VERIFIED")
    meta.control("templates", name="comprobantes", status="PAUSED")
    template = next(t for t in meta.get("/control/state")["templates"] if t["name"] == "comprobantes")
    account = WhatsAppAccount.objects.get()
    WhatsAppTemplate.objects.create(account=account, name="comprobantes", language="es_AR", meta_id=template["id"])
    return Desk(people.company, meta)


@pytest.fixture
def callback(desk: Desk, settings: Any) -> Iterator[Callback]:
    """What Meta reaches when it calls the company's address."""
    server = CallbackServer()
    settings.BASE_URL = server.callback.url.removesuffix("/hooks")
    server.callback.verify_token = WhatsAppApp.objects.get().verify_token.reveal()
    yield server.callback
    server.close()
