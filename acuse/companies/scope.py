"""Who acts, for which company, and what that actor may do. Fails closed: without an actor nothing is seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import Model, QuerySet

from acuse.companies.models import ApiKey, Company, Membership, RoleGrant, User
from acuse.companies.permissions.page_names import action_name, page_name

M = TypeVar("M", bound=Model)


class NotAllowed(Exception):
    """The actor's roles don't hold this action on this page."""

    def __init__(self, page: str, action: str) -> None:
        super().__init__(
            "No tenés permiso para esto. Pedile a quien administra Acuse la acción "
            f"«{action_name(action)}» en «{page_name(page)}»."
        )
        self.page = page
        self.action = action


@dataclass(frozen=True, slots=True)
class Actor:
    """One company, and what may be done there. `label` goes into the audit and the deliveries."""

    company: Company
    label: str
    grants: frozenset[tuple[str, str]] = field(default_factory=frozenset)

    def may(self, page: str, action: str) -> bool:
        return (str(page), str(action)) in self.grants

    def require(self, page: str, action: str) -> None:
        """Raises NotAllowed."""
        if not self.may(page, action):
            raise NotAllowed(str(page), str(action))


def actor_of_user(user: User, company: Company) -> Actor | None:
    """None when the user holds no active membership there."""
    if not user.is_active:
        return None
    membership = Membership.objects.filter(user=user, company=company, is_active=True).first()
    if membership is None:
        return None
    grants = RoleGrant.objects.filter(role__memberships=membership, role__company=company).values_list("page", "action")
    return Actor(company=company, label=f"user:{user.email}", grants=frozenset(grants))


def actor_of_key(key: ApiKey) -> Actor:
    grants = RoleGrant.objects.filter(role__api_keys=key, role__company=key.company_id).values_list("page", "action")
    return Actor(company=key.company, label=f"key:{key.prefix}", grants=frozenset(grants))


def scoped(queryset: QuerySet[M], actor: Actor | None) -> QuerySet[M]:
    """Only the rows of the actor's company; none without an actor."""
    return queryset.none() if actor is None else queryset.filter(company=actor.company)
