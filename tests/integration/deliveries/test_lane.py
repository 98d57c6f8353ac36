from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from acuse.channels.contract import AGAIN, Accepted, Cause, Refusal, Scope, Verdict
from acuse.channels.fake import NO_ANSWER, NOT_CONNECTED, FakeSender, Script
from acuse.companies.models import AuditEntry
from acuse.deliveries import services
from acuse.deliveries.models import Delivery, DeliveryPolicy, MediaUpload, Suspension
from acuse.deliveries.policy import EXHAUSTED, MAX_TRIES
from acuse.deliveries.states import Priority, State
from acuse.directory import optout
from acuse.directory.models import MarketingChoice
from acuse.kernel import clock
from acuse.vouchers import services as vouchers
from acuse.vouchers.files import path_of
from acuse.vouchers.kinds import VoucherKind
from acuse.workers.connection import conninfo
from tests.data.cast import MOBILE, make_contact, make_party
from tests.integration.deliveries.conftest import Office

TOKEN = Refusal(Verdict.SUSPENDED, Scope.ACCOUNT, Cause("whatsapp.190", "El token venció.", "Cargá otro."))
PAUSED = Refusal(Verdict.SUSPENDED, Scope.TEMPLATE, Cause("whatsapp.132015", "Meta pausó la plantilla."))
NOT_ON_WHATSAPP = Refusal(Verdict.REJECTED, Scope.RECIPIENT, Cause("whatsapp.131026", "No tiene WhatsApp."))
UNWANTED = replace(NOT_ON_WHATSAPP, cause=Cause("whatsapp.131050", "Pidió no recibir."), marketing_stopped=True)
BAD_MEDIA = Refusal(
    Verdict.REJECTED, Scope.DELIVERY, Cause("whatsapp.131053", "No se pudo procesar."), upload_again=True
)


def states(*deliveries: Delivery) -> list[str]:
    for delivery in deliveries:
        delivery.refresh_from_db()
    return [delivery.state for delivery in deliveries]


def events(delivery: Delivery) -> list[str]:
    return list(delivery.events.values_list("kind", flat=True))


def make_due(*deliveries: Delivery) -> None:
    Delivery.objects.filter(pk__in=[d.pk for d in deliveries]).update(due_at=clock.now())


def test_it_sends_and_keeps_the_proof(office: Office) -> None:
    [delivery] = office.ask(office.voucher())
    assert office.run()
    assert states(delivery) == [State.SENT]
    assert delivery.provider_id
    assert delivery.tries == 1
    assert events(delivery) == ["requested", "sent"]
    message = office.sender.sent[0]
    assert (message.to, message.file.name) == (MOBILE, "Factura A 00003-00000042.pdf")
    assert message.delivery_id == str(delivery.pk)


def test_a_file_is_uploaded_once_a_number(office: Office) -> None:
    other = make_contact(office.party, mobile="+5493415550188")
    first = office.ask(office.voucher())
    assert {d.contact_id for d in first} == {office.contact.pk, other.pk}
    office.run()
    office.ask(office.voucher(), again=True)
    office.run()
    assert len(office.sender.sent) == 4
    assert len(office.sender.uploaded) == 1
    assert MediaUpload.objects.count() == 1


def test_an_upload_is_made_again_on_day_29(office: Office) -> None:
    office.ask(office.voucher())
    office.run()
    MediaUpload.objects.update(uploaded_at=clock.now() - timedelta(days=29, minutes=1))
    office.ask(office.voucher(), again=True)
    office.run()
    assert len(office.sender.uploaded) == 2


def test_an_unusable_upload_is_made_again_once(office: Office) -> None:
    office.sender.script(MOBILE, Script(after=BAD_MEDIA))
    [delivery] = office.ask(office.voucher())
    office.run()
    assert states(delivery) == [State.SENT]
    assert len(office.sender.uploaded) == 2
    office.sender.script(MOBILE, Script(after=BAD_MEDIA), Script(after=BAD_MEDIA))
    [again] = office.ask(office.voucher(), again=True)
    office.run()
    assert states(again) == [State.FAILED]


def test_what_never_left_is_tried_again_later(office: Office) -> None:
    office.sender.script(MOBILE, Script(before=NOT_CONNECTED))
    [delivery] = office.ask(office.voucher())
    office.run()
    assert states(delivery) == [State.QUEUED]
    assert delivery.due_at > clock.now()
    assert delivery.cause_code == "network.connect"
    make_due(delivery)
    office.run()
    assert states(delivery) == [State.SENT]
    assert delivery.tries == 2
    assert delivery.cause_code == ""
    assert events(delivery) == ["requested", "retry", "sent"]


def test_it_gives_up_after_the_last_try(office: Office) -> None:
    cause = replace(NOT_CONNECTED.cause, next_step=f"{AGAIN} Si sigue, avisá.")
    office.sender.default = Script(before=replace(NOT_CONNECTED, cause=cause))
    [delivery] = office.ask(office.voucher())
    for _ in range(MAX_TRIES):
        make_due(delivery)
        office.run()
    assert states(delivery) == [State.FAILED]
    assert delivery.tries == MAX_TRIES
    assert delivery.cause_next_step == f"{EXHAUSTED} Si sigue, avisá."


