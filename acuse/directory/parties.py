"""Customers, suppliers and banks, as people write them in the pages and as their vouchers bring them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.directory.classes import class_named, create_class
from acuse.directory.models import CustomerClass, Party, PartyKind
from acuse.directory.services import DirectoryError, PartyData, locked_survivor, read_tax_id
from acuse.directory.uses import in_words, uses_of
from acuse.kernel.digest import canonical_digest

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


class Changed(DirectoryError):
    """It isn't any more as the person saw it."""

    def __init__(self, party: Party) -> None:
        super().__init__("", "Alguien lo cambió mientras lo editabas.", conflict=True)
        self.party = party


def fingerprint(party: Party) -> str:
    """Of what a person sees and may change."""
    return canonical_digest(_shown(party))[:32]


@transaction.atomic
def change_party(*, party: Party, entry: PartyEntry, actor: str, seen: str | None = None) -> Party:
    """`seen`: the fingerprint of what the person had before them. Raises Changed, and DirectoryError with the `holder`
    of a CUIT or of a code that is taken."""
    locked = Party.objects.select_for_update(of=("self",)).select_related("company", "customer_class").get(pk=party.pk)
    if locked.merged_into_id is not None:
        raise DirectoryError("name", "Se unió con otro mientras lo editabas. Volvé a la lista y abrí el que quedó.")
    if seen is not None and fingerprint(locked) != seen:
        raise Changed(locked)
    before = _shown(locked)
    _write(locked, entry)
    _save(locked, before, actor)
    return locked


def _save(party: Party, before: dict[str, str], actor: str) -> None:
    """Kept and told, if anything is different."""
    after = _shown(party)
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changed:
        party.save()
        audit.record(company=party.company, actor=actor, event="party.changed", target=party.pk, changed=changed)


@transaction.atomic
def find_or_create_party(company: Company, data: PartyData, *, actor: str) -> tuple[Party, bool]:
    """By external id, else by tax id and kind, never by name alone; a merged one leads to who has all that was its.
    And whether it is new.

    Raises DirectoryError; a conflict names both.
    """
    if data.kind not in PartyKind.values:
        raise DirectoryError("party.kind", "El tipo de tercero es customer, supplier o bank.")
    if not data.name.strip():
        raise DirectoryError("party.name", "Falta el nombre del cliente, proveedor o banco.")
    tax_id, tax_id_type = read_tax_id(data.tax_id, field="party.tax_id")
    found = _find_party(company, data.kind, data.external_id.strip(), tax_id)
    if found is None:
        return _create_brought(company, data, tax_id, actor)
    _complete(found, data, tax_id, tax_id_type, actor)
    return found, False


def _find_party(company: Company, kind: str, external_id: str, tax_id: str) -> Party | None:
    by_external, by_tax_id = _named(company, kind, external_id=external_id), _named(company, kind, tax_id=tax_id)
    if by_external and by_tax_id and by_external.pk != by_tax_id.pk:
        raise DirectoryError(
            "party.external_id",
            f"El código {external_id} es de {by_external.name} y el CUIT o documento es de {by_tax_id.name}. "
            "Corregí uno de los dos.",
            conflict=True,
        )
    if by_external and tax_id and by_tax_id is None and by_external.tax_id:
        raise DirectoryError(
            "party.tax_id",
            f"El código {external_id} ya es de {by_external.name}, con otro CUIT o documento. Corregí uno de los dos.",
            conflict=True,
        )
    if by_tax_id and external_id and by_external is None and by_tax_id.external_id:
        raise DirectoryError(
            "party.external_id",
            f"El CUIT o documento ya es de {by_tax_id.name}, con el código {by_tax_id.external_id}. "
            "Corregí uno de los dos.",
            conflict=True,
        )
    return by_external or by_tax_id


def _named(company: Company, kind: str, **name: str) -> Party | None:
    """Who has this external id or this tax id, itself or by a duplicate that was merged into it."""
    if not all(name.values()):
        return None
    found = Party.objects.filter(company=company, kind=kind, **name).first()
    return locked_survivor(found) if found is not None else None


def _create_brought(company: Company, data: PartyData, tax_id: str, actor: str) -> tuple[Party, bool]:
    entry = PartyEntry(data.name, data.tax_id, data.external_id, _class_brought(company, data, actor))
    try:
        with transaction.atomic():
            return create_party(company=company, kind=PartyKind(data.kind), entry=entry, actor=actor), True
    except (DirectoryError, IntegrityError):
        # somebody made it between our look and our insert
        raced = _find_party(company, data.kind, data.external_id.strip(), tax_id)
        if raced is None:
            raise
        return raced, False


def _complete(party: Party, data: PartyData, tax_id: str, tax_id_type: int | None, actor: str) -> None:
    """Fill in what is blank: what is there stays, as a person may have corrected it; a duplicate's own id stays with
    the duplicate."""
    before = _shown(party)
    external_id, others = data.external_id.strip(), Party.objects.filter(company_id=party.company_id, kind=party.kind)
    if external_id and not party.external_id and not others.filter(external_id=external_id).exists():
        party.external_id = external_id
    if tax_id and not party.tax_id and not others.filter(tax_id=tax_id).exists():
        party.tax_id, party.tax_id_type = tax_id, tax_id_type
    if party.customer_class_id is None:
        party.customer_class = _class_brought(party.company, data, actor)
    _save(party, before, actor)


def _class_brought(company: Company, data: PartyData, actor: str) -> CustomerClass | None:
    if data.kind != PartyKind.CUSTOMER or not data.customer_class.strip():
        return None
    found = class_named(company, data.customer_class)
    if found is not None:
        return found
    try:
        return create_class(company=company, name=data.customer_class, actor=actor)
    except DirectoryError:
        # somebody made it between our look and our turn
        return class_named(company, data.customer_class)


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
