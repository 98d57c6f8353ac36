from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.utils import timezone

from acuse.deliveries.figures import counting, rates, statistics
from acuse.deliveries.figures.daily import DayCount, DayCountMark
from acuse.deliveries.figures.statistics import Measure
from acuse.deliveries.models import Delivery, DeliveryEvent
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put

ZONE = ZoneInfo("America/Argentina/Buenos_Aires")
KINDS = list(VoucherKind)


@pytest.fixture
def rows(people: Cast) -> list[Delivery]:
    make_whatsapp(people.company)
    party = make_party(people.company)
    make_contact(party)
    supplier = make_party(people.company, kind="supplier", name="Aceros SA")
    make_contact(supplier, mobile="+5493415550177")
    sales = [make_voucher(people.company, party, number=n) for n in (1, 2, 3)]
    return ask([*sales, make_voucher(people.company, supplier, number=9, kind=VoucherKind.PAYMENT_ORDER)])


def today() -> Any:
    return timezone.localdate(timezone=ZONE)


def states(people: Cast, kinds: list[VoucherKind] = KINDS) -> Counter[str]:
    return statistics.counts(people.company, kinds, today(), today()).states


def test_a_delivery_knows_its_vouchers_kind(rows: list[Delivery]) -> None:
    assert [row.kind for row in rows] == ["sales_invoice"] * 3 + ["payment_order"]


def test_what_happens_is_counted_by_day_kind_and_state(people: Cast, rows: list[Delivery]) -> None:
    assert counting.refresh() == 1
    assert states(people) == {"queued": 4}
    put(rows[0], State.READ)
    put(rows[3], State.FAILED)
    assert counting.refresh() == 1
    assert states(people) == {"queued": 2, "read": 1, "failed": 1}
    assert states(people, [VoucherKind.PAYMENT_ORDER]) == {"failed": 1}
    assert states(people, []) == {}


def test_another_companys_are_not_counted(people: Cast, rows: list[Delivery]) -> None:
    counting.refresh()
    assert statistics.counts(people.other_company, KINDS, today(), today()).total == 0


def test_a_day_is_the_companys_own(people: Cast, rows: list[Delivery]) -> None:
    # half past eleven at night in Buenos Aires is the next day in UTC
    late = datetime.combine(today(), datetime.min.time(), tzinfo=ZONE) - timedelta(minutes=30)
    Delivery.objects.filter(pk=rows[0].pk).update(created_at=late)
    counting.refresh()
    yesterday = today() - timedelta(days=1)
    assert statistics.counts(people.company, KINDS, yesterday, yesterday).total == 1
    assert statistics.counts(people.company, KINDS, today(), today()).total == 3


def test_a_receipt_for_an_old_day_counts_that_day_again_and_no_other(people: Cast, rows: list[Delivery]) -> None:
    old = clock.now() - timedelta(days=40)
    Delivery.objects.filter(pk=rows[0].pk).update(created_at=old)
    assert counting.refresh() == 2
    _settle()
    put(rows[0], State.DELIVERED)
    assert counting.refresh() == 1
    day = timezone.localdate(old, timezone=ZONE)
    assert statistics.counts(people.company, KINDS, day, day).states == {"delivered": 1}


def _settle() -> None:
    """As if it had been quiet for some minutes."""
    for _ in range(2):
        DayCountMark.objects.update(seen_at=clock.now() - counting.SETTLING)
        counting.refresh()


def test_when_nothing_happens_nothing_is_counted(people: Cast, rows: list[Delivery]) -> None:
    counting.refresh()
    _settle()
    assert counting.refresh() == 0


def test_an_event_that_appears_late_is_counted_too(people: Cast, rows: list[Delivery]) -> None:
    """Ids are given before the commit: one may appear after a higher one was counted."""
    first = DeliveryEvent.objects.filter(delivery=rows[0]).earliest("id")
    missing = {"id": first.pk, "delivery": first.delivery, "at": first.at, "kind": first.kind, "detail": first.detail}
    first.delete()
    old = clock.now() - timedelta(days=3)
    Delivery.objects.filter(pk=rows[0].pk).update(created_at=old)
    counting.refresh()
    day = timezone.localdate(old, timezone=ZONE)
    assert statistics.counts(people.company, KINDS, day, day).total == 0
    DeliveryEvent.objects.create(**missing)
    counting.refresh()
    assert statistics.counts(people.company, KINDS, day, day).total == 1


