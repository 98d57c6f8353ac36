"""The roles that every company begins with."""

from __future__ import annotations

from collections.abc import Iterable

from acuse.companies.models import Company, Role, RoleGrant
from acuse.companies.pages import ADMINISTRATOR, EVERYTHING, READY_ROLES, Action, Page


def ensure_administrator_role(company: Company) -> Role:
    """The ready role with everything; what later versions add to the pages is granted too."""
    role, _ = Role.objects.get_or_create(company=company, name=ADMINISTRATOR)
    _grant(role, EVERYTHING)
    return role


def make_ready_roles(company: Company) -> None:
    """For a company that begins: from then on all but *Administrador* are its own."""
    ensure_administrator_role(company)
    for name, pairs in READY_ROLES.items():
        _grant(Role.objects.create(company=company, name=name), pairs)


def _grant(role: Role, pairs: Iterable[tuple[Page, Action]]) -> None:
    RoleGrant.objects.bulk_create(
        [RoleGrant(role=role, page=page.value, action=action.value) for page, action in sorted(pairs)],
        ignore_conflicts=True,
    )
