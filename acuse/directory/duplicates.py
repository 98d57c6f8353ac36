"""Which rows may be the same customer, supplier or bank twice. Hints: a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Lower, LPad, Substr

from acuse.companies.models import Company
from acuse.directory.models import Contact, Party
from acuse.kernel.names import fold

_CUIT, _DNI = 80, 96
#: The most that are offered on a page.
_OFFERED = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    party: Party
    #: Spanish: what they share.
    why: tuple[str, ...]


def living(company: Company, kind: str) -> QuerySet[Party]:
    """Without tombstones."""
    return Party.objects.filter(company=company, kind=kind, merged_into=None)


def with_duplicates(parties: QuerySet[Party], company: Company, kind: str) -> QuerySet[Party]:
    """Those of them that share a name, a document or an address with another. `acuse.kernel.names.fold` compares."""
    all_of_them = living(company, kind).order_by()
    contacts = Contact.objects.filter(company=company, party__kind=kind, party__merged_into=None)
    mails = Contact.objects.filter(company=company).exclude(email="").annotate(lower=Lower("email"))
    mobiles = Contact.objects.filter(company=company).exclude(mobile="")
    cuits = all_of_them.filter(tax_id_type=_CUIT).annotate(inner=Substr("tax_id", 3, 8))
    dnis = all_of_them.filter(tax_id_type=_DNI).annotate(inner=LPad("tax_id", 8, Value("0")))
    first, *others = (
        all_of_them.filter(folded_name__in=_repeated(all_of_them, "folded_name", "pk")).values("pk"),
        _sharing(contacts, "mobile", _repeated(mobiles, "mobile", "pk")),
        _sharing(contacts.annotate(lower=Lower("email")), "lower", _repeated(mails, "lower", "pk")),
        cuits.filter(inner__in=dnis.values("inner")).values("pk"),
        dnis.filter(inner__in=cuits.values("inner")).values("pk"),
    )
    # each looked for by itself: with `or`, each is asked about every party
    return parties.filter(pk__in=first.union(*others))


def _repeated(rows: QuerySet[Any], value: str, counted: str) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.order_by().values(value).annotate(n=Count(counted, distinct=counted != "pk"))
    return found.filter(n__gt=1).values(value)


def _sharing(contacts: QuerySet[Contact], value: str, repeated: QuerySet[Any]) -> QuerySet[Any]:
    """The parties of whose contacts another party's has the same. `repeated`: what more than one contact has, which is
    cheap to find, and nearly nothing."""
    same = contacts.filter(**{f"{value}__in": repeated})
    return same.filter(**{f"{value}__in": _repeated(same, value, "party")}).values("party")


def candidates_for(party: Party) -> list[Candidate]:
    """Those that may be this one, the likeliest first."""
    others = living(party.company, party.kind).exclude(pk=party.pk)
    own = list(party.contacts.all())
    mobiles = {one.mobile for one in own if one.mobile}
    mails = {one.email.lower() for one in own if one.email}
    found: dict[Any, list[str]] = {}
    same_name = others.filter(folded_name=fold(party.name))
    for rows, why in ((same_name, "el mismo nombre"), (_same_document(others, party), "el mismo documento")):
        for pk in rows.values_list("pk", flat=True)[:_OFFERED]:
            found.setdefault(pk, []).append(why)
    shared = Contact.objects.filter(company=party.company, party__in=others).annotate(lower=Lower("email"))
    for one in shared.filter(Q(mobile__in=mobiles) | Q(lower__in=mails)).order_by("created_at")[: _OFFERED * 4]:
        why = "el mismo celular" if one.mobile in mobiles else "el mismo correo"
        if why not in found.setdefault(one.party_id, []):
            found[one.party_id].append(why)
    offered = others.select_related("customer_class").in_bulk(list(found)[:_OFFERED])
    ranked = sorted(offered.values(), key=lambda row: (-len(found[row.pk]), row.created_at))
    return [Candidate(row, tuple(found[row.pk])) for row in ranked]


def _same_document(others: QuerySet[Party], party: Party) -> QuerySet[Party]:
    """A DNI and the CUIT or CUIL around it are one person."""
    if party.tax_id_type == _DNI:
        return (
            others.filter(tax_id_type=_CUIT)
            .annotate(inner=Substr("tax_id", 3, 8))
            .filter(inner=party.tax_id.rjust(8, "0"))
        )
    if party.tax_id_type == _CUIT:
        return others.filter(tax_id_type=_DNI, tax_id=party.tax_id[2:10].lstrip("0"))
    return others.none()
