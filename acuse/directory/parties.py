"""What people do to customers, suppliers and banks in the pages."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.directory.models import CustomerClass, Party, PartyKind
from acuse.directory.services import DirectoryError, read_tax_id
from acuse.directory.uses import in_words, uses_of

#: Rows of one statement.
_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class PartyEntry:
    """What a person writes of a party."""

    name: str
    #: As typed: a CUIT, CUIL, CDI, DNI, or another document.
    tax_id: str = ""
    external_id: str = ""
    customer_class: CustomerClass | None = None


@transaction.atomic
def create_party(*, company: Company, kind: PartyKind, entry: PartyEntry, actor: str) -> Party:
    """Raises DirectoryError, with the `holder` of a CUIT or of a code that is taken."""
    party = Party(company=company, kind=kind.value)
    _write(party, entry)
    party.save()
    audit.record(company=company, actor=actor, event="party.created", target=party.pk, name=party.name)
    return party


@transaction.atomic
def change_party(*, party: Party, entry: PartyEntry, actor: str) -> Party:
    """Raises DirectoryError, with the `holder` of a CUIT or of a code that is taken."""
    locked = Party.objects.select_for_update(of=("self",)).select_related("company", "customer_class").get(pk=party.pk)
    if locked.merged_into_id is not None:
        raise DirectoryError("name", "Se unió con otro mientras lo editabas. Volvé a la lista y abrí el que quedó.")
    before = _shown(locked)
    _write(locked, entry)
    after = _shown(locked)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        locked.save()
        audit.record(company=locked.company, actor=actor, event="party.changed", target=locked.pk, changed=changed)
    return locked


def _write(party: Party, entry: PartyEntry) -> None:
    party.name = " ".join(entry.name.split())[:200]
    if not party.name:
        raise DirectoryError("name", "Escribí el nombre o la razón social.")
    party.tax_id, party.tax_id_type = read_tax_id(entry.tax_id, field="tax_id")
    party.external_id = entry.external_id.strip()
    party.customer_class = entry.customer_class if party.kind == PartyKind.CUSTOMER else None
    _check_taken(party, "tax_id", party.tax_id, "El CUIT o documento")
    _check_taken(party, "external_id", party.external_id, "El código")


def _check_taken(party: Party, field: str, value: str, what: str) -> None:
    others = Party.objects.filter(company=party.company, kind=party.kind, **{field: value}).exclude(pk=party.pk)
    other = others.select_related("merged_into").first() if value else None
    if other is None:
        return
    holder = other.merged_into or other
    if holder.pk == party.pk:
        raise DirectoryError(field, f"{what} es de un duplicado que ya se unió acá: no hace falta escribirlo.")
    raise DirectoryError(field, f"{what} ya es de {holder.name}.", conflict=True, holder=holder)


def _shown(party: Party) -> dict[str, str]:
    return {
        "name": party.name,
        "tax_id": party.tax_id,
        "external_id": party.external_id,
        "customer_class": party.customer_class.name if party.customer_class else "",
    }


@transaction.atomic
def delete_party(*, party: Party, actor: str) -> None:
    """Only when nothing hangs from it. Raises DirectoryError, which says what does."""
    locked = Party.objects.select_for_update(of=("self",)).get(pk=party.pk)
    if uses := uses_of(locked):
        raise DirectoryError("party", f"No se puede borrar: tiene {in_words(uses)}.")
    audit.record(
        company=party.company, actor=actor, event="party.deleted", target=locked.pk, name=locked.name,
        tax_id=locked.tax_id, external_id=locked.external_id,
    )  # fmt: skip
    locked.delete()


@transaction.atomic
def set_class(*, company: Company, ids: Collection[UUID], customer_class: CustomerClass | None, actor: str) -> int:
    """To customers of the company; how many of them had another one."""
    theirs = Party.objects.filter(company=company, kind=PartyKind.CUSTOMER, merged_into=None, pk__in=ids)
    changing = theirs.exclude(customer_class=customer_class) if customer_class else theirs.exclude(customer_class=None)
    pks = list(changing.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), _AT_ONCE):
        Party.objects.filter(pk__in=pks[start : start + _AT_ONCE]).update(customer_class=customer_class)
    name = customer_class.name if customer_class else ""
    audit.record_each(company=company, actor=actor, event="party.classed", targets=pks, customer_class=name)
    return len(pks)
