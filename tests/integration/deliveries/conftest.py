from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from acuse.channels.fake import FakeSender
from acuse.channels.models import Lane as LaneRow
from acuse.companies.models import Company
from acuse.deliveries import services
from acuse.deliveries.lane.outbox import LaneInfo
from acuse.deliveries.lane.sending import Lane, LaneRunner
from acuse.deliveries.models import Delivery
from acuse.deliveries.policies.freezing import account_key_of
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, Priority
from acuse.directory.models import Contact, Party
from acuse.vouchers.files import path_of
from acuse.vouchers.models import Voucher
from acuse.workers.connection import conninfo
from tests.data import kept
from tests.data.cast import MOBILE, make_contact, make_party, make_voucher, make_whatsapp


@dataclass
class Office:
    """A company with a customer, a contact and a lane whose sender is the fake."""

    company: Company
    party: Party
    contact: Contact
    lane: LaneRow
    sender: FakeSender

    def voucher(self, number: int = 42, **fields: Any) -> Voucher:
        return make_voucher(self.company, fields.pop("party", self.party), number=number, **fields)

    def ask(self, *vouchers: Voucher, priority: int = Priority.BY_HAND, again: bool = False) -> list[Delivery]:
        asker = Asker("test", Origin.MANUAL, priority)
        _, asked = services.request_for(vouchers, asker, again=again)
        return [delivery for deliveries in asked.deliveries for delivery in deliveries]

    def runner(self) -> LaneRunner:
        info = LaneInfo(self.lane.pk, self.company.pk, account_key_of(self.lane), self.lane.throughput)

        async def open_sender() -> FakeSender:
            return self.sender

        return LaneRunner(Lane(info, open_sender, path_of), conninfo())

    def run(self, only: Sequence[UUID] | None = None) -> bool:
        return asyncio.run(self.runner().run(only=only))


@pytest.fixture
def office(transactional_db: None) -> Office:
    company = kept.cast()["company"]
    party = make_party(company)
    contact = make_contact(party, mobile=MOBILE)
    return Office(company, party, contact, make_whatsapp(company, throughput=1000), FakeSender())
