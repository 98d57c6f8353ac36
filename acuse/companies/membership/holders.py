"""Who of a company may do something."""

from __future__ import annotations

from collections.abc import Sequence

from acuse.companies.models import Company, User


def holders(company: Company, page: str, action: str) -> Sequence[User]:
    """The people whose roles there hold the action, in the order of their addresses."""
    grant = {"page": str(page), "action": str(action)}
    found = User.objects.filter(
        is_active=True,
        memberships__company=company,
        memberships__is_active=True,
        memberships__roles__company=company,
        **{f"memberships__roles__grants__{name}": value for name, value in grant.items()},
    )
    return list(found.distinct().order_by("email"))
