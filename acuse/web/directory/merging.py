"""*Unir duplicados*: two that were ticked, or one and another that is chosen; side by side what is kept, and do it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from acuse.companies.permissions.pages import Action
from acuse.deliveries import merging
from acuse.deliveries.merging import Belongings
from acuse.directory.duplicates import candidates_for
from acuse.directory.models import Party
from acuse.directory.services import DirectoryError
from acuse.web.access import ActorRequest, acting
from acuse.web.directory.editing import party_or_404
from acuse.web.directory.sections import Section
from acuse.web.directory.showing import document
from acuse.web.directory.tables import grid_of
from acuse.web.directory.views import parties_of
from acuse.web.grids.selecting import Chosen, refuse_another_company


@dataclass(frozen=True, slots=True)
class Row:
    """One fact of both, and what stays."""

    name: str
    kept: str
    duplicate: str
    after: str


@require_safe
@acting
def choose(request: ActorRequest, section: Section, party_id: UUID) -> HttpResponse:
    """`?other=<id>`, from the select, goes on to the comparison."""
    request.actor.require(section.page, Action.VOID)
    party = party_or_404(request.actor, section, party_id)
    if other := request.GET.get("other"):
        return redirect("web:party_merge_with", section, party.pk, _id(other))
    context = {"section": section, "party": party, "candidates": candidates_for(party)}
    return render(request, "web/directory/merge_choose.html", context)


@require_POST
@acting
def choose_two(request: ActorRequest, section: Section) -> HttpResponse:
    """Of the two ticked in the grid, the comparison: who was there first is offered as the one that stays."""
    request.actor.require(section.page, Action.VOID)
    grid = reverse("web:party_grid", args=[section])
    away = refuse_another_company(request, grid)
    if away is not None:
        return away
    ids = Chosen.read(request.POST, grid_of(section).filterset.base_filters).ids
    found = list(parties_of(request.actor, section).filter(pk__in=ids).order_by("created_at", "id")[:3])
    if len(found) != len(ids[:3]):
        raise Http404
    if len(found) != 2:
        messages.info(request, f"Para unir hay que elegir dos {section.many}, ni más ni menos.")
        return redirect(grid)
    return redirect("web:party_merge_with", section, found[0].pk, found[1].pk)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def merge(request: ActorRequest, section: Section, party_id: UUID, other_id: UUID) -> HttpResponse:
    """`party_id` stays, `other_id` is the duplicate."""
    request.actor.require(section.page, Action.VOID)
    kept = party_or_404(request.actor, section, party_id)
    duplicate = party_or_404(request.actor, section, other_id)
    if kept.pk == duplicate.pk:
        raise Http404
    if request.method == "POST":
        try:
            merging.merge(duplicate=duplicate, into=kept, actor=request.actor.label)
        except DirectoryError as error:
            messages.warning(request, str(error))
            return redirect("web:party_grid", section)
        messages.success(request, f"Unidos: todo quedó en {kept.name}.")
        return redirect("web:party", section, kept.pk)
    of_kept, of_duplicate = merging.belongings_of(kept), merging.belongings_of(duplicate)
    context = {
        "section": section, "kept": kept, "duplicate": duplicate,
        "rows": _rows(kept, duplicate, of_kept, of_duplicate),
        "sides": [
            {"label": "Queda", "contacts": of_kept.contacts},
            {"label": "Duplicado", "contacts": of_duplicate.contacts},
        ],
        "asked_out": any(one.suppressed_at for one in (*of_kept.contacts, *of_duplicate.contacts)),
    }  # fmt: skip
    return render(request, "web/directory/merge.html", context)


def _rows(kept: Party, duplicate: Party, of_kept: Belongings, of_duplicate: Belongings) -> list[Row]:
    facts = [
        ("Nombre", kept.name, duplicate.name),
        ("CUIT o documento", document(kept.tax_id), document(duplicate.tax_id)),
        ("Código propio", kept.external_id, duplicate.external_id),
    ]
    if kept.customer_class or duplicate.customer_class:
        facts.append(("Clase", str(kept.customer_class or ""), str(duplicate.customer_class or "")))
    rows = [Row(name, mine, other, mine or other) for name, mine, other in facts]
    total = of_kept.vouchers + of_duplicate.vouchers
    rows.append(Row("Comprobantes", str(of_kept.vouchers), str(of_duplicate.vouchers), str(total)))
    on_the_way = of_kept.open_deliveries + of_duplicate.open_deliveries
    if on_the_way:
        mine, other = of_kept.open_deliveries, of_duplicate.open_deliveries
        rows.append(Row("Envíos en curso", str(mine), str(other), f"{on_the_way}, a los mismos contactos"))
    return rows
