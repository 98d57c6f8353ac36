"""Saving a grid's filters. Each by POST, then back to the grid."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods, require_POST

from acuse.companies import saved_filters
from acuse.companies.models import SavedFilter, User
from acuse.companies.saved_filters import SavedFilterError
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.grids.filtering import SORT, clean_query, with_query

_OURS = "web"


@require_POST
@acting
def save(request: ActorRequest) -> HttpResponse:
    grid = _grid(request.POST.get("grid", ""))
    query = _filters(request.POST.get("query", ""))
    back = with_query(grid, QueryDict(query))
    if not query:
        messages.warning(request, "No hay filtros puestos: no hay nada que guardar.")
        return redirect(back)
    try:
        saved = saved_filters.save(
            user=cast(User, request.user), company=request.actor.company, grid=grid,
            name=request.POST.get("name", ""), query=query,
        )  # fmt: skip
    except SavedFilterError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, f"Guardado: «{saved.name}».")
    return redirect(back)


@require_POST
@acting
def rename(request: ActorRequest, saved_id: int) -> HttpResponse:
    saved = _own(request, saved_id)
    try:
        saved_filters.rename(saved, name=request.POST.get("name", ""))
    except SavedFilterError as error:
        messages.warning(request, str(error))
    return redirect(f"{saved.grid}?{saved.query}")


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def remove(request: ActorRequest, saved_id: int) -> HttpResponse:
    saved = _own(request, saved_id)
    if request.method == "POST":
        saved_filters.remove(saved, actor=request.actor.label)
        messages.success(request, f"Borrado: «{saved.name}». Lo que mostraba sigue ahí.")
        return redirect(saved.grid)
    context = {
        "title": f"¿Borrar los filtros guardados «{saved.name}»?",
        "what": ["Se borra solo el nombre con sus filtros: lo que mostraban sigue ahí."],
        "submit": "Borrar los filtros",
        "danger": True,
        "back": f"{saved.grid}?{saved.query}",
        "crumb": saved.name,
    }
    return render(request, "web/confirm.html", context)


def _own(request: ActorRequest, saved_id: int) -> SavedFilter:
    mine = SavedFilter.objects.filter(user=request.user.pk).select_related("company")
    return own_or_404(mine, request.actor, pk=saved_id)


def _grid(path: str) -> str:
    """A page of ours: the address is where the browser is sent afterwards."""
    try:
        found = resolve(path)
    except Resolver404 as error:
        raise Http404 from error
    if found.app_name != _OURS or len(path) > (SavedFilter._meta.get_field("grid").max_length or 0):
        raise Http404
    return path


def _filters(text: str) -> str:
    given = QueryDict(text)
    return clean_query(given, [name for name in given if name not in (SORT, "page", "count", "export")])
