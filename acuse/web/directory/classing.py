"""The class of many customers at once: of those ticked, or of all that the grid's filters leave."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from acuse.companies.permissions.pages import Action
from acuse.directory import parties
from acuse.directory.models import CustomerClass, Party
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.answers import form_page
from acuse.web.charts.words import many
from acuse.web.directory.filters import PartyFilter
from acuse.web.directory.forms import SetClassForm
from acuse.web.directory.sections import Section
from acuse.web.directory.tables import grid_of
from acuse.web.directory.views import parties_of
from acuse.web.grids.selecting import ASK, Chosen, refuse_another_company


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def set_class(request: ActorRequest, section: Section) -> HttpResponse:
    request.actor.require(section.page, Action.EDIT)
    if not section.has_classes:
        raise Http404
    away = refuse_another_company(request, reverse("web:party_grid", args=[section]))
    if away is not None:
        return away
    posted = request.POST if request.method == "POST" else request.GET
    chosen = Chosen.read(posted, grid_of(section).filterset.base_filters)
    rows = _rows(request, section, chosen)
    if chosen.ids and rows.count() != len(chosen.ids):
        raise Http404
    answers = request.method == "POST" and ASK not in request.POST
    form = SetClassForm(request.POST if answers else None, company=request.actor.company)
    if answers and form.is_valid():
        return _set(request, section, rows, form.cleaned_data["customer_class"])
    return _ask(request, section, chosen, rows, form)


def _set(request: ActorRequest, section: Section, rows: QuerySet[Party], pk: str) -> HttpResponse:
    wanted = own_or_404(CustomerClass.objects.all(), request.actor, pk=pk) if pk else None
    count = parties.set_class(
        company=request.actor.company, ids=rows.values_list("pk", flat=True), customer_class=wanted,
        actor=request.actor.label,
    )  # fmt: skip
    changed = many(count, "cliente cambió", "clientes cambiaron")
    messages.success(request, f"{changed} de clase." if count else "Ya estaban todos en esa clase.")
    return redirect("web:party_grid", section)


def _ask(
    request: ActorRequest, section: Section, chosen: Chosen, rows: QuerySet[Party], form: SetClassForm
) -> HttpResponse:
    count = rows.count()
    if not count:
        messages.info(request, "No elegiste ningún cliente.")
        return redirect("web:party_grid", section)
    customers = many(count, "cliente", "clientes")
    context = {
        "title": f"Cambiar la clase de {customers}",
        "lead": "La clase decide a quién le llega lo automático, en las configuraciones que filtran por clase.",
        "form": form, "submit": f"Cambiar {customers}", "back": reverse("web:party_grid", args=[section]),
        "crumb": section.title, "section": section, "chosen": chosen, "as_of": chosen.as_of.isoformat(),
    }  # fmt: skip
    return form_page(request, "web/directory/set_class.html", context)


def _rows(request: ActorRequest, section: Section, chosen: Chosen) -> QuerySet[Party]:
    filterset = grid_of(section).filterset

    def filtered(query: QueryDict, rows: QuerySet[Party]) -> PartyFilter:
        found: PartyFilter = filterset(query, queryset=rows, request=request, section=section)
        return found

    return chosen.of(parties_of(request.actor, section), filtered)
