"""What it costs to send many again, told before it is asked, as the preview of a batch tells it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries import planning
from acuse.deliveries.figures import rates
from acuse.web.rates.words import cost_words


@dataclass(frozen=True, slots=True)
class Sent:
    """What the price of a message depends on."""

    kind: str
    #: As `previewing.market_of` names it.
    market: str


def costs_of(actor: Actor, going: Mapping[Sent, int]) -> dict[str, Any]:
    """For `web/rates/_cost.html`."""
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for sent, count in going.items():
        by_kind[sent.kind][sent.market] += count
    # kinds whose templates are of one category are one line
    by_category: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, markets in by_kind.items():
        by_category[rates.category_for(actor.company, kind)] += markets
    today = planning.today_in(actor.company)
    found = [
        line
        for category, markets in by_category.items()
        for line in rates.estimate(actor.company, markets, category=category, on=today)
    ]
    return {"cost": cost_words(found), "may_see_rates": actor.may(Page.RATES, Action.VIEW)}
