"""The people of a company: their roles, and whether they are in. What a person holds elsewhere isn't touched."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from acuse.companies import audit
from acuse.companies.models import ApiKey, Company, Invitation, Membership, Role, User
from acuse.companies.permissions.administering import keeping_an_administrator
from acuse.companies.permissions.meanwhile import ChangedMeanwhile, between
from acuse.companies.permissions.roles import covers, held_by_member, require_covers, require_may_give
from acuse.companies.scope import Actor
from acuse.companies.services import CompanyError
from acuse.kernel import clock


def may_act_on(by: Actor, membership: Membership) -> bool:
    """Whoever could take over an account that holds more would hold it too."""
    return covers(by, held_by_member(membership))


def require_may_act_on(by: Actor, membership: Membership) -> None:
    """Raises CompanyError."""
    require_covers(by, held_by_member(membership), field="roles", what=f"{membership.user} tiene")


def set_roles(*, by: Actor, membership: Membership, roles: Sequence[Role], seen: frozenset[int] | None = None) -> None:
    """`seen`: the keys of those that the member had when the person saw them. Raises CompanyError, ChangedMeanwhile
    among them."""
    if not roles:
        raise CompanyError("roles", "Elegí al menos un rol. Para que no entre más, desactivá el usuario.")
    require_may_act_on(by, membership)
    require_may_give(by, roles, field="roles")
    with keeping_an_administrator(by.company):
        held = dict(membership.roles.values_list("pk", "name"))
        changed = between(seen, held.keys(), {role.pk for role in roles}) if seen is not None else None
        if changed is not None:
            had = ", ".join(sorted(held.values())) or "ninguno"
            raise ChangedMeanwhile(
                "roles",
                f"Alguien le cambió los roles mientras mirabas: ahora tiene {had}. Abajo está eso con lo que marcaste "
                "vos; revisalo y guardá de nuevo.",
                changed,
            )
        before = sorted(held.values())
        after = sorted(role.name for role in roles)
        if before == after:
            return
        membership.roles.set(roles)
        audit.record(
            company=by.company, actor=by.label, event="member.roles_set", target=membership.user.email,
            before=before, after=after,
        )  # fmt: skip


def deactivate(*, by: Actor, membership: Membership) -> None:
    """End the membership, now: the next request of that person finds this company gone. Raises CompanyError."""
    require_may_act_on(by, membership)
    with keeping_an_administrator(by.company):
        if not Membership.objects.filter(pk=membership.pk, is_active=True).update(is_active=False):
            return
        # a link from before doesn't lead back in: neither one to this person, nor one that they made
        leading = Q(email__iexact=membership.user.email) | Q(invited_by=f"user:{membership.user.email}")
        waiting = open_invitations(by.company).filter(leading)
        addresses = sorted(waiting.values_list("email", flat=True))
        waiting.update(cancelled_at=clock.now())
        audit.record(
            company=by.company, actor=by.label, event="member.deactivated", target=membership.user.email,
            invitations=addresses,
        )  # fmt: skip


def open_invitations(company: Company) -> QuerySet[Invitation]:
    """That nobody answered or cancelled, also those that are too old."""
    return Invitation.objects.filter(company=company, accepted_at=None, refused_at=None, cancelled_at=None)


def keys_made_by(membership: Membership) -> QuerySet[ApiKey]:
    """Those that work. They go on when the person goes: cutting them would stop the systems that use them."""
    made = ApiKey.objects.filter(company=membership.company_id, made_by=f"user:{membership.user.email}")
    return made.filter(revoked_at=None).order_by("name", "created_at")


@transaction.atomic
def reactivate(*, by: Actor, membership: Membership) -> None:
    """With the roles it had. Raises CompanyError."""
    require_may_act_on(by, membership)
    if Membership.objects.filter(pk=membership.pk, is_active=False).update(is_active=True):
        audit.record(company=by.company, actor=by.label, event="member.reactivated", target=membership.user.email)


def belongs_elsewhere(user: User, by: Actor) -> bool:
    """Also to the installation: then its password and its second factor aren't this company's to reset."""
    elsewhere = Membership.objects.filter(user=user).exclude(company=by.company)
    invited = Invitation.objects.filter(user=user).exclude(company=by.company)
    return user.is_installation_admin or elsewhere.exists() or invited.exists()
