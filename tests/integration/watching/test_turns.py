"""Whose account is read next, and that two workers never read the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection

from acuse.channels.models import WhatsAppAccount
from acuse.channels.whatsapp.turns import AGAIN, EVERY, claim_due
from acuse.companies.models import Company
from acuse.deliveries import stopped_sending
from acuse.kernel import clock
from acuse.workers.connection import conninfo
from tests.conftest import Cast
from tests.data import kept
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, suspend


def _account(people: Cast, **fields: Any) -> WhatsAppAccount:
    account = make_whatsapp(people.company).whatsapp_number.account
    WhatsAppAccount.objects.filter(pk=account.pk).update(**fields)
    account.refresh_from_db()
    return account


def test_one_that_was_never_read_is_due_at_once_and_then_for_whoever_claimed_it(people: Cast) -> None:
    account, now = _account(people), clock.now()
    assert claim_due(now) == people.company
    account.refresh_from_db()
    assert account.tried_at == now
    assert claim_due(now) is None
    assert claim_due(now + AGAIN - timedelta(seconds=1)) is None
    # it failed, or whoever had the turn died
    assert claim_due(now + AGAIN) == people.company


def test_one_that_was_read_is_due_a_day_later_within_the_hour(people: Cast) -> None:
    now = clock.now()
    _account(people, synced_at=now, tried_at=now)
    assert claim_due(now + EVERY - timedelta(seconds=1)) is None
    assert claim_due(now + EVERY + timedelta(hours=1)) == people.company


def test_another_token_makes_it_due_whatever_was_tried_before(people: Cast) -> None:
    now = clock.now()
    _account(people, synced_at=now, tried_at=now, token_saved_at=now + timedelta(seconds=1))
    assert claim_due(now + timedelta(seconds=2)) == people.company
    assert claim_due(now + timedelta(seconds=3)) is None


@pytest.mark.parametrize("fields", [{"access_token": ""}, {"waba_id": ""}])
def test_what_can_not_be_read_is_nobodys_turn(people: Cast, fields: dict[str, str]) -> None:
    _account(people, **fields)
    assert claim_due(clock.now()) is None


def test_what_stands_still_since_the_last_reading_is_looked_into_once(people: Cast) -> None:
    now = clock.now()
    before = now - timedelta(hours=1)
    _account(people, synced_at=before, tried_at=before)
    party = make_party(people.company)
    make_contact(party)
    suspend(ask([make_voucher(people.company, party)])[0])
    assert claim_due(now) is None
    later = clock.now()
    stopped_sending.look_into(now=later)
    assert claim_due(later) == people.company
    stopped_sending.look_into(now=later)
    assert claim_due(later) is None


@pytest.mark.usefixtures("transactional_db")
def test_two_workers_at_once_never_take_the_same_turn() -> None:
    company: Company = kept.cast()["company"]
    make_whatsapp(company)
    now = clock.now()

    def claim() -> Company | None:
        try:
            return claim_due(now)
        finally:
            connection.close()

    with psycopg.connect(conninfo()) as other, ThreadPoolExecutor(2) as pool:
        # both have read it as due before either may write
        other.execute("select 1 from channels_whatsappaccount for update")
        turns = [pool.submit(claim) for _ in range(2)]
        with psycopg.connect(conninfo(), autocommit=True) as watching:
            waiting = (
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            )
            while watching.execute(waiting).fetchone() != (2,):
                pass
        other.rollback()
        taken = [turn.result(10) for turn in turns]
    assert (taken.count(company), taken.count(None)) == (1, 1)
