from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from structlog.testing import capture_logs

from acuse.channels.models import Lane, WhatsAppApp
from acuse.companies.models import Company
from acuse.deliveries import services
from acuse.deliveries.models import Delivery, DeliveryEvent
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, State
from acuse.directory.models import Contact, Party
from acuse.hooks.models import RawHook
from acuse.hooks.processing import apply_batch
from acuse.kernel import clock
from tests.data import kept
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.integration.hooks.bodies import PHONE, body, change

OTHER_PHONE = "206540352242922"


@dataclass
class Desk:
    """A company whose WhatsApp number gets receipts, and another one's number beside it."""

    company: Company
    other: Company
    lane: Lane
    app: WhatsAppApp
    other_app: WhatsAppApp
    party: Party
    contact: Contact
    number: int = 0

    def delivery(self, state: State = State.SENT, *, company: Company | None = None, **fields: Any) -> Delivery:
        """One that the lane left in this state."""
        self.number += 1
        party = self.party if company is None else make_party(company)
        if company is not None:
            make_contact(party)
        voucher = make_voucher(company or self.company, party, number=self.number)
        _, asked = services.request_for([voucher], Asker("test", Origin.MANUAL))
        (delivery,) = asked.deliveries[0]
        left = {} if state in (State.QUEUED, State.CANCELLED) else {"started_at": clock.now(), "attempt": 1}
        Delivery.objects.filter(pk=delivery.pk).update(state=state, **{**left, **fields})
        delivery.refresh_from_db()
        return delivery

    def post(self, *bodies: bytes, app: WhatsAppApp | None = None) -> list[RawHook]:
        return [
            RawHook.objects.create(app=app or self.app, received_at=clock.now(), body=content) for content in bodies
        ]

    def tell(self, *statuses: dict[str, Any], app: WhatsAppApp | None = None, phone: str = PHONE) -> None:
        """One webhook with these statuses, received and applied."""
        self.post(body(change(statuses=list(statuses), phone=phone)), app=app)
        self.apply()

    def hear(self, *messages: dict[str, Any], **value: Any) -> None:
        self.post(body(change(messages=list(messages), **value)))
        self.apply()

    def apply(self) -> None:
        while apply_batch():
            pass


def kinds_of(delivery: Delivery) -> Sequence[str]:
    told = DeliveryEvent.objects.filter(delivery=delivery).exclude(kind="requested")
    return list(told.order_by("id").values_list("kind", flat=True))


def make_desk() -> Desk:
    cast = kept.cast()
    company, other = cast["company"], cast["other_company"]
    lane = make_whatsapp(company)
    make_whatsapp(other, phone_number_id=OTHER_PHONE)
    party = make_party(company)
    contact = make_contact(party)
    apps = {app.company_id: app for app in WhatsAppApp.objects.all()}
    return Desk(company, other, lane, apps[company.pk], apps[other.pk], party, contact)


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as entries:
        yield entries


@pytest.fixture
def desk(db: None) -> Desk:
    return make_desk()


@pytest.fixture
def committed_desk(transactional_db: None) -> Desk:
    """What other connections see."""
    return make_desk()