def test_it_does_not_resend_after_a_timeout(office: Office) -> None:
    office.sender.script(MOBILE, Script(after=NO_ANSWER))
    [delivery] = office.ask(office.voucher())
    office.run()
    office.run()
    assert states(delivery) == [State.UNCERTAIN]
    assert len(office.sender.sent) == 1


def test_a_person_resolves_what_is_uncertain(office: Office) -> None:
    office.sender.default = Script(after=NO_ANSWER)
    [one] = office.ask(office.voucher(1))
    [two] = office.ask(office.voucher(2))
    office.run()
    services.resolve(one, sent=True, actor="test")
    services.resolve(two, sent=False, actor="test")
    assert states(one, two) == [State.SENT, State.FAILED]


def test_a_recipient_without_whatsapp_fails_and_is_flagged_and_stops_nobody(office: Office) -> None:
    other = make_party(office.company, name="Otro SA")
    make_contact(other, mobile="+5493415550177")
    office.sender.script(MOBILE, Script(after=NOT_ON_WHATSAPP))
    [bad] = office.ask(office.voucher(1))
    [good] = office.ask(office.voucher(2, party=other))
    office.run()
    assert states(bad, good) == [State.FAILED, State.SENT]
    office.contact.refresh_from_db()
    assert office.contact.mobile_problem == "No tiene WhatsApp."


def test_who_wants_no_marketing_is_noted_once_by_what_a_send_answers(office: Office) -> None:
    office.sender.default = Script(after=UNWANTED)
    asked = [office.ask(office.voucher(n))[0] for n in (1, 2)]
    office.run()
    assert states(*asked) == [State.FAILED, State.FAILED]
    office.contact.refresh_from_db()
    assert office.contact.mobile_problem == ""
    choice = MarketingChoice.objects.get()
    assert (choice.mobile, choice.stopped, choice.origin) == (MOBILE, True, "refused")
    assert AuditEntry.objects.filter(event="contact.marketing_stopped", target=str(office.contact.pk)).count() == 1


def test_a_revoked_token_suspends_the_account_and_fails_nothing(office: Office) -> None:
    office.sender.default = Script(after=TOKEN)
    asked = [office.ask(office.voucher(n))[0] for n in range(1, 6)]
    office.run()
    assert set(states(*asked)) == {State.QUEUED}
    suspension = Suspension.objects.get(ended_at=None)
    assert (suspension.scope, suspension.cause_code) == ("account", "whatsapp.190")
    assert {d.tries for d in asked} == {0}
    office.sender.default = Script()
    office.run()
    assert set(states(*asked)) == {State.QUEUED}, "it waits for the probe"
    services.resume([suspension], actor="test")
    office.run()
    assert set(states(*asked)) == {State.SENT}


def test_a_probe_that_goes_through_ends_the_suspension(office: Office) -> None:
    office.sender.default = Script(after=TOKEN)
    asked = [office.ask(office.voucher(n))[0] for n in range(1, 4)]
    office.run()
    sent_before = len(office.sender.sent)
    Suspension.objects.update(probe_at=clock.now())
    office.run()
    assert len(office.sender.sent) == sent_before + 1, "one delivery tries it, no more"
    office.sender.default = Script()
    Suspension.objects.update(probe_at=clock.now())
    office.run()
    assert set(states(*asked)) == {State.SENT}
    assert Suspension.objects.get().ended_by == "probe"


def test_a_paused_template_stops_only_its_deliveries(office: Office) -> None:
    DeliveryPolicy.objects.filter(company=office.company, kind="quote").update(template_name="presupuestos")
    office.sender.script(MOBILE, Script(after=PAUSED))
    [invoice] = office.ask(office.voucher(1))
    office.run()
    [waits] = office.ask(office.voucher(2))
    [quote] = office.ask(office.voucher(3, kind=VoucherKind.QUOTE))
    office.run()
    assert states(invoice, waits, quote) == [State.QUEUED, State.QUEUED, State.SENT]
    Suspension.objects.update(probe_at=clock.now())
    office.run()
    assert states(invoice, waits) == [State.SENT, State.SENT]


def test_what_became_unsendable_is_cancelled_with_its_reason(office: Office) -> None:
    voided, disabled, suppressed = office.voucher(1), office.voucher(2), office.voucher(3)
    [first] = office.ask(voided)
    vouchers.void(voucher=voided, actor="test")
    office.run()
    assert (states(first), first.cause_code) == ([State.CANCELLED], "voided")
    [second] = office.ask(disabled)
    DeliveryPolicy.objects.update(enabled=False)
    office.run()
    assert (states(second), second.cause_code) == ([State.CANCELLED], "kind_disabled")
    DeliveryPolicy.objects.update(enabled=True)
    [third] = office.ask(suppressed)
    optout.suppress([office.contact], reason="BAJA", actor="test")
    office.run()
    assert (states(third), third.cause_code) == ([State.CANCELLED], "contact_suppressed")
    assert office.sender.sent == []