def test_what_is_no_longer_so_leaves_the_counts(people: Cast, rows: list[Delivery]) -> None:
    counting.refresh()
    for row in rows:
        put(row, State.SENT)
    counting.refresh()
    buckets = DayCount.objects.filter(company=people.company, measure="state").values_list("bucket", flat=True)
    assert set(buckets) == {"sent"}


def test_one_counts_at_a_time(people: Cast, rows: list[Delivery]) -> None:
    import psycopg

    from acuse.workers.connection import conninfo

    given = {**psycopg.conninfo.conninfo_to_dict(conninfo()), "dbname": connection.settings_dict["NAME"]}
    with psycopg.connect(psycopg.conninfo.make_conninfo(**given)) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [counting.COUNTING_LOCK])
        assert counting.refresh() == 0
    assert counting.refresh() == 1


def test_the_times_are_told_by_their_limits(people: Cast, rows: list[Delivery]) -> None:
    sent = clock.now()
    for row, seconds in zip(rows, (0, 4, 70, 100_000), strict=True):
        put(row, State.READ, sent_at=sent, delivered_at=sent, read_at=sent + timedelta(seconds=seconds))
    counting.refresh()
    read = statistics.times(people.company, KINDS, today(), today(), Measure.TO_READ)
    assert read.total == 4
    assert read.half_within == 5
    assert [read.within(limit) for limit in (1, 5, 60, 120, 86400)] == [1, 2, 2, 3, 3]
    delivered = statistics.times(people.company, KINDS, today(), today(), Measure.TO_DELIVERED)
    assert delivered.half_within == 1


def test_a_receipt_with_an_earlier_clock_took_no_time(people: Cast, rows: list[Delivery]) -> None:
    sent = clock.now()
    put(rows[0], State.READ, sent_at=sent, read_at=sent - timedelta(seconds=2))
    counting.refresh()
    assert statistics.times(people.company, KINDS, today(), today(), Measure.TO_READ).half_within == 1


def test_the_cost_of_a_month_is_that_of_its_deliveries(people: Cast, rows: list[Delivery]) -> None:
    billed = {"type": "regular", "category": "utility", "billable": True}
    put(rows[0], State.SENT, sent_at=clock.now(), pricing=billed)
    put(rows[1], State.SENT, sent_at=clock.now(), pricing={**billed, "type": "free_customer_service"})
    put(rows[2], State.SENT, sent_at=clock.now())
    put(rows[3], State.READ, sent_at=clock.now(), pricing={"category": "utility", "billable": True})
    counting.refresh()
    month = today().replace(day=1)
    assert statistics.costs_by_month(people.company, KINDS, month, today()) == {}
    rates.save_rate(
        company=people.company, category="utility", market="54", currency="USD", price=Decimal("0.026"),
        valid_from=month - timedelta(days=400), actor="test",
    )  # fmt: skip
    found = statistics.costs_by_month(people.company, KINDS, month, today())[month]
    live = rates.cost_of(Delivery.objects.filter(company=people.company), people.company)
    assert (dict(found.amounts), found.priced, found.free, found.untold, found.unpriced) == (
        dict(live.amounts), live.priced, live.free, live.untold, live.unpriced,
    )  # fmt: skip
    assert dict(found.amounts) == {"USD": Decimal("0.052")}


def test_what_waits_is_recent_and_was_not_asked_again(people: Cast, rows: list[Delivery]) -> None:
    ours = Delivery.objects.filter(company=people.company)
    for row in rows[:2]:
        put(row, State.FAILED)
    Delivery.objects.filter(pk=rows[1].pk).update(created_at=clock.now() - timedelta(days=31))
    assert list(statistics.failed(ours)) == [rows[0]]
    put(rows[2], State.SENT, sent_at=clock.now() - timedelta(hours=23))
    assert not statistics.undelivered(ours).exists()
    put(rows[2], State.SENT, sent_at=clock.now() - timedelta(hours=25))
    assert list(statistics.undelivered(ours)) == [rows[2]]
    Delivery.objects.filter(pk=rows[2].pk).update(channel="email")
    assert not statistics.undelivered(ours).exists(), "mail never says that it arrived"
