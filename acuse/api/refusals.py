"""What the services refuse, as problems."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pydantic
import structlog
from ninja.errors import HttpError
from ninja.errors import ValidationError as NinjaValidationError

from acuse.api.problems import FieldError, Problem, internal, invalid, one
from acuse.api.wording import field_errors
from acuse.companies.scope import NotAllowed
from acuse.deliveries.apart import FAULT
from acuse.deliveries.services import DeliveryError
from acuse.directory.services import DirectoryError
from acuse.intake.services import IntakeError
from acuse.vouchers.sendability import Reason
from acuse.vouchers.services import VoucherError

log = structlog.get_logger(__name__)

#: What a service may refuse while it does what was asked.
REFUSALS = (Problem, NotAllowed, DirectoryError, VoucherError, IntakeError, DeliveryError)


_PARAMETERS = frozenset({("body", "payload"), ("query", "filters")})


def problem_of(error: Exception) -> Problem:
    """What nobody foresaw is logged, and told as 500 without its details."""
    match error:
        case Problem():
            return error
        case NotAllowed():
            return one(403, "not_allowed", str(error))
        case DirectoryError() | VoucherError():
            code = "conflict" if error.conflict else f"invalid_{_last(error.field)}"
            return one(409 if error.conflict else 422, code, str(error), field=error.field)
        case IntakeError():
            return one(413 if error.code == "pdf_too_large" else 422, error.code, str(error), field=error.field)
        case DeliveryError():
            return one(500 if error.code == FAULT.code else 409, error.code, str(error))
        case pydantic.ValidationError():
            return invalid(field_errors(error.errors(include_url=False, include_input=False)))
        case NinjaValidationError():
            # ninja puts the source and the parameter's name first
            return invalid([found for item in error.errors for found in field_errors([item], skip=_skipped(item))])
        case HttpError() if error.status_code == 400:
            return one(400, "bad_request", str(error))
        case _:
            log.error("api_failed", exc_info=error)
            return internal()


def unsendable(reasons: Iterable[Reason]) -> Problem:
    """All of them; with our own fault among them nothing is to be corrected in what was asked."""
    found = [FieldError(reason.field, reason.code, reason.text) for reason in reasons]
    return invalid(found, status=500 if any(one_.code == FAULT.code for one_ in found) else 422)


def _skipped(item: dict[str, Any]) -> int:
    """The source, and the parameter's name, which ninja leaves out where a query's field is flat."""
    return 2 if tuple(item["loc"][:2]) in _PARAMETERS else 1


def _last(field: str) -> str:
    return field.split(".")[-1].split("[")[0]
