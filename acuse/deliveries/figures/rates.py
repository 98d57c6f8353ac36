"""*Tarifas*: what messages cost and have cost. Nothing is made up: without a rate, a message has no price.

Only WhatsApp is priced, by Meta's category and the recipient's country; an e-mail costs nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Count, F, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Substr, TruncDate

from acuse.channels.contract import Channel
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.deliveries import planning
from acuse.deliveries.models import Delivery, Rate
from acuse.kernel import money

Category = Rate.Category

#: Digits of a number that tell its country; see `previewing.market_of`.
MARKET_DIGITS = 4
DECIMALS = 6


class RateError(ValueError):
    """Refused: `field` (None = the whole) and why, in Spanish."""

    def __init__(self, field_: str | None, text: str) -> None:
        super().__init__(text)
        self.field = field_


@dataclass(frozen=True, slots=True)
class Price:
    amount: Decimal
    #: ISO 4217.
    currency: str


@dataclass(slots=True)
class Cost:
    """What some messages cost: amounts by currency, and how many messages each of its parts counts."""

    amounts: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    #: Messages in `amounts`.
    priced: int = 0
    #: Messages without cost: e-mails, and what Meta didn't bill.
    free: int = 0
    #: Billed messages for which there is no rate.
    unpriced: int = 0
    #: WhatsApp messages of which Meta has not told (yet) whether it bills them.
    untold: int = 0

    def add(self, count: int, price: Price | None) -> None:
        if price is None:
            self.unpriced += count
            return
        self.amounts[price.currency] += price.amount * count
        self.priced += count

    @property
    def messages(self) -> int:
        return self.priced + self.free + self.unpriced + self.untold


class Table:
    """A company's rates, read once."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates: dict[tuple[str, str], list[Rate]] = defaultdict(list)
        for rate in sorted(rates, key=lambda rate: rate.valid_from, reverse=True):
            self._rates[rate.category, rate.market].append(rate)

    def __bool__(self) -> bool:
        return bool(self._rates)

    def rate(self, category: str, digits: str, on: date) -> Rate | None:
        """In force that day for a number that begins so: the longest market wins, then the latest day."""
        for length in range(min(MARKET_DIGITS, len(digits)), -1, -1):
            for rate in self._rates.get((category, digits[:length]), ()):
                if rate.valid_from <= on:
                    return rate
        return None

    def price(self, category: str, digits: str, on: date) -> Price | None:
        found = self.rate(category, digits, on)
        return Price(found.price, found.currency) if found else None


def table_of(company: Company) -> Table:
    return Table(Rate.objects.filter(company=company))


@dataclass(frozen=True, slots=True)
class Estimate:
    """One line of what a batch would cost: messages of one channel, category and country."""

    channel: str
    #: Blank for e-mail.
    category: str
    #: The market of its rate; without a rate, the first digits of the numbers.
    market: str
    count: int
    #: Of one message; None = there is no rate.
    price: Price | None


def estimate(company: Company, markets: Mapping[str, int], *, category: str, on: date) -> list[Estimate]:
    """`markets`: messages by market, as `previewing.market_of` names them. One line a price, the dearest first."""
    table = table_of(company)
    lines: dict[tuple[str, str, str, Price | None], int] = defaultdict(int)
    for name, count in markets.items():
        channel, _, digits = name.partition(":")
        if channel != Channel.WHATSAPP:
            lines[channel, "", "", Price(Decimal(0), "")] += count
            continue
        rate = table.rate(category, digits, on)
        market = rate.market if rate else ("54" if digits.startswith("54") else "")
        lines[channel, category, market, Price(rate.price, rate.currency) if rate else None] += count
    found = [Estimate(channel, cat, market, count, price) for (channel, cat, market, price), count in lines.items()]
    return sorted(found, key=lambda line: (line.price is None, line.price.amount if line.price else 0), reverse=True)


def cost_of_estimate(lines: Iterable[Estimate]) -> Cost:
    cost = Cost()
    for line in lines:
        if line.channel != Channel.WHATSAPP:
            cost.free += line.count
        else:
            cost.add(line.count, line.price)
    return cost


