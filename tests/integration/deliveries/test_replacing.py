"""A voucher that changes while its deliveries wait, or are on their way."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from acuse.channels.contract import Channel
from acuse.channels.fake import NOT_CONNECTED, Script
from acuse.deliveries import replacing, services, wishes
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Named
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, State
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Authorization
from acuse.vouchers.services import authorize
from acuse.workers.connection import conninfo
from tests.data.cast import MOBILE, make_contact, make_mailbox
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks
from tests.integration.deliveries.conftest import Office


def replace(voucher: Voucher, **fields: Any) -> Voucher:
    Voucher.objects.filter(pk=voucher.pk).update(version=voucher.version + 1, **fields)
    voucher.refresh_from_db()
    return voucher


def test_a_version_that_was_replaced_while_it_was_on_its_way_gives_way_to_the_new_one(office: Office) -> None:
    voucher = office.voucher()
    [old] = office.ask(voucher)
    office.sender.script(MOBILE, Script(before=NOT_CONNECTED))
    original = office.sender.upload

    async def upload_and_replace(file: Any) -> str:
        async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            # `supersede` finds it in flight, and leaves it alone
            await connection.execute("update vouchers_voucher set version = 2 where id = %s", [voucher.pk])
        return await original(file)

    office.sender.upload = upload_and_replace  # type: ignore[method-assign]
    office.run()
    Delivery.objects.filter(pk=old.pk).update(due_at=old.created_at)
    office.run()
    old.refresh_from_db()
    new = Delivery.objects.get(version=2)
    assert (old.state, old.cause_code, new.state) == (State.CANCELLED, "superseded", State.SENT)
    assert [message.delivery_id for message in office.sender.sent] == [str(new.pk)]


def test_each_contact_is_asked_again_by_its_own_channel_only(office: Office) -> None:
    make_mailbox(office.company, "smtp://127.0.0.1:2525")
    other = make_contact(office.party, mobile="+5493415550188", email="compras@norte.example")
    voucher = office.voucher()
    asker = Asker("test", Origin.MANUAL)
    services.request_for([voucher], asker, named=Named((office.contact,), Channel.WHATSAPP))
    services.request_for([voucher], asker, named=Named((other,), Channel.EMAIL))
    replacing.supersede(replace(voucher), actor="test")
    again = Delivery.objects.filter(version=2).values_list("channel", "to")
    assert set(again) == {("whatsapp", MOBILE), ("email", "compras@norte.example")}


def test_what_the_new_version_lacks_is_waited_for(office: Office) -> None:
    voucher = office.voucher()
    [old] = office.ask(voucher)
    replacing.supersede(replace(voucher, authorization="pending", cae=""), actor="test")
    old.refresh_from_db()
    assert old.state == State.CANCELLED
    assert not Delivery.objects.filter(version=2).exists()
    authorize(
        voucher=voucher,
        result=Authorization.APPROVED,
        cae="75123456789012",
        cae_due_on=None,
        observations=[],
        actor="t",
    )
    wishes.fulfil_wish(voucher)
    assert Delivery.objects.filter(version=2, to=old.to, state=State.QUEUED).count() == 1


@wherever_it_breaks
def test_what_cant_be_worked_out_of_the_new_version_is_waited_for(
    office: Office, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    voucher = office.voucher()
    [old] = office.ask(voucher)
    with monkeypatch.context() as patched:
        break_it(patched, spot)
        replacing.supersede(replace(voucher), actor="test")
    old.refresh_from_db()
    assert old.state == State.CANCELLED
    assert not Delivery.objects.filter(version=2).exists()
    wishes.fulfil_wish(voucher)
    assert Delivery.objects.filter(version=2, to=old.to, state=State.QUEUED).count() == 1


def test_a_qr_that_contradicts_since_it_was_asked_keeps_it_from_leaving(office: Office) -> None:
    voucher = office.voucher()
    [delivery] = office.ask(voucher)
    found = [{"field": "codAut", "expected": "1", "found": "2"}]
    Voucher.objects.filter(pk=voucher.pk).update(qr_contradictions=found)
    office.run()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.cause_code) == (State.CANCELLED, "qr_contradicts")
    assert office.sender.sent == []