def test_a_cancelled_delivery_does_not_leave(office: Office) -> None:
    [delivery] = office.ask(office.voucher())
    services.cancel(delivery, actor="test")
    office.run()
    assert states(delivery) == [State.CANCELLED]
    assert office.sender.sent == []


def test_one_click_goes_before_the_bulk(office: Office) -> None:
    office.lane.throughput = 1
    office.lane.save()
    bulk = [office.ask(office.voucher(n), priority=Priority.BULK)[0] for n in range(1, 4)]
    [click] = office.ask(office.voucher(9))
    office.run(only=[bulk[0].pk, click.pk])
    assert office.sender.sent[0].delivery_id == str(click.pk)


def test_a_lane_has_one_runner(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.ask(office.voucher())
    send = office.sender.send

    async def both() -> tuple[bool, bool]:
        answered, sending = asyncio.Event(), asyncio.Event()

        async def slowly(*given: Any) -> Accepted:
            sending.set()
            await answered.wait()
            return await send(*given)

        monkeypatch.setattr(office.sender, "send", slowly)
        first = asyncio.create_task(office.runner().run())
        await asyncio.wait_for(sending.wait(), 30)
        second = await office.runner().run()
        answered.set()
        return await first, second

    assert asyncio.run(both()) == (True, False)
    assert len(office.sender.sent) == 1


def test_what_a_dead_runner_left_is_queued_or_uncertain(office: Office) -> None:
    [claimed] = office.ask(office.voucher(1))
    [started] = office.ask(office.voucher(2))
    Delivery.objects.filter(pk=claimed.pk).update(state=State.SENDING, attempt=1)
    Delivery.objects.filter(pk=started.pk).update(state=State.SENDING, attempt=1, started_at=clock.now())
    office.run()
    assert states(claimed, started) == [State.SENT, State.UNCERTAIN]
    assert len(office.sender.sent) == 1


def test_an_attempt_that_lost_its_right_does_not_leave(office: Office) -> None:
    """A runner that was frozen, while another took its row over, wakes up."""
    [delivery] = office.ask(office.voucher())
    original = office.sender.upload

    async def upload_slowly(file: object) -> str:
        async with await psycopg.AsyncConnection.connect(conninfo(), autocommit=True) as connection:
            await connection.execute("update deliveries_delivery set attempt = 7 where id = %s", [delivery.pk])
        return await original(file)  # type: ignore[arg-type]

    office.sender.upload = upload_slowly  # type: ignore[method-assign]
    office.run(only=[delivery.pk])
    assert office.sender.sent == []


def test_more_than_the_pair_limit_waits_its_turn(office: Office) -> None:
    asked = [office.ask(office.voucher(n))[0] for n in range(1, 49)]
    office.run()
    found = states(*asked)
    assert (found.count(State.SENT), found.count(State.QUEUED)) == (45, 3)
    waiting = sorted(d.due_at for d in asked if d.state == State.QUEUED)
    assert waiting[0] > clock.now()
    assert (waiting[1] - waiting[0]).total_seconds() > 5


def test_a_missing_file_is_told_and_not_retried(office: Office) -> None:
    [delivery] = office.ask(office.voucher(content=b"%PDF-1.4 unico " + uuid4().bytes))
    path_of(delivery.file_id).unlink()
    office.run()
    assert (states(delivery), delivery.cause_code) == ([State.FAILED], "file_missing")


def test_a_sender_that_breaks_is_told_and_tried_again(office: Office) -> None:
    async def broken(*_: object) -> str:
        raise RuntimeError("bug")

    office.sender.upload = broken  # type: ignore[method-assign,assignment]
    [delivery] = office.ask(office.voucher())
    office.run()
    assert (states(delivery), delivery.cause_code) == ([State.QUEUED], "internal")


def test_parameters_of_no_use_suspend_the_lane_and_say_so(office: Office) -> None:
    [delivery] = office.ask(office.voucher())

    async def broken() -> FakeSender:
        raise ValueError("no es una dirección de correo")

    runner = office.runner()
    runner._lane = replace(runner._lane, open_sender=broken)
    asyncio.run(runner.run())
    assert states(delivery) == [State.QUEUED]
    suspension = Suspension.objects.get(ended_at=None)
    assert (suspension.scope, suspension.key, suspension.cause_code) == (
        "lane",
        str(office.lane.pk),
        "sender_unavailable",
    )


def test_what_a_provider_says_never_keeps_a_batch_from_being_settled(office: Office) -> None:
    said = Cause("whatsapp.1\0", "x" * 900 + "\0", "y" * 900)
    odd = Refusal(Verdict.REJECTED, Scope.DELIVERY, said, detail={"message": "a\0b"})
    office.sender.script(MOBILE, Script(after=odd))
    [delivery] = office.ask(office.voucher())
    office.run()
    assert states(delivery) == [State.FAILED]
    assert delivery.events.get(kind="failed").detail["message"] == "ab"
