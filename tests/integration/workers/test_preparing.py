"""Bringing the database up to date: one does it, the others wait."""

from __future__ import annotations

import threading

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from acuse.workers import preparing
from acuse.workers.connection import conninfo


@pytest.mark.django_db(transaction=True)
def test_whoever_waits_for_its_turn_holds_up_no_index_that_is_made_meanwhile() -> None:
    done = threading.Event()

    def wait() -> None:
        preparing.wait_for_turn()
        connection.close()
        done.set()

    with psycopg.connect(conninfo(), autocommit=True) as migrating:
        migrating.execute("select pg_advisory_lock(%s)", [preparing.MIGRATION_LOCK])
        thread = threading.Thread(target=wait)
        thread.start()
        try:
            assert not done.wait(0.5)
            migrating.execute("set lock_timeout = '10s'")
            migrating.execute("create table made_meanwhile (id integer)")
            migrating.execute("create index concurrently made_meanwhile_id on made_meanwhile (id)")
        finally:
            migrating.execute("select pg_advisory_unlock(%s)", [preparing.MIGRATION_LOCK])
            thread.join(10)
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
        other.execute("select pg_advisory_lock(%s)", [preparing.MIGRATION_LOCK])
        thread = threading.Thread(target=migrate)
        thread.start()
        try:
            assert not done.wait(1)
        finally:
            other.execute("select pg_advisory_unlock(%s)", [preparing.MIGRATION_LOCK])
            thread.join(60)
        assert done.is_set()
        [(free,)] = other.execute("select pg_try_advisory_lock(%s)", [preparing.MIGRATION_LOCK]).fetchall()
        assert free
