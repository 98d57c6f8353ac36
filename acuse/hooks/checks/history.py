"""The checks of each day: the worst that was seen of each thing, in the company's own calendar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max

from acuse.channels.contract import Grade
from acuse.channels.models import CheckDay
from acuse.companies.models import Company
from acuse.hooks.checks.running import of_company
from acuse.hooks.checks.values import Check

#: What happens between two looks and is over isn't seen.
EVERY = timedelta(hours=1)
#: Days that are kept and shown.
DAYS = 30
_WORSE = {Grade.OK: 0, Grade.WARNING: 1, Grade.ERROR: 2}


@dataclass(frozen=True, slots=True)
class Strip:
    """One thing over the days; None: it wasn't looked at."""

    about: str
    days: tuple[tuple[date, Grade | None, str], ...]


def due(now: datetime) -> list[Company]:
    """Companies with WhatsApp whose checks weren't looked at for a while."""
    companies = Company.objects.filter(whatsapp_accounts__isnull=False).distinct()
    looked = companies.annotate(looked=Max("check_days__looked_at"))
    return [company for company in looked if company.looked is None or now - company.looked >= EVERY]


@transaction.atomic
def record(company: Company, *, now: datetime) -> CheckDay:
    """Look, and keep what is worse than what the day had. Two at once add up to one."""
    today = _today(company, now)
    found = of_company(company, now=now)
    CheckDay.objects.bulk_create([CheckDay(company=company, day=today)], ignore_conflicts=True)
    row = CheckDay.objects.select_for_update().get(company=company, day=today)
    kept = {str(one["about"]): one for one in row.results}
    for check in found:
        before = kept.get(check.about)
        if before is None or _WORSE[check.grade] >= _WORSE[Grade(before["grade"])]:
            kept[check.about] = _json(check)
    row.results, row.looked_at = list(kept.values()), now
    row.save(update_fields=["results", "looked_at"])
    CheckDay.objects.filter(company=company, day__lte=today - timedelta(days=DAYS)).delete()
    return row


def _json(check: Check) -> dict[str, Any]:
    return {"id": check.id, "about": check.about, "grade": check.grade.value, "text": check.text, "mend": check.mend}


def strips(company: Company, *, now: datetime, today_has: Sequence[Check] = ()) -> list[Strip]:
    """Of everything that was looked at in these days, in the order of the list; today's as it is now, or as it was."""
    today = _today(company, now)
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    rows = {row.day: _by_about(row) for row in CheckDay.objects.filter(company=company, day__gte=days[0])}
    seen_now = {check.about: _json(check) for check in today_has}
    for about, one in seen_now.items():
        before = rows.setdefault(today, {}).get(about)
        if before is None or _WORSE[Grade(one["grade"])] > _WORSE[Grade(before["grade"])]:
            rows[today][about] = one
    order = dict.fromkeys([*seen_now, *(about for day in reversed(days) for about in rows.get(day, {}))])
    return [Strip(about, tuple(_cell(day, rows.get(day, {}).get(about)) for day in days)) for about in order]


def _by_about(row: CheckDay) -> dict[str, dict[str, Any]]:
    return {str(one["about"]): one for one in row.results}


def _cell(day: date, one: Mapping[str, Any] | None) -> tuple[date, Grade | None, str]:
    return (day, None, "") if one is None else (day, Grade(one["grade"]), str(one["text"]))


def _today(company: Company, now: datetime) -> date:
    return now.astimezone(ZoneInfo(company.time_zone)).date()
