"""What people should know of a company's senders, open until it is over: raised once, changed in place, cleared."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, When

from acuse.channels.contract import Grade
from acuse.channels.models import AccountNotice
from acuse.companies import audit
from acuse.companies.models import Company

#: How the keys begin of what is told of a mailbox, and not of WhatsApp.
MAILBOX = "mailbox:"
#: Topics of what happened once (a key's last part).
_HAPPENED = re.compile(r":(?:violation|security|alert:[^:]*)$")
#: The graver first.
_ORDER = Case(When(grade=Grade.ERROR, then=0), default=1, output_field=IntegerField())


def put_up(company_id: UUID, *, key: str, grade: Grade, text: str, next_step: str, now: datetime) -> AccountNotice:
    """Raise it, or change the open one of the key; a text that changed is mailed again."""
    given = {"grade": grade.value, "text": text[:500], "next_step": next_step[:500]}
    with transaction.atomic():
        notice, created = AccountNotice.objects.select_for_update().get_or_create(
            company_id=company_id, key=key[:640], cleared_at=None, defaults={**given, "opened_at": now}
        )
        if not created and any(getattr(notice, name) != value for name, value in given.items()):
            for name, value in given.items():
                setattr(notice, name, value)
            notice.mailed_at = None
            notice.save()
    return notice


def take_down(company_id: UUID, *, key: str, text: str, now: datetime) -> bool:
    """It is over; `text` says what ended it. False when nothing of the key was open."""
    open_ones = AccountNotice.objects.filter(company_id=company_id, key=key[:640], cleared_at=None)
    return open_ones.update(cleared_at=now, cleared_text=text[:500]) > 0


def open_notices(company: Company) -> Sequence[AccountNotice]:
    return list(_of(company).filter(cleared_at=None).order_by(_ORDER, "-opened_at"))


def open_errors(company: Company) -> QuerySet[AccountNotice]:
    """What doesn't work until somebody mends it, or the provider does."""
    return _of(company).filter(cleared_at=None, grade=Grade.ERROR).order_by("-opened_at")


def recent_notices(company: Company, *, since: datetime) -> Sequence[AccountNotice]:
    """The newest first, those that are over too."""
    return list(_of(company).filter(Q(cleared_at=None) | Q(opened_at__gte=since)).order_by("-opened_at")[:200])


def ends_by_hand(notice: AccountNotice) -> bool:
    """Something that happened: nothing will say that it is over but a person."""
    return notice.cleared_at is None and bool(_HAPPENED.search(notice.key))


@transaction.atomic
def attend(notice: AccountNotice, *, actor: str, now: datetime) -> bool:
    """A person dealt with what `ends_by_hand`; False when it was over, or isn't of those."""
    if not ends_by_hand(notice):
        return False
    over = take_down(notice.company_id, key=notice.key, text="Alguien se ocupó.", now=now)
    if over:
        audit.record(
            company=notice.company, actor=actor, event="notice.attended", target=str(notice.pk), text=notice.text[:200]
        )
    return over


def unmailed(company_id: UUID | None = None) -> QuerySet[AccountNotice]:
    """Those of which nobody was told, and those of whose end nobody was told though of their start they were."""
    never_told = Q(cleared_at=None, mailed_at=None)
    end_not_told = Q(cleared_at__isnull=False, mailed_at__isnull=False, clear_mailed_at=None)
    rows = AccountNotice.objects.filter(never_told | end_not_told).select_related("company").order_by("id")
    return rows if company_id is None else rows.filter(company_id=company_id)


def note_mailed(notice: AccountNotice, *, now: datetime) -> None:
    """People were told of it as it was when it was read: one that changed meanwhile is still to be told."""
    if notice.cleared_at is not None:
        AccountNotice.objects.filter(pk=notice.pk).update(clear_mailed_at=now)
        return
    same = {"grade": notice.grade, "text": notice.text, "next_step": notice.next_step}
    AccountNotice.objects.filter(pk=notice.pk, **same).update(mailed_at=now)


def of_mailbox(notice: AccountNotice) -> bool:
    return notice.key.startswith(MAILBOX)


def _of(company: Company) -> QuerySet[AccountNotice]:
    """Of WhatsApp: a mailbox that stands still is seen on *Envíos*, and mailed."""
    return AccountNotice.objects.filter(company=company).exclude(key__startswith=MAILBOX)