def category_for(company: Company, kind: str) -> Category:
    """Of the template with which a kind goes, as Meta told it; until it did, *utility*: what invoices are."""
    template = planning.open_office(company).templates.get(kind)
    told = template.category.lower() if template else ""
    return Category(told) if told in Category.values else Category.UTILITY


def cost_of(deliveries: QuerySet[Delivery], company: Company) -> Cost:
    """What those that left have cost, by what the webhooks told and the rate of the day on which each was asked.

    One group a day, channel, country, category and billing: few, however many the deliveries.
    """
    cost, table = Cost(), table_of(company)
    groups = (
        deliveries.filter(sent_at__isnull=False)
        .order_by()
        .annotate(
            day=TruncDate("created_at", tzinfo=ZoneInfo(company.time_zone)),
            digits=Substr(F("to"), 2, MARKET_DIGITS),
            category=KeyTextTransform("category", "pricing"),
            type=KeyTextTransform("type", "pricing"),
            billable=KeyTextTransform("billable", "pricing"),
        )
        .values_list("day", "channel", "digits", "category", "type", "billable")
        .annotate(count=Count("pk"))
    )
    for day, channel, digits, category, type_, billable, count in groups:
        add_alike(cost, table, day, channel, digits, category or "", _billed(type_, billable), count)
    return cost


def add_alike(
    cost: Cost, table: Table, day: date, channel: str, digits: str, category: str, billed: bool | None, count: int
) -> None:
    """Messages that left, alike in day, channel, country, category (blank: untold) and billing (None: untold)."""
    if channel != Channel.WHATSAPP or billed is False:
        cost.free += count
    elif billed is None or not category:
        cost.untold += count
    else:
        cost.add(count, table.price(category, digits, day))


def _billed(type_: str | None, billable: str | None) -> bool | None:
    """Meta, status messages webhook: only `regular` is billed; `billable` says so where there is no type."""
    if type_:
        return type_ == "regular"
    return None if billable is None else billable == "true"


@transaction.atomic
def save_rate(
    *, company: Company, category: str, market: str, currency: str, price: Decimal, valid_from: date, actor: str,
    rate: Rate | None = None,
) -> Rate:  # fmt: skip
    """A new one, or another value of `rate`. Raises RateError."""
    saved = rate or Rate(company=company)
    before = _told(saved) if rate else {}
    saved.category, saved.market, saved.currency = category, _market(market), _currency(currency)
    saved.price, saved.valid_from = _price(price), valid_from
    try:
        with transaction.atomic():
            saved.save()
    except IntegrityError as error:
        raise RateError(
            "valid_from", "Ya hay una tarifa de eso desde ese día. Cambiá esa, o poné otra fecha."
        ) from error
    audit.record(
        company=company, actor=actor, event="rate.changed" if rate else "rate.created", target=saved.pk,
        **_told(saved), **({"before": before} if before else {}),
    )  # fmt: skip
    return saved


@transaction.atomic
def delete_rate(*, rate: Rate, actor: str) -> None:
    audit.record(company=rate.company, actor=actor, event="rate.deleted", target=rate.pk, **_told(rate))
    rate.delete()


def _told(rate: Rate) -> dict[str, str]:
    return {
        "category": rate.category, "market": rate.market, "currency": rate.currency, "price": str(rate.price),
        "valid_from": rate.valid_from.isoformat(),
    }  # fmt: skip


def _market(text: str) -> str:
    digits = text.strip().removeprefix("+")
    if digits and not (digits.isascii() and digits.isdigit() and len(digits) <= MARKET_DIGITS):
        raise RateError("market", "El prefijo del país son hasta 4 números, como 54. Vacío: los demás países.")
    return digits


def _currency(text: str) -> str:
    try:
        return money.to_iso(text)
    except ValueError as error:
        raise RateError("currency", str(error)) from error


def _price(price: Decimal) -> Decimal:
    if price.is_finite() and price < 0:
        raise RateError("price", "El precio no puede ser negativo.")
    exponent = price.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > DECIMALS or price >= 1_000_000:
        raise RateError("price", "El precio es un número de hasta 6 decimales, menor que un millón.")
    return price
