"""Which rows may be the same customer, supplier or bank twice. Hints: a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Func, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Lower, LPad, Substr

from acuse.companies.folding import Fold
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
    all_of_them = living(company, kind)
    # folding costs more than all the rest: each name is folded once
    alike = all_of_them.order_by().values(folded=Fold("name")).annotate(n=Count("pk"))
    members = Func(ArrayAgg("pk"), function="unnest", output_field=UUIDField())
    namesakes = alike.filter(n__gt=1).annotate(member=members).values("member")
    contacts = Contact.objects.filter(company=company, party__kind=kind, party__merged_into=None)
    mobiles = _repeated(contacts.exclude(mobile=""), "mobile", "party")
    mails = contacts.exclude(email="").annotate(lower=Lower("email"))
    sharing = contacts.filter(mobile__in=mobiles).values("party")
    sharing_mail = mails.filter(lower__in=_repeated(mails, "lower", "party")).values("party")
    inside = all_of_them.filter(tax_id_type=_CUIT).annotate(inner=Substr("tax_id", 3, 8)).values("inner")
    dnis = all_of_them.filter(tax_id_type=_DNI).annotate(inner=LPad("tax_id", 8, Value("0"))).values("inner")
    return parties.alias(cuit_inner=Substr("tax_id", 3, 8), dni_inner=LPad("tax_id", 8, Value("0"))).filter(
        Q(pk__in=namesakes)
        | Q(pk__in=sharing)
        | Q(pk__in=sharing_mail)
        | Q(tax_id_type=_DNI, dni_inner__in=inside)
        | Q(tax_id_type=_CUIT, cuit_inner__in=dnis)
    )


def _repeated(rows: QuerySet[Any], value: str, counted: str) -> QuerySet[Any]:
    found: QuerySet[Any] = rows.order_by().values(value).annotate(n=Count(counted, distinct=True))
    return found.filter(n__gt=1).values(value)


def candidates_for(party: Party) -> list[Candidate]:
    """Those that may be this one, the likeliest first."""
    others = living(party.company, party.kind).exclude(pk=party.pk)
    own = list(party.contacts.all())
    mobiles = {one.mobile for one in own if one.mobile}
    mails = {one.email.lower() for one in own if one.email}
    found: dict[Any, list[str]] = {}
    same_name = others.annotate(folded=Fold("name")).filter(folded=fold(party.name))
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
