"""Audit entries, written in the transaction of what they tell."""

from __future__ import annotations

from typing import Any

from acuse.companies.models import AuditEntry, Company


def record(*, company: Company | None, actor: str, event: str, target: object = "", **detail: Any) -> None:
    AuditEntry.objects.create(company=company, actor=actor, event=event, target=str(target)[:200], detail=detail)
