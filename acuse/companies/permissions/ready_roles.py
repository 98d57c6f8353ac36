"""The roles that every company begins with."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from acuse.companies.models import Company, Role, RoleGrant
from acuse.companies.permissions.pages import ADMINISTRATOR, EVERYTHING, READY_ROLES, Action, Page


def ensure_administrator_role(company: Company) -> Role:
    """The ready role with everything; what later versions add to the pages is granted too."""
    role, _ = Role.objects.get_or_create(company=company, name=ADMINISTRATOR)
    _grant({role: EVERYTHING})
    return role


def make_ready_roles(company: Company) -> None:
    """For a company that begins: from then on all but *Administrador* are its own."""
    roles = Role.objects.bulk_create(Role(company=company, name=name) for name in (ADMINISTRATOR, *READY_ROLES))
    _grant(dict(zip(roles, (EVERYTHING, *READY_ROLES.values()), strict=True)))


def _grant(given: Mapping[Role, Collection[tuple[Page, Action]]]) -> None:
    RoleGrant.objects.bulk_create(
        [
            RoleGrant(role=role, page=page.value, action=action.value)
            for role, pairs in given.items()
            for page, action in sorted(pairs)
        ],
        ignore_conflicts=True,
    )
