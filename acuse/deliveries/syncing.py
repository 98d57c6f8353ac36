"""A company's WhatsApp account read again, and what that means carried out: by hand and every day."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta
from functools import partial

from django.db.models import Q

from acuse.channels import notices, registry, selectors
from acuse.channels.contract import Consequence, Grade
from acuse.channels.models import WhatsAppAccount
from acuse.channels.refusals import CREDENTIAL, AccountRefused
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.deliveries import consequences

#: What passes by itself is told when it lasts for so long.
LASTING = timedelta(days=2)
_KEY = "account:{}:reading"
#: A new account may ask Meta 200 times an hour (Meta, rate limits).
LOOK_EVERY = timedelta(seconds=30)
DAY = timedelta(hours=23)


def sync(company: Company, *, now: datetime, actor: str = "") -> list[Consequence]:
    """`actor`: who asked; blank = the day's own reading.

    Raises AccountRefused when Meta can't be asked: that is kept, and told unless it may pass.
    """
    account = selectors.whatsapp_account(company)
    try:
        found = registry.sync_account(company, then=partial(consequences.carry_out, now=now))
    except AccountRefused as refused:
        if account is not None:
            _failed(account, refused, now)
        raise
    if actor:
        audit.record(company=company, actor=actor, event="whatsapp.synced", target=company.cuit)
    if account is not None:
        text = "La cuenta de WhatsApp se lee de nuevo."
        notices.take_down(company.pk, key=_KEY.format(account.pk), text=text, now=now)
    return found


def sync_templates(company: Company, *, now: datetime) -> None:
    """The templates alone, by hand or while one is in review. Raises AccountRefused."""
    registry.sync_templates(company, then=partial(consequences.carry_out, now=now))


def watch_templates(company: Company, *, now: datetime) -> None:
    """For a page that waits for a review: ask Meta, if nobody did for a while; what it refuses is for the next look."""
    mine = WhatsAppAccount.objects.filter(company=company).exclude(access_token="").exclude(waba_id="")
    # the day's own reading takes turns by the same mark: what is due is left to it
    mine = mine.exclude(synced_at__lte=now - DAY)
    # who sets it has the turn
    if mine.filter(Q(tried_at=None) | Q(tried_at__lte=now - LOOK_EVERY)).update(tried_at=now):
        with contextlib.suppress(AccountRefused):
            sync_templates(company, now=now)


def _failed(account: WhatsAppAccount, refused: AccountRefused, now: datetime) -> None:
    account.sync_problem = f"{refused} {refused.next_step}".strip()[:500]
    account.tried_at = now
    account.save(update_fields=["sync_problem", "tried_at"])
    if refused.field == CREDENTIAL:
        # told as what it is
        return
    lasts = account.synced_at is not None and now - account.synced_at >= LASTING
    if refused.passing and not lasts:
        return
    notices.put_up(
        account.company_id,
        key=_KEY.format(account.pk),
        grade=Grade.WARNING if refused.passing else Grade.ERROR,
        text=f"Acuse no puede leer la cuenta de WhatsApp. {refused}",
        next_step=refused.next_step,
        now=now,
    )
