"""Many vouchers in one request: each is kept or refused by itself."""

from __future__ import annotations

from typing import Any

from acuse.api.arriving import register
from acuse.api.presenting import voucher_json
from acuse.api.problems import Problem
from acuse.api.refusals import problem_of
from acuse.api.schemas import VoucherIn
from acuse.companies.scope import Actor

MAX_ITEMS = 500


def outcome_of(item: object, actor: Actor) -> dict[str, Any]:
    """Whatever happens to it harms no neighbour."""
    answer: dict[str, Any] = {"external_id": _external_id(item)}
    try:
        posted = register(VoucherIn.model_validate(item), actor)
        return {**answer, "status": posted.status, "voucher": voucher_json(posted.voucher)}
    except Exception as error:
        problem: Problem = problem_of(error)
        return {**answer, "status": problem.status, "problem": problem.as_json()}


def _external_id(item: object) -> str | None:
    given = item.get("external_id") if isinstance(item, dict) else None
    return given if isinstance(given, str) else None
