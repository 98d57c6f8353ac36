"""The preview of a draft: how many go, to whom, by what, what it costs; which don't, why, and where that is mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries import planning
from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches.preview import Preview
from acuse.deliveries.figures import rates
from acuse.deliveries.models import Batch, BatchItem
from acuse.deliveries.planning import Plan
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Reason
from acuse.web.batches.bar import segments
from acuse.web.batches.reasons import REASONS, WARNINGS, Mend, groups_of, mend_of
from acuse.web.grids.selecting import query_of
from acuse.web.rates.words import CostWords, cost_words
from acuse.web.vouchers.preview import lines_of

#: Of each list of a large draft, so many on the page of its preview; the rest by pages.
_SHOWN = 20
#: Drafts of up to so many vouchers are worked out anew each time that they are looked at.
RECHECKED = 50

Outcome = BatchItem.Outcome


@dataclass(frozen=True, slots=True)
class Refused:
    voucher: Voucher
    reasons: tuple[tuple[Reason, Mend | None], ...]


def preview_context(actor: Actor, batch: Batch) -> dict[str, Any]:
    kind, preview = VoucherKind(batch.kind), batch_preview.preview_of(batch)
    chosen = _first_of_each(batch)
    lines = lines_of(batch.company, chosen)
    return {
        "batch": batch,
        "kind": kind,
        "grid_name": kind.plural,
        "preview": preview,
        "lines": lines,
        "refused": refused_of(lines.refused, actor),
        "reasons": groups_of(preview.reasons, REASONS, actor),
        "warnings": groups_of(preview.warnings, WARNINGS, actor),
        "back": _back(batch, chosen),
        "shown": _shown(batch),
        "recheck": batch.total > RECHECKED,
        # the selection may have held more
        "most": batch.total if batch.total == batches.MOST else None,
        **_costs(actor, batch, preview),
    }


def _shown(batch: Batch) -> int:
    return _SHOWN if batch.total > RECHECKED else RECHECKED


def _first_of_each(batch: Batch) -> list[Voucher]:
    found: list[Voucher] = []
    for outcome in (Outcome.GOES, Outcome.REPEATS, Outcome.QUEUED, Outcome.REFUSED):
        items = BatchItem.objects.filter(batch=batch, outcome=outcome).order_by("asked", "pk")
        found += [item.voucher for item in items.select_related("voucher__party")[: _shown(batch)]]
    for voucher in found:
        voucher.company = batch.company
    return found


def refused_of(plans: Iterable[Plan], actor: Actor) -> list[Refused]:
    return [
        Refused(
            plan.voucher,
            tuple((reason, mend_of(reason.code, plan.voucher, actor)) for reason in plan.sendability.reasons),
        )
        for plan in plans
    ]


def _costs(actor: Actor, batch: Batch, preview: Preview) -> dict[str, Any]:
    category = rates.category_for(batch.company, batch.kind)
    today = planning.today_in(batch.company)

    def words(*piles: dict[str, int]) -> CostWords:
        markets: dict[str, int] = {}
        for pile in piles:
            for market, count in pile.items():
                markets[market] = markets.get(market, 0) + count
        return cost_words(rates.estimate(batch.company, markets, category=category, on=today))

    return {
        "cost": words(dict(preview.going)),
        "cost_of_both": words(dict(preview.going), dict(preview.repeats)) if preview.repeats else None,
        "may_see_rates": actor.may(Page.RATES, Action.VIEW),
    }


def _back(batch: Batch, chosen: list[Voucher]) -> str:
    """Where it was chosen: the voucher, or the grid with its filters."""
    if batch.total == 1 and chosen:
        return reverse("web:voucher", args=[batch.kind, chosen[0].pk])
    grid = reverse("web:voucher_grid", args=[batch.kind])
    query = query_of(batch.selection)
    return f"{grid}?{query}" if query else grid


def plan_bar(batch: Batch) -> dict[str, Any]:
    """How much of a draft is worked out."""
    left = BatchItem.objects.filter(batch=batch, outcome=Outcome.WAITING).count()
    done = batch.total - left
    return {"done": done, "bar": segments({"sent": done}, batch.total)}
