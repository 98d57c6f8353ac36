"""What Meta was asked for a page, kept for a while: a new account may ask 200 times an hour (Meta, rate limits), and a
page that is opened again isn't worth a call."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Q

from acuse.channels.models import AccountReading, WhatsAppAccount
from acuse.channels.whatsapp.management import Management
from acuse.channels.whatsapp.onboarding.asking import OnboardingError, Words, ask_for
from acuse.companies.models import Company
from acuse.kernel import clock

T = TypeVar("T")

#: How old a reading may be for who may change the account, and for who may only look. What passes by itself, and a turn
#: that came to nothing, is as old as the first for everybody.
FRESH, FOR_ONLOOKERS = timedelta(minutes=1), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Kept:
    """What Meta told, as JSON has it, and when it was asked."""

    told: Any
    at: datetime


def look(account: WhatsAppAccount, about: str, *, max_age: timedelta, ask: Callable[[], Any]) -> Kept:
    """As it was read at most `max_age` ago, else asked; a refusal is kept as an answer is. Raises OnboardingError."""
    now = clock.now()
    row, _ = AccountReading.objects.get_or_create(account=account, about=about)
    nothing = Q(refused__passing=True) | Q(refused={}, told_at=None)
    old = Q(tried_at=None) | Q(tried_at__lte=now - max_age) | Q(nothing, tried_at__lte=now - FRESH)
    if account.token_saved_at is not None:
        # refused or told to another token
        old |= Q(tried_at__lt=account.token_saved_at)
    # who sets it has the turn
    if AccountReading.objects.filter(old, pk=row.pk).update(tried_at=now):
        return Kept(_asked(row, ask, now), now)
    found = AccountReading.objects.filter(pk=row.pk).first()
    if found is None:
        # forgotten meanwhile
        return look(account, about, max_age=max_age, ask=ask)
    if found.refused:
        raise OnboardingError(**found.refused)
    if found.told_at is None:
        raise OnboardingError(about, "Se está leyendo de Meta.", "Probá de nuevo en un momento.", passing=True)
    return Kept(found.told, found.told_at)


def _asked(row: AccountReading, ask: Callable[[], Any], now: datetime) -> Any:
    # a change that was made meanwhile has deleted the row: then this is shown once, and kept nowhere
    mine = AccountReading.objects.filter(pk=row.pk)
    try:
        told = ask()
    except OnboardingError as error:
        kept = {"field": error.field, "text": str(error), "next_step": error.next_step}
        mine.update(refused=kept | {"passing": error.passing, "said": error.said})
        raise
    except Exception:
        # the turn is for who comes next, unless somebody has it by now
        mine.filter(tried_at=now).update(tried_at=None)
        raise
    mine.update(told=told, told_at=now, refused={})
    return told


def forget(company: Company) -> None:
    """The next look asks Meta."""
    AccountReading.objects.filter(account__company=company).delete()


def change_for(
    company: Company, what: Callable[[Management], Awaitable[T]], *, field: str = "", words: Words | None = None
) -> T:
    """`ask_for` a change: what was read before isn't so any more, also when the answer got lost."""
    try:
        return ask_for(company, what, field=field, words=words)
    finally:
        forget(company)
