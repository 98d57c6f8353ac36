"""The roles that every company begins with."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import Company, Role, RoleGrant
from acuse.companies.permissions.pages import ADMINISTRATOR, EVERYTHING, READY_ROLES, Action, Page


def ensure_administrator_role(company: Company) -> Role:
    """The ready role with everything; what later versions add to the pages is granted too."""
    role, _ = Role.objects.get_or_create(company=company, name=ADMINISTRATOR)
    _grant({role: EVERYTHING})
    return role


@transaction.atomic
def complete_administrators(*, actor: str) -> None:
    """What this version has, and the *Administrador* of companies from before hasn't."""
    for role in Role.objects.select_related("company").prefetch_related("grants").filter(name=ADMINISTRATOR):
        held = {(grant.page, grant.action) for grant in role.grants.all()}
        lacking = {(page, action) for page, action in EVERYTHING if (page.value, action.value) not in held}
        if lacking:
            _grant({role: lacking})
            audit.record(
                company=role.company, actor=actor, event="role.grants_set", target=role.name,
                added=[[page.value, action.value] for page, action in sorted(lacking)], removed=[],
            )  # fmt: skip


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
