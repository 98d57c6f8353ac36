"""A grid's filters under a name. They are one person's in one company, and nobody else's."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from acuse.companies import audit
from acuse.companies.models import Company, SavedFilter, User

#: More would be no tabs any more.
MOST = 20


class SavedFilterError(ValueError):
    """Refused; the text says why and the way out."""


def of(*, user: User, company: Company, grid: str) -> QuerySet[SavedFilter]:
    return SavedFilter.objects.filter(user=user, company=company, grid=grid).order_by("pk")


def save(*, user: User, company: Company, grid: str, name: str, query: str) -> SavedFilter:
    """Under a name that exists, the new filters take the place of the old ones. Raises SavedFilterError."""
    name = _name(name)
    ours = of(user=user, company=company, grid=grid)
    if ours.count() >= MOST and not ours.filter(name=name).exists():
        raise SavedFilterError(f"Ya guardaste {MOST} filtros en esta grilla. Borrá alguno para guardar otro.")
    saved, _ = SavedFilter.objects.update_or_create(
        user=user, company=company, grid=grid, name=name, defaults={"query": query}
    )
    return saved


def rename(saved: SavedFilter, *, name: str) -> SavedFilter:
    """Raises SavedFilterError."""
    saved.name = _name(name)
    same = SavedFilter.objects.filter(user=saved.user_id, company=saved.company_id, grid=saved.grid, name=saved.name)
    if same.exclude(pk=saved.pk).exists():
        raise SavedFilterError("Ya tenés filtros guardados con ese nombre. Elegí otro.")
    saved.save(update_fields=["name"])
    return saved


@transaction.atomic
def remove(saved: SavedFilter, *, actor: str) -> None:
    audit.record(
        company=saved.company, actor=actor, event="saved_filter.removed", target=saved.name, grid=saved.grid,
        filters=saved.query,
    )  # fmt: skip
    saved.delete()


def _name(text: str) -> str:
    name = " ".join(text.split())
    limit = SavedFilter._meta.get_field("name").max_length or 0
    if not name:
        raise SavedFilterError("Poneles un nombre a los filtros para guardarlos.")
    if len(name) > limit:
        raise SavedFilterError(f"El nombre tiene hasta {limit} letras. Acortalo.")
    return name
