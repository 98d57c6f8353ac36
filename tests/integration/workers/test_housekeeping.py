from __future__ import annotations

from datetime import timedelta

import pytest

from acuse.hooks.models import RawHook
from acuse.kernel import clock
from acuse.workers.housekeeping import clean
from tests.conftest import Cast
from tests.data.cast import make_whatsapp


@pytest.mark.django_db(transaction=True)
def test_applied_webhooks_of_last_month_go_and_what_waits_stays(people: Cast) -> None:
    from acuse.channels.models import WhatsAppApp

    make_whatsapp(people.company)
    app = WhatsAppApp.objects.get()
    old = clock.now() - timedelta(days=31)
    gone = RawHook.objects.create(app=app, received_at=old, body=b"{}", state=RawHook.State.DONE, done_at=old)
    waits = RawHook.objects.create(app=app, received_at=old, body=b"{}", state=RawHook.State.NEW)
    fresh = RawHook.objects.create(
        app=app, received_at=clock.now(), body=b"{}", state=RawHook.State.DONE, done_at=clock.now()
    )
    clean()
    assert set(RawHook.objects.values_list("pk", flat=True)) == {waits.pk, fresh.pk}
    assert gone.pk not in {waits.pk, fresh.pk}
