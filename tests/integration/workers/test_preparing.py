"""Bringing the database up to date: one does it, the others wait."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from acuse.companies.models import AuditEntry, Role, RoleGrant
from acuse.companies.permissions.pages import ADMINISTRATOR, EVERYTHING, Page
from acuse.companies.permissions.roles import held_by
from acuse.workers import preparing
from acuse.workers.connection import conninfo
from tests.conftest import Cast


@contextmanager
def _held_while(act: Callable[[], None], other: psycopg.Connection[Any], *, patience: float) -> Iterator[None]:
    """`act` begins in a thread of its own while `other` has the turn, and has `patience` seconds to end after that."""
    other.execute("select pg_advisory_lock(%s)", [preparing.MIGRATION_LOCK])
    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        other.execute("select pg_advisory_unlock(%s)", [preparing.MIGRATION_LOCK])
        thread.join(patience)


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_its_turn_holds_up_no_index_that_is_made_meanwhile() -> None:
    done = threading.Event()

    def wait() -> None:
        with preparing.turn():
            pass
        connection.close()
        done.set()

    with psycopg.connect(conninfo(), autocommit=True) as migrating:
        try:
            with _held_while(wait, migrating, patience=10):
                assert not done.wait(0.5)
                migrating.execute("set lock_timeout = '10s'")
                migrating.execute("create table made_meanwhile (id integer)")
                migrating.execute("create index concurrently made_meanwhile_id on made_meanwhile (id)")
        finally:
            migrating.execute("drop table if exists made_meanwhile")
    assert done.is_set()


@pytest.mark.django_db(transaction=True)
def test_migrate_by_hand_takes_its_turn_too() -> None:
    done = threading.Event()

    def migrate() -> None:
        call_command("migrate", verbosity=0)
        connection.close()
        done.set()

    with psycopg.connect(conninfo(), autocommit=True) as other:
        with _held_while(migrate, other, patience=60):
            assert not done.wait(1)
        assert done.is_set()
        [(free,)] = other.execute("select pg_try_advisory_lock(%s)", [preparing.MIGRATION_LOCK]).fetchall()
        assert free


def test_the_administrador_of_a_company_from_before_holds_what_a_version_adds(people: Cast) -> None:
    edited = Role.objects.get(company=people.company, name="Ventas")
    kept = held_by([edited])
    everything = {(page.value, action.value) for page, action in EVERYTHING}
    lacked = RoleGrant.objects.filter(role__name=ADMINISTRATOR)
    lacked.filter(role__company=people.company, page=Page.AUDIT.value).delete()
    lacked.filter(role__company=people.other_company, page=Page.RATES.value, action="configure").delete()
    call_command("migrate", verbosity=0, check_unapplied=True)
    assert held_by([Role.objects.get(company=people.company, name=ADMINISTRATOR)]) < everything, "who only asks"
    call_command("migrate", verbosity=0)
    for company in (people.company, people.other_company):
        assert held_by([Role.objects.get(company=company, name=ADMINISTRATOR)]) == everything
    assert held_by([edited]) == kept
    told = AuditEntry.objects.filter(event="role.grants_set", actor="command:migrate", target=ADMINISTRATOR)
    assert [(entry.company, entry.detail["added"]) for entry in told.order_by("company__legal_name")] == [
        (people.other_company, [["rates", "configure"]]), (people.company, [["audit", "export"], ["audit", "view"]]),
    ]  # fmt: skip
    call_command("migrate", verbosity=0)
    assert told.count() == 2, "once"
