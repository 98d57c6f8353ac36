"""A company keeps somebody who can do everything in it, and can sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from acuse.companies.models import Company, Membership, Passkey, Role, RoleGrant
from acuse.companies.permissions.pages import ADMINISTRATOR
from acuse.companies.services import CompanyError


def administrators() -> QuerySet[Membership]:
    """Active members who hold, by whatever roles, all that *Administrador* of their company holds, and have a password
    or a passkey. Who was invited and never chose one doesn't count: nobody can enter as that person."""
    role = Role.objects.filter(company=OuterRef("company"), name=ADMINISTRATOR)
    held = RoleGrant.objects.filter(
        role__memberships=OuterRef(OuterRef("pk")),
        role__company=OuterRef("role__company"),
        page=OuterRef("page"),
        action=OuterRef("action"),
    )
    lacking = RoleGrant.objects.filter(
        ~Exists(held), role__company=OuterRef("company"), role__name=ADMINISTRATOR
    )  # fmt: skip
    no_password = Q(user__password="") | Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX)
    passkey = Exists(Passkey.objects.filter(factor__user=OuterRef("user")))
    return Membership.objects.filter(
        ~no_password | passkey, Exists(role), ~Exists(lacking), is_active=True, user__is_active=True
    )


def has_administrator(company: Company) -> bool:
    return administrators().filter(company=company).exists()


def left_without() -> QuerySet[Company]:
    """The companies that only the installation's administrator can mend."""
    return Company.objects.exclude(pk__in=administrators().values("company"))


@contextmanager
def keeping_an_administrator(company: Company) -> Iterator[None]:
    """What happens inside is undone with a CompanyError if nobody who administers the company would be left."""
    with transaction.atomic():
        # two who leave at the same time take turns
        Company.objects.select_for_update(no_key=True).get(pk=company.pk)
        before = has_administrator(company)
        yield
        if before and not has_administrator(company):
            raise CompanyError(
                "roles",
                "Nadie quedaría para administrar la empresa. Antes, dale el rol «Administrador» a otra persona que ya "
                "haya elegido su contraseña.",
            )
