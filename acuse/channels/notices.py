"""What people should know of a company's senders, open until it is over: raised once, changed in place, cleared."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, When

from acuse.channels.contract import Grade
from acuse.channels.models import AccountNotice
from acuse.companies.models import Company

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


def recent_notices(company: Company, *, since: datetime) -> Sequence[AccountNotice]:
    """The newest first, those that are over too."""
    return list(_of(company).filter(Q(cleared_at=None) | Q(opened_at__gte=since)).order_by("-opened_at")[:200])


def unmailed() -> QuerySet[AccountNotice]:
    """Those of which nobody was told, and those of whose end nobody was told though of their start they were."""
    never_told = Q(cleared_at=None, mailed_at=None)
    end_not_told = Q(cleared_at__isnull=False, mailed_at__isnull=False, clear_mailed_at=None)
    return AccountNotice.objects.filter(never_told | end_not_told).select_related("company").order_by("id")


def _of(company: Company) -> QuerySet[AccountNotice]:
    return AccountNotice.objects.filter(company=company)
