"""Keep the counts by day: what happened since the last time tells which days to count again. See docs/adr/0014."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max

from acuse.deliveries.figures.daily import DayCountMark
from acuse.deliveries.models import DeliveryEvent
from acuse.deliveries.statements import statement
from acuse.kernel import clock

#: One counts at a time, in the whole cluster.
COUNTING_LOCK = 0x41435543
#: A transaction that wrote events has ended after this long: until then its events may still appear.
SETTLING = timedelta(minutes=2)

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
#: Seconds: where each bucket of the times begins; the one before the first is 0.
LIMITS: tuple[int, ...] = (
    *(1, 2, 3, 5, 7, 10, 15, 20, 30, 45),
    *(m * _MINUTE for m in (1, 2, 3, 5, 7, 10, 15, 20, 30, 45)),
    *(h * _HOUR for h in (1, 2, 3, 4, 6, 8, 12, 18)),
    *(d * _DAY for d in (1, 2, 3, 7)),
)


def refresh() -> int:
    """How many days were counted again; 0 too when somebody else is at it."""
    with transaction.atomic():
        if not _take_lock():
            return 0
        now = clock.now()
        mark, _ = DayCountMark.objects.get_or_create(id=1, defaults={"seen_at": now, "counted_at": now})
        newest = DeliveryEvent.objects.aggregate(newest=Max("id"))["newest"] or 0
        days = _changed(mark.settled_id, newest) if newest > mark.settled_id else []
        for company_id, zone, day in days:
            count_day(company_id, ZoneInfo(zone), day)
        if now - mark.seen_at >= SETTLING:
            mark.settled_id, mark.seen_id, mark.seen_at = mark.seen_id, newest, now
        mark.counted_at = now
        mark.save()
    return len(days)


def _take_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [COUNTING_LOCK])
        return bool(cursor.fetchone()[0])


def _changed(after: int, until: int) -> list[tuple[UUID, str, date]]:
    with connection.cursor() as cursor:
        cursor.execute(statement("days_changed"), {"after": after, "until": until})
        days: list[tuple[UUID, str, date]] = cursor.fetchall()
    return days


def count_day(company_id: UUID, zone: ZoneInfo, day: date) -> None:
    since, until = bounds(day, day, zone)
    with connection.cursor() as cursor:
        cursor.execute(
            statement("recount"),
            {"company": company_id, "day": day, "since": since, "until": until, "limits": list(LIMITS)},
        )


def bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """From the first moment of a day until after the last one of another."""
    return (
        datetime.combine(first, time.min, tzinfo=zone),
        datetime.combine(last + timedelta(days=1), time.min, tzinfo=zone),
    )
