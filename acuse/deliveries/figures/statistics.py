"""What is read of the counts by day, and what of the deliveries waits for a person. See docs/adr/0014."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet, Sum

from acuse.channels.contract import Channel
from acuse.companies.models import Company
from acuse.deliveries.figures import rates
from acuse.deliveries.figures.counting import LIMITS
from acuse.deliveries.figures.daily import DayCount, DayCountMark
from acuse.deliveries.figures.rates import Cost
from acuse.deliveries.models import Delivery
from acuse.deliveries.selectors import last_asked
from acuse.deliveries.states import State
from acuse.kernel import clock

Measure = DayCount.Measure

#: What nobody looked at for so long is no work of today; the lists have it.
WAITING_DAYS = 30
#: Accepted by WhatsApp, and in so long on no phone.
UNDELIVERED_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Counts:
    """The deliveries that were asked between two days, by their state now."""

    #: (day, kind, state) → deliveries.
    by_day: Counter[tuple[date, str, str]]

    @property
    def states(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for (_, _, state), count in self.by_day.items():
            found[state] += count
        return found

    def of(self, states: Collection[str]) -> int:
        return sum(count for (_, _, state), count in self.by_day.items() if state in states)

    @property
    def total(self) -> int:
        return self.by_day.total()

    def kinds(self) -> dict[str, Counter[str]]:
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for (_, kind, state), count in self.by_day.items():
            found[kind][state] += count
        return found

    def days(self) -> dict[date, Counter[str]]:
        found: dict[date, Counter[str]] = defaultdict(Counter)
        for (day, _, state), count in self.by_day.items():
            found[day][state] += count
        return found

    def between(self, since: date, until: date) -> Counts:
        return Counts(Counter({key: n for key, n in self.by_day.items() if since <= key[0] <= until}))


@dataclass(frozen=True, slots=True)
class Times:
    """How long it took, from being accepted: deliveries by the place in `LIMITS`."""

    buckets: Counter[int]

    @property
    def total(self) -> int:
        return self.buckets.total()

    @property
    def half_within(self) -> int | None:
        """Half of them took less than so many seconds; None: more than the last limit, or there are none."""
        seen = 0
        for place, limit in enumerate(LIMITS):
            seen += self.buckets[place]
            if self.total and seen * 2 >= self.total:
                return limit
        return None

    def within(self, seconds: int) -> int:
        """How many took less; `seconds` is one of the limits."""
        return sum(self.buckets[place] for place in range(LIMITS.index(seconds) + 1))


def counts(company: Company, kinds: Collection[str], since: date, until: date) -> Counts:
    rows = _counted(company, kinds, since, until, Measure.STATE).values_list("day", "kind", "bucket")
    return Counts(Counter({(day, kind, state): n for day, kind, state, n in rows.annotate(n=Sum("count"))}))


def times(company: Company, kinds: Collection[str], since: date, until: date, measure: Measure) -> Times:
    rows = _counted(company, kinds, since, until, measure).values_list("bucket").annotate(n=Sum("count"))
    return Times(Counter({int(bucket): n for bucket, n in rows}))


def costs_by_month(company: Company, kinds: Collection[str], since: date, until: date) -> dict[date, Cost]:
    """The first of each month → what was asked in it and left. Empty without one rate."""
    table = rates.table_of(company)
    if not table:
        return {}
    rows = _counted(company, kinds, since, until, Measure.BILLED).values_list("day", "channel", "bucket")
    months: dict[date, Cost] = defaultdict(Cost)
    for day, channel, bucket, count in rows.annotate(n=Sum("count")):
        digits, category, told = bucket.split(":")
        billed = {"true": True, "false": False}.get(told)
        rates.add_alike(months[day.replace(day=1)], table, day, channel, digits, category, billed, count)
    return dict(sorted(months.items()))


def _counted(
    company: Company, kinds: Collection[str], since: date, until: date, measure: Measure
) -> QuerySet[DayCount]:
    return DayCount.objects.filter(
        company=company, day__range=(since, until), measure=measure.value, kind__in=[str(kind) for kind in kinds]
    ).order_by()


def counted_at() -> datetime | None:
    return DayCountMark.objects.values_list("counted_at", flat=True).first()


def recent(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return deliveries.filter(created_at__gte=clock.now() - timedelta(days=WAITING_DAYS))


def failed(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """They didn't arrive, lately, and nobody asked for them again."""
    return last_asked(recent(deliveries)).filter(state=State.FAILED)


def uncertain(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return last_asked(deliveries).filter(state=State.UNCERTAIN)


def undelivered(deliveries: QuerySet[Delivery]) -> QuerySet[Delivery]:
    """WhatsApp took them a day ago or more, lately, and never said that they reached a phone."""
    return recent(deliveries).filter(
        state=State.SENT, channel=Channel.WHATSAPP, sent_at__lt=clock.now() - UNDELIVERED_AFTER
    )


#: By the name that the lists give it in their address.
WAITING: dict[str, Callable[[QuerySet[Delivery]], QuerySet[Delivery]]] = {
    "failed": failed,
    "uncertain": uncertain,
    "undelivered": undelivered,
}
