"""Audit entries, written in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from acuse.companies.models import AuditEntry, Company

_AT_ONCE = 5_000
#: Each is found after the one before by the index: reading them all would be reading every entry.
_TOLD = """
with recursive told (one) as (
    (select {column} from companies_auditentry where company_id {of} order by {column} limit 1)
    union all
    select (select a.{column} from companies_auditentry a
            where a.company_id {of} and a.{column} > told.one order by a.{column} limit 1)
    from told
    where told.one is not null
)
select one from told where one is not null
"""


def events_of(company: Company | None) -> list[str]:
    """Each that a company's entries tell, in order. None: the installation's own."""
    return _each("event", company)


def actors_of(company: Company | None) -> list[str]:
    """The labels of who did something, in order."""
    return _each("actor", company)


def _each(column: str, company: Company | None) -> list[str]:
    of = "is null" if company is None else "= %(company)s"
    with connection.cursor() as cursor:
        cursor.execute(_TOLD.format(column=column, of=of), {"company": company.pk if company else None})
        return [one for (one,) in cursor.fetchall()]


def record_each(
    *, company: Company | None, actor: str, event: str, targets: Iterable[object], **detail: Any
) -> None:  # fmt: skip
    """The same of many."""
    AuditEntry.objects.bulk_create(
        (AuditEntry(company=company, actor=actor, event=event, target=str(t)[:200], detail=detail) for t in targets),
        batch_size=_AT_ONCE,
    )


def record(*, company: Company | None, actor: str, event: str, target: object = "", **detail: Any) -> None:
    AuditEntry.objects.create(company=company, actor=actor, event=event, target=str(target)[:200], detail=detail)


def record_several(
    *, company: Company, actor: str, event: str, told: Iterable[tuple[object, Mapping[str, Any]]]
) -> None:
    """As `record_each`, each with a detail of its own."""
    AuditEntry.objects.bulk_create(
        AuditEntry(company=company, actor=actor, event=event, target=str(target)[:200], detail=dict(detail))
        for target, detail in told
    )
