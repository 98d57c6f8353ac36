"""Parameters change, and nothing that waits is lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acuse.channels import accounts, registry, selectors
from acuse.channels.accounts import AccountError, WhatsAppParameters
from acuse.channels.models import Lane, Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.companies.models import AuditEntry
from acuse.deliveries import senders, wishes
from acuse.deliveries.models import Delivery, MediaUpload, Suspension
from acuse.deliveries.states import State
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, suspend

ACTOR = "user:ana@oeste.example"


def _queued(people: Cast) -> Delivery:
    party = make_party(people.company)
    make_contact(party)
    return ask([make_voucher(people.company, party)])[0]


def test_another_token_and_another_number_keep_lane_account_and_queue(people: Cast) -> None:
    lane = make_whatsapp(people.company)
    delivery = _queued(people)
    account = WhatsAppAccount.objects.get()
    given = WhatsAppParameters(access_token="otro", phone_number_id="200300400500600", waba_id="77")
    changed = senders.change_whatsapp(people.company, given, actor=ACTOR)
    assert changed.fields == {"access_token", "phone_number_id", "waba_id"}
    assert Lane.objects.get() == lane
    after = WhatsAppAccount.objects.get()
    assert (after.pk, after.access_token.reveal(), after.waba_id) == (account.pk, "otro", "77")
    assert WhatsAppNumber.objects.get().phone_number_id == "200300400500600"
    waiting = Delivery.objects.get()
    assert (waiting.state, waiting.lane_id, waiting.account_key) == (State.QUEUED, lane.pk, delivery.account_key)
    assert waiting.content == delivery.content


def test_a_file_that_the_number_before_uploaded_is_uploaded_again(people: Cast) -> None:
    lane = make_whatsapp(people.company)
    MediaUpload.objects.create(lane=lane, sha256="0" * 64, media_id="1", uploaded_at=clock.now())
    senders.change_whatsapp(people.company, WhatsAppParameters(access_token="otro"), actor=ACTOR)
    assert MediaUpload.objects.exists()
    senders.change_whatsapp(people.company, WhatsAppParameters(phone_number_id="2003004005"), actor=ACTOR)
    assert not MediaUpload.objects.exists()


@pytest.mark.parametrize("scope", ["lane", "account"])
def test_a_new_token_ends_what_the_old_one_suspended(people: Cast, scope: str) -> None:
    make_whatsapp(people.company)
    suspend(_queued(people), scope)
    changed = senders.change_whatsapp(people.company, WhatsAppParameters(access_token="otro"), actor=ACTOR)
    assert changed.resumed == 1
    assert Suspension.objects.get().ended_by == ACTOR


def test_another_pace_or_secret_ends_no_suspension(people: Cast) -> None:
    make_whatsapp(people.company)
    suspend(_queued(people))
    given = WhatsAppParameters(throughput=5, app_secret="otro secreto", phone_number_id="106540352242922")
    assert senders.change_whatsapp(people.company, given, actor=ACTOR).resumed == 0
    assert Suspension.objects.get().ended_at is None


def test_the_mailbox_ends_its_own_suspension_and_no_other(people: Cast) -> None:
    make_whatsapp(people.company)
    suspend(_queued(people))
    box = make_mailbox(people.company, "smtp://127.0.0.1:25")
    Suspension.objects.create(
        company=people.company, scope="lane", key=str(box.pk), cause_code="smtp.535", cause_text="No.",
        since=clock.now(), probe_at=clock.now() + timedelta(minutes=15),
    )  # fmt: skip
    changed = senders.change_mailbox(
        people.company, url="smtp://u:c@127.0.0.1:25", from_address="facturas@oeste.example", actor=ACTOR
    )
    assert changed.resumed == 1
    assert Suspension.objects.get(ended_at=None).key != str(box.pk)


def test_the_audit_names_what_changed_and_holds_no_secret(people: Cast) -> None:
    make_whatsapp(people.company)
    given = WhatsAppParameters(access_token="EAAsecreto", app_secret="secretísimo", waba_id="102290129340398")
    senders.change_whatsapp(people.company, given, actor=ACTOR)
    [entry] = AuditEntry.objects.filter(event="whatsapp.changed")
    assert entry.detail == {"fields": ["access_token", "app_secret"]}
    assert (entry.actor, entry.target) == (ACTOR, people.company.cuit)
    assert "secret" not in str(entry.detail["fields"][0])


def test_what_is_saved_as_it_was_is_no_change(people: Cast) -> None:
    make_whatsapp(people.company)
    given = WhatsAppParameters(phone_number_id="106540352242922", waba_id="102290129340398", app_id="634974688087057")
    assert senders.change_whatsapp(people.company, given, actor=ACTOR).fields == frozenset()
    assert not AuditEntry.objects.filter(event="whatsapp.changed").exists()


def test_changing_the_app_and_back_finds_the_first_one_with_its_webhook(people: Cast) -> None:
    make_whatsapp(people.company)
    first = WhatsAppApp.objects.get()
    for app_id in ("999", first.app_id):
        senders.change_whatsapp(people.company, WhatsAppParameters(app_id=app_id), actor=ACTOR)
    senders.change_whatsapp(people.company, WhatsAppParameters(access_token="otro"), actor=ACTOR)
    found = selectors.whatsapp_app(people.company)
    assert found is not None
    assert (found.pk, found.key) == (first.pk, first.key)
    assert WhatsAppAccount.objects.get().app == first


def test_a_number_of_another_company_is_refused(people: Cast) -> None:
    make_whatsapp(people.other_company, phone_number_id="555")
    with pytest.raises(AccountError) as refused:
        senders.change_whatsapp(people.company, WhatsAppParameters(phone_number_id="555"), actor=ACTOR)
    assert refused.value.field == "phone_number_id"
    assert not WhatsAppAccount.objects.filter(company=people.company).exists()


def test_without_its_token_whatsapp_is_no_way_out_until_there_is_another(people: Cast) -> None:
    make_whatsapp(people.company)
    waiting = _queued(people)
    accounts.remove_token(people.company, actor=ACTOR)
    assert not WhatsAppAccount.objects.get().access_token
    assert not Lane.objects.get().is_active
    assert not selectors.whatsapp_ready(people.company)
    assert Delivery.objects.get(pk=waiting.pk).state == State.QUEUED
    senders.change_whatsapp(people.company, WhatsAppParameters(access_token="otro"), actor=ACTOR)
    assert Lane.objects.get().is_active
    assert selectors.whatsapp_ready(people.company)


def test_a_wish_that_had_no_way_out_goes_when_there_is_one(people: Cast) -> None:
    party = make_party(people.company)
    make_contact(party)
    voucher = make_voucher(people.company, party)
    voucher.wish = {"when": "now", "contacts": None, "by": "key:x", "origin": "api"}
    voucher.save()
    given = WhatsAppParameters(access_token="t", phone_number_id="1")
    senders.change_whatsapp(people.company, given, actor=ACTOR)
    wishes.look(people.company.pk)
    assert Delivery.objects.get().voucher == voucher


def test_a_mailbox_that_was_removed_comes_back_in_its_lane(people: Cast) -> None:
    lane = make_mailbox(people.company, "smtp://127.0.0.1:25")
    accounts.remove_mailbox(people.company, actor=ACTOR)
    assert not Mailbox.objects.exists()
    assert not selectors.mailbox_ready(people.company)
    senders.change_mailbox(people.company, url="smtp://127.0.0.1:26", from_address="a@oeste.example", actor=ACTOR)
    box = selectors.mailbox(people.company)
    assert box is not None
    assert (box.lane.pk, box.lane.is_active) == (lane.pk, True)
    assert selectors.mailbox_ready(people.company)
    assert registry.mailbox_settings(box).port == 26


def test_a_new_verify_token_is_not_in_the_audit(people: Cast) -> None:
    make_whatsapp(people.company)
    token = accounts.new_verify_token(people.company, actor=ACTOR)
    assert WhatsAppApp.objects.get().verify_token.reveal() == token
    entry = AuditEntry.objects.get(event="whatsapp.verify_token_made")
    assert token not in f"{entry.target} {entry.detail}"


def test_the_app_secret_can_be_removed_and_the_rest_stays(people: Cast) -> None:
    make_whatsapp(people.company)
    accounts.remove_app_secret(people.company, actor=ACTOR)
    assert not WhatsAppApp.objects.get().app_secret
    assert selectors.whatsapp_ready(people.company)


def test_readiness_is_of_each_company(people: Cast) -> None:
    make_whatsapp(people.company)
    make_mailbox(people.company, "smtp://127.0.0.1:25")
    assert (selectors.whatsapp_ready(people.company), selectors.mailbox_ready(people.company)) == (True, True)
    other = people.other_company
    assert (selectors.whatsapp_ready(other), selectors.mailbox_ready(other)) == (False, False)
