"""Whatever the simulator tells of an account, Acuse understands: nothing is only counted."""

from __future__ import annotations

import pytest

from acuse.channels.models import Lane, WhatsAppAccount, WhatsAppApp, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.whatsapp.news.fields import FIELDS
from acuse.deliveries.models import ProviderCount
from acuse.hooks.models import RawHook
from acuse.hooks.processing import apply_batch
from acuse.kernel import clock
from acuse_simulator.events import EVENTS
from acuse_simulator.graph.accounts import FIELDS as META_FIELDS
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast

from .callback import Callback
from .graph_client import NUMBER, WABA

APP = "634974688087057"


@pytest.fixture
def app(people: Cast) -> WhatsAppApp:
    made = WhatsAppApp.objects.create(company=people.company, app_id=APP, app_secret="simulator-app-secret")
    account = WhatsAppAccount.objects.create(company=people.company, app=made, waba_id=WABA, access_token="x")
    lane = Lane.objects.create(company=people.company, channel="whatsapp", name="WhatsApp")
    WhatsAppNumber.objects.create(account=account, lane=lane, phone_number_id=NUMBER, display="+54 9 11 5550-9000")
    WhatsAppTemplate.objects.create(account=account, name="comprobantes", language="es_AR", status="APPROVED")
    return made


def test_every_event_is_understood_and_every_field_is_told(
    app: WhatsAppApp, meta: SimulatorProcess, callback: Callback
) -> None:
    for name in EVENTS:
        meta.control("event", event=name)
    meta.settle()
    told = {change["field"] for post in callback.posts for change in post.json["entry"][0]["changes"]}
    assert told == set(FIELDS) == set(META_FIELDS) - {"messages"}
    for post in callback.posts:
        RawHook.objects.create(app=app, body=post.body, received_at=clock.now())
    while apply_batch():
        pass
    assert not RawHook.objects.exclude(state=RawHook.State.DONE).exists()
    # what people prefer of marketing changes nothing of the account: counted by its own name, and not as unknown
    assert set(ProviderCount.objects.values_list("key", flat=True)) <= {"user_preferences"}
