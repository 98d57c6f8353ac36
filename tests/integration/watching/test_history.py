"""The checks of each day, kept and shown; and that the doctor's list is the page's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection

from acuse.channels.contract import Grade
from acuse.channels.models import CheckDay, WhatsAppAccount
from acuse.companies.models import Company
from acuse.hooks.checks import history, running
from acuse.hooks.checks.values import Check
from acuse.kernel import clock
from acuse.workers.connection import conninfo
from tests.conftest import Cast
from tests.data import kept
from tests.data.cast import make_whatsapp

#: In Buenos Aires: nine in the evening of the 26th.
NOW = datetime(2026, 11, 27, 0, 0, tzinfo=UTC)


def _strip(company: Company, about: str, now: datetime = NOW) -> dict[date, Grade | None]:
    found = {strip.about: strip for strip in history.strips(company, now=now)}
    return {day: grade for day, grade, _ in found[about].days}


def _ends(days: int | None, now: datetime = NOW) -> None:
    WhatsAppAccount.objects.update(token_expires_at=None if days is None else now + timedelta(days=days))


def test_a_day_keeps_the_worst_that_was_seen_of_each_thing(people: Cast) -> None:
    make_whatsapp(people.company)
    for days in (60, 5, -1, 60):
        _ends(days)
        history.record(people.company, now=NOW)
    [row] = CheckDay.objects.all()
    token = next(one for one in row.results if one["about"] == "Token")
    assert (token["grade"], "venció" in token["text"]) == ("error", True)
    assert _strip(people.company, "Token")[date(2026, 11, 26)] is Grade.ERROR


def test_a_day_is_the_companys_own(people: Cast) -> None:
    make_whatsapp(people.company)
    history.record(people.company, now=NOW)
    assert CheckDay.objects.get().day == date(2026, 11, 26)
    Company.objects.filter(pk=people.company.pk).update(time_zone="UTC")
    people.company.refresh_from_db()
    history.record(people.company, now=NOW)
    assert set(CheckDay.objects.values_list("day", flat=True)) == {date(2026, 11, 26), date(2026, 11, 27)}


def test_thirty_days_are_kept_and_shown(people: Cast) -> None:
    make_whatsapp(people.company)
    for back in (40, 30, 29, 1):
        _ends(-1 if back == 29 else 60, NOW - timedelta(days=back))
        history.record(people.company, now=NOW - timedelta(days=back))
    history.record(people.company, now=NOW)
    assert CheckDay.objects.order_by("day").values_list("day", flat=True)[0] == date(2026, 10, 28)
    days = _strip(people.company, "Token")
    assert (len(days), min(days), max(days)) == (30, date(2026, 10, 28), date(2026, 11, 26))
    assert days[date(2026, 10, 28)] is Grade.ERROR
    # on the others nobody looked
    assert [day for day, grade in days.items() if grade is not None] == [
        date(2026, 10, 28), date(2026, 11, 25), date(2026, 11, 26),
    ]  # fmt: skip


def test_today_shows_what_is_seen_now_unless_it_was_worse(people: Cast) -> None:
    make_whatsapp(people.company)
    history.record(people.company, now=NOW)
    worse = Check("acuse.whatsapp.token", Grade.ERROR, "Venció.", about="Token")
    seen = {strip.about: strip.days[-1] for strip in history.strips(people.company, now=NOW, today_has=[worse])}
    assert seen["Token"] == (date(2026, 11, 26), Grade.ERROR, "Venció.")
    _ends(-1)
    history.record(people.company, now=NOW)
    better = Check("acuse.whatsapp.token", Grade.OK, "Vale.", about="Token")
    seen = {strip.about: strip.days[-1] for strip in history.strips(people.company, now=NOW, today_has=[better])}
    assert seen["Token"][1] is Grade.ERROR


def test_it_is_looked_at_every_hour_where_there_is_whatsapp(people: Cast) -> None:
    make_whatsapp(people.company)
    assert history.due(NOW) == [people.company]
    history.record(people.company, now=NOW)
    assert history.due(NOW + timedelta(minutes=59)) == []
    assert history.due(NOW + timedelta(hours=1)) == [people.company]


@pytest.mark.usefixtures("transactional_db")
def test_two_that_look_at_once_add_up_to_one(monkeypatch: pytest.MonkeyPatch) -> None:
    company: Company = kept.cast()["company"]
    make_whatsapp(company)
    history.record(company, now=NOW)

    def look(grade: Grade) -> None:
        try:
            history.record(company, now=NOW)
        finally:
            connection.close()

    seen = iter([Grade.ERROR, Grade.WARNING])
    monkeypatch.setattr(
        history, "of_company", lambda *_, **__: [Check("x", one := next(seen), one.value, about=one.value)]
    )
    with psycopg.connect(conninfo()) as other, ThreadPoolExecutor(2) as pool:
        # both have looked before either may write
        other.execute("select 1 from channels_checkday for update")
        both = [pool.submit(look, grade) for grade in (Grade.ERROR, Grade.WARNING)]
        with psycopg.connect(conninfo(), autocommit=True) as watching:
            while watching.execute("select count(*) from pg_locks where not granted").fetchone() != (2,):
                pass
        other.rollback()
        for one in both:
            one.result(10)
    [row] = CheckDay.objects.all()
    assert {one["about"] for one in row.results} >= {"error", "warning", "Token"}


def test_the_doctor_says_what_the_page_shows(people: Cast, capsys: pytest.CaptureFixture[str], settings: Any) -> None:
    """But for the trials that ask Meta now, and what is of the server alone."""
    settings.GRAPH_URL = "http://127.0.0.1:9"
    account = make_whatsapp(people.company).whatsapp_number.account
    now = clock.now()
    WhatsAppAccount.objects.filter(pk=account.pk).update(
        synced_at=now, token_expires_at=now + timedelta(days=3), verification="not_verified", limit="TIER_250"
    )
    page = {(c.id, c.grade, c.about, c.mend) for c in running.seen_by(people.company, now=now)}
    doctor = {
        (c.id, c.grade, c.about, c.mend) for c in running.everything() if c.company in (None, people.company.cuit)
    }
    server = {"acuse.database", "acuse.web", "acuse.web.W001", "acuse.hooks.E001"}
    assert page <= doctor
    assert {c[0] for c in doctor - page} - server == {"acuse.channels.whatsapp_trial"}
    assert {"acuse.whatsapp.token", "acuse.whatsapp.verification", "acuse.whatsapp.people"} <= {c[0] for c in page}
    with pytest.raises(SystemExit):
        call_command("doctor")
    said = capsys.readouterr().out
    assert all(text.text in said for text in running.seen_by(people.company, now=now))
