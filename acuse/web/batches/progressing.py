"""The progress of a confirmed batch, in numbers, a bar and a sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.urls import reverse

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries import waking
from acuse.deliveries.batches import preview as batch_preview
from acuse.deliveries.batches.progress import Progress, causes_of, progress_of
from acuse.deliveries.figures import rates
from acuse.deliveries.models import Batch, Delivery
from acuse.deliveries.selectors import open_suspensions
from acuse.deliveries.states import State
from acuse.kernel import clock
from acuse.kernel.numerals import thousands
from acuse.vouchers.kinds import VoucherKind
from acuse.web.actors import by_whom
from acuse.web.batches.bar import bar_of
from acuse.web.batches.reasons import CHANGES, REASONS, groups_of
from acuse.web.polling import Poll, fingerprint
from acuse.web.rates.words import spent_words

#: Seconds between looks: while something leaves, the same of a large batch, and while receipts may come.
_FAST, _LARGE, _SLOW = 2, 5, 15
LARGE = 10_000
#: Seconds for which the cost of a large batch is kept.
_KEPT = 60
#: After this long, no receipt is waited for on an open page.
_NEWS_WITHIN = timedelta(days=1)


def progress_context(actor: Actor, batch: Batch) -> dict[str, Any]:
    progress, over = progress_of(batch), batch.ended_at is not None
    kind = VoucherKind(batch.kind)
    context: dict[str, Any] = {
        "batch": batch,
        "kind": kind,
        "grid_name": kind.plural,
        "who": by_whom(batch.requested_by),
        "progress": progress,
        "bar": bar_of(progress),
        "sentence": sentence(batch, progress),
        "over": over,
        "failed": progress.states.get(State.FAILED, 0),
        "uncertain": progress.states.get(State.UNCERTAIN, 0),
        "cancelled": progress.states.get(State.CANCELLED, 0),
        "waits_for_worker": not over and not waking.anybody_working(),
        "suspensions": list(open_suspensions(batch.company)) if progress.open else [],
        "may_see_deliveries": actor.may(Page.DELIVERIES, Action.VIEW),
        "back": reverse("web:voucher_grid", args=[kind]),
    }
    if over:
        context["reasons"] = groups_of(batch_preview.reasons_of(batch), REASONS, actor)
        context["causes"] = causes_of(batch)
        context["changes"] = groups_of(batch_preview.changes_of(batch), CHANGES, actor)
        context["spent"] = _spent(batch)
    context["poll"] = Poll(_look_again(batch, progress, clock.now()), _seen(context))
    return context


def _spent(batch: Batch) -> str:
    """In words. Of a large batch it takes a while, its page looks again and again, and a minute changes little."""

    def told() -> str:
        return spent_words(rates.cost_of(Delivery.objects.filter(batch=batch), batch.company))

    return cache.get_or_set(f"spent:{batch.pk}", told, _KEPT) or "" if batch.total > LARGE else told()


def _seen(context: dict[str, Any]) -> str:
    progress: Progress = context["progress"]
    return fingerprint(
        [
            context["batch"].state,
            str(context["over"]),
            str(sorted(progress.states.items())),
            f"{progress.to_ask} {progress.refused} {progress.held}",
            f"{context['waits_for_worker']} {len(context['suspensions'])}",
            context.get("spent", ""),
        ]
    )


def _look_again(batch: Batch, progress: Progress, now: datetime) -> int:
    if batch.ended_at is None:
        return _LARGE if batch.total > LARGE else _FAST
    may_come = progress.left > progress.read
    return _SLOW if may_come and now - batch.ended_at < _NEWS_WITHIN else 0


def sentence(batch: Batch, progress: Progress) -> str:
    """Where it stands, in numbers."""
    waiting = progress.open + progress.to_ask
    match Batch.State(batch.state):
        case Batch.State.RUNNING:
            word = "Va" if progress.left == 1 else "Van"
            return f"{word} {thousands(progress.left)} de {thousands(progress.all)}."
        case Batch.State.PAUSED:
            still = progress.open - progress.held
            if still:
                return f"Se está pausando: {thousands(still)} todavía pueden salir."
            return (
                f"En pausa: {thousands(progress.left)} {_left(progress.left)} y {thousands(waiting)} {_wait(waiting)}."
            )
        case Batch.State.CANCELLED:
            # what nobody got to ask doesn't leave either
            stays = waiting + progress.states.get(State.CANCELLED, 0)
            left = f"{thousands(progress.left)} {_had_left(progress.left)}"
            return f"Cancelada: {left} y {thousands(stays)} no {_goes(stays)}."
        case _:
            sent = f"{thousands(progress.left)} {'enviado' if progress.left == 1 else 'enviados'}"
            return f"{sent}, {thousands(progress.unsent)} no." if progress.unsent else f"{sent}."


def _left(count: int) -> str:
    return "salió" if count == 1 else "salieron"


def _wait(count: int) -> str:
    return "espera" if count == 1 else "esperan"


def _had_left(count: int) -> str:
    return "había salido" if count == 1 else "habían salido"


def _goes(count: int) -> str:
    return "sale" if count == 1 else "salen"
