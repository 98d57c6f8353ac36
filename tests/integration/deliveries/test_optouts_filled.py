"""What was known of *BAJA* before there was a register: kept messages, and contacts (`old_installation.py`)."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from acuse.companies import audit
from acuse.deliveries.models import InboundMessage
from acuse.directory.models import Contact, OptOut
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_party, make_whatsapp

OTHER = "+5493415550188"


@pytest.fixture
def fill(people: Cast) -> Any:
    lane = make_whatsapp(people.company)

    def said(sender: str, contact: Contact | None = None, **fields: Any) -> None:
        InboundMessage.objects.create(
            company=people.company, lane=lane, provider_id=f"in.{InboundMessage.objects.count()}", sender=sender,
            type="text", text="BAJA", contact=contact, opted_out=True, at=clock.now(), raw={}, **fields,
        )  # fmt: skip

    return said


def _addresses() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(import_module("acuse.deliveries.migrations.0018_fill_optouts").FILL)
    return set(OptOut.objects.values_list("address", flat=True))


def test_who_wrote_it_is_remembered_with_the_first_message_that_said_so(people: Cast, fill: Any) -> None:
    late = make_contact(make_party(people.company))
    fill(MOBILE.lstrip("+"))
    fill(MOBILE.lstrip("+"), late)
    fill("", sender_user_id="AR.77")
    assert _addresses() == {MOBILE, "AR.77"}
    row = OptOut.objects.get(address=MOBILE)
    assert (row.provider_id, row.reason) == ("in.0", "Pidió la baja por WhatsApp: «BAJA»")
    late.refresh_from_db()
    assert late.suppressed_at == row.asked_at


def test_who_asked_again_since_is_not(people: Cast, fill: Any) -> None:
    party = make_party(people.company)
    lifted, moved = make_contact(party), make_contact(party, mobile="+5493415550177")
    fill(MOBILE.lstrip("+"), lifted)
    fill(OTHER.lstrip("+"), moved)
    for contact in (lifted, moved):
        audit.record(company=people.company, actor="t", event="contact.restored", target=contact.pk)
    assert _addresses() == set()
    # and asked for it once more
    fill(MOBILE.lstrip("+"), lifted)
    InboundMessage.objects.update(received_at=clock.now())
    assert MOBILE in _addresses()
