"""Roles and members as the tests of security need them."""

from __future__ import annotations

from collections.abc import Iterable

from acuse.companies.models import Company, Membership, Role, RoleGrant, User
from acuse.companies.scope import Actor, actor_of_user
from tests.data.cast import PASSWORD


def make_role(company: Company, name: str, pairs: Iterable[tuple[str, str]] = ()) -> Role:
    role = Role.objects.create(company=company, name=name)
    RoleGrant.objects.bulk_create([RoleGrant(role=role, page=str(page), action=str(action)) for page, action in pairs])
    return role


def make_user(email: str, name: str = "") -> User:
    return User.objects.create_user(email, PASSWORD, name=name)


def make_member(company: Company, user: User, *roles: Role, active: bool = True) -> Membership:
    made = Membership.objects.create(company=company, user=user, is_active=active)
    made.roles.set(roles)
    return made


def acting_as(user: User, company: Company) -> Actor:
    actor = actor_of_user(user, company)
    assert actor is not None
    return actor
