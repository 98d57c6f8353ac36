"""The people of the tests are put back as rows (`tests/data/kept.py`): they are what the services make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from acuse.companies.models import AuditEntry, Company, Membership, RoleGrant, User
from acuse.deliveries.models import DeliveryPolicy
from tests.data import kept
from tests.data.cast import PASSWORD, make_cast

_OWN = {"id", "company_id", "password", "created_at"}


def _rows(model: type[Model]) -> list[dict[str, Any]]:
    rows = model._default_manager.order_by("pk").values()
    return [{name: value for name, value in row.items() if name not in _OWN} for row in rows]


def _told(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    with transaction.atomic():
        made = make()
        ana, company = made["ana"], made["company"]
        told = {
            "companies": _rows(Company),
            "people": _rows(User),
            "policies": _rows(DeliveryPolicy),
            "grants": sorted(RoleGrant.objects.values_list("role__company__cuit", "role__name", "page", "action")),
            "members": sorted(Membership.objects.values_list("company__cuit", "user__email", "roles__name")),
            "audit": list(AuditEntry.objects.order_by("pk").values_list("company__cuit", "actor", "event", "target")),
            "made": {name: str(row) for name, row in made.items()},
            "enters": (ana.check_password(PASSWORD), ana.memberships.get().company == company),
        }
        age = timezone.now() - company.created_at
        assert 0 <= age.total_seconds() < 60
        transaction.set_rollback(True)
    return told


@pytest.mark.usefixtures("db")
def test_the_cast_that_is_put_back_is_the_one_that_the_services_make() -> None:
    expected = _told(make_cast)
    assert len(expected["grants"]) > 200
    for _ in range(3):
        assert _told(kept.cast) == expected


@pytest.mark.usefixtures("db")
def test_each_test_has_companies_and_people_with_ids_of_their_own() -> None:
    seen = set()
    for _ in range(3):
        with transaction.atomic():
            seen |= {row.pk for row in kept.cast().values()}
            transaction.set_rollback(True)
    assert len(seen) == 15
