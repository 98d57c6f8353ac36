"""Faults of ours that nobody foresaw, in what is worked out of a voucher: who gets it, and what its message says."""

from __future__ import annotations

from collections.abc import Container
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest

from acuse.deliveries import planning
from acuse.deliveries.policies import freezing
from acuse.vouchers.models import Voucher

#: A function that breaks, and where it is.
Spot = tuple[ModuleType, str]

PLANNED: Spot = (planning, "plan")
WRITTEN: Spot = (freezing, "values_of")

#: The test runs with each.
wherever_it_breaks = pytest.mark.parametrize("spot", [PLANNED, WRITTEN], ids=["planned", "written"])

NOBODY_FORESAW = ValueError("of a voucher that nobody foresaw")


def break_it(
    patched: pytest.MonkeyPatch, spot: Spot, of: Container[UUID] | None = None, error: Exception = NOBODY_FORESAW
) -> None:
    """For these vouchers, or for all."""
    module, name = spot
    real = getattr(module, name)

    def breaking(voucher: Voucher, *args: Any) -> Any:
        if of is None or voucher.pk in of:
            raise error
        return real(voucher, *args)

    patched.setattr(module, name, breaking)
