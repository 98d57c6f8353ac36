"""How rates and costs are told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import phonenumbers
from babel import Locale
from babel.numbers import format_decimal

from acuse.deliveries.figures.rates import Cost, Estimate, cost_of_estimate
from acuse.deliveries.models import Rate
from acuse.kernel import money
from acuse.web import formats
from acuse.web.charts.words import many, number
from acuse.web.states import CHANNEL_NAMES

_TERRITORIES = Locale.parse("es_AR").territories
_WORLD = "001"
NO_RATE = "sin tarifa cargada"


def price_text(amount: Decimal, currency: str) -> str:
    """Of one message: `US$ 0,026`, with as many decimals as it has, at least two."""
    amount_shown = format_decimal(amount.normalize(), format="#,##0.00####", locale="es_AR")
    return formats.number(f"{money.currency(currency).symbol} {amount_shown}")


def amount_text(amount: Decimal, currency: str) -> str:
    """Of many: two decimals; four where two would round most of it away."""
    if amount and amount < 1:
        return price_text(amount.quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP), currency)
    return formats.amount(amount, currency)


def amounts_text(amounts: dict[str, Decimal]) -> str:
    return " + ".join(amount_text(amount, currency) for currency, amount in sorted(amounts.items()))


def market_name(market: str) -> str:
    """`Argentina (+54)`; the prefix alone where it is part of a country, or of none that is known."""
    if not market:
        return "Los demás países"
    region = phonenumbers.region_code_for_country_code(int(market))
    if region in ("ZZ", _WORLD):
        return f"+{market}"
    return f"{_TERRITORIES.get(region, region)} (+{market})"


#: As *Estado de WhatsApp* calls them, with the word of Meta's table of prices, where two of them are *servicio*.
CATEGORIES: dict[str, str] = {
    Rate.Category.UTILITY: "Servicio (utility)",
    Rate.Category.MARKETING: "Marketing",
    Rate.Category.AUTHENTICATION: "Autenticación",
    Rate.Category.SERVICE: "Respuesta libre (service)",
}


def category_name(category: str) -> str:
    return CATEGORIES.get(category, category)


@dataclass(frozen=True, slots=True)
class CostLine:
    name: str
    count: int
    #: Of one message.
    price: str
    amount: str


@dataclass(frozen=True, slots=True)
class CostWords:
    """`US$ 12,53`, or what is missing to say it."""

    text: str
    lines: tuple[CostLine, ...]
    #: Messages for which there is no rate.
    unpriced: int


def cost_words(estimates: Iterable[Estimate]) -> CostWords:
    found = list(estimates)
    cost = cost_of_estimate(found)
    return CostWords(_text(cost), tuple(_line(line) for line in found), cost.unpriced)


def _text(cost: Cost) -> str:
    """Of what would go."""
    if cost.unpriced and not cost.priced:
        return NO_RATE
    if not cost.priced:
        return "sin costo"
    told = amounts_text(cost.amounts)
    return f"{told}, y {number(cost.unpriced)} {NO_RATE}" if cost.unpriced else told


def _line(line: Estimate) -> CostLine:
    channel = CHANNEL_NAMES.get(line.channel, line.channel)
    if not line.category:
        return CostLine(channel, line.count, "sin costo", "")
    name = f"{channel} · {category_name(line.category)} · {market_name(line.market)}"
    if line.price is None:
        return CostLine(name, line.count, NO_RATE, "")
    amount = line.price.amount * line.count
    return CostLine(
        name, line.count, price_text(line.price.amount, line.price.currency), amount_text(amount, line.price.currency)
    )


def spent_words(cost: Cost) -> str:
    """What has been billed, as far as it was told; blank when there is nothing to say."""
    parts = [amounts_text(cost.amounts)] if cost.priced else []
    if cost.unpriced:
        parts.append(f"{many(cost.unpriced, 'mensaje', 'mensajes')} {NO_RATE}")
    if cost.untold:
        parts.append(f"{many(cost.untold, 'mensaje', 'mensajes')} que Meta todavía no informó")
    if not parts:
        return "sin costo" if cost.free else ""
    return ", y ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)
