"""Seguridad > Acciones por páginas por rol: the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from acuse.companies.models import AuditEntry, Role
from acuse.companies.permissions import roles as services
from acuse.companies.permissions.meanwhile import ChangedMeanwhile, Meanwhile
from acuse.companies.permissions.page_names import ACTION_NAMES, PAGE_GROUPS, PAGE_NAMES, meaning, pair_name
from acuse.companies.permissions.pages import ADMINISTRATOR, PAGE_ACTIONS, Action, Page
from acuse.companies.permissions.roles import Changes, Pair
from acuse.companies.scope import Actor, scoped
from acuse.companies.services import CompanyError
from acuse.web.access import ActorRequest, acting
from acuse.web.actors import who


@dataclass(frozen=True, slots=True)
class Cell:
    action: Action
    name: str
    #: No box: the page has no such action.
    exists: bool
    #: As the form sends it.
    value: str = ""
    ticked: bool = False
    #: As it is saved now.
    saved: bool = False
    #: The person may not give it.
    locked: bool = False
    meaning: str = ""

    @property
    def differs(self) -> bool:
        return self.ticked != self.saved


@dataclass(frozen=True, slots=True)
class Row:
    page: Page
    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    rows: tuple[Row, ...]


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def grants(request: ActorRequest) -> HttpResponse:
    request.actor.require(Page.ROLES, Action.VIEW)
    own = list(scoped(Role.objects.all(), request.actor).order_by("name"))
    role = _chosen(own, request.GET.get("rol", ""))
    if request.method == "POST":
        return _save(request, own, role)
    copied = _chosen(own, request.GET["copiar"]) if request.GET.get("copiar") else None
    ticked = services.held_by([copied]) if copied else None
    return render(request, "web/security/grants.html", _context(request.actor, own, role, ticked, copied=copied))


def _chosen(own: list[Role], asked: str) -> Role:
    """The one in the address; without it, the first that can be changed."""
    if not asked:
        return next((role for role in own if role.name != ADMINISTRATOR), own[0])
    found = next((role for role in own if str(role.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _save(request: ActorRequest, own: list[Role], role: Role) -> HttpResponse:
    request.actor.require(Page.ROLES, Action.EDIT)
    asked = frozenset(_pairs(request.POST.getlist("grant")))
    seen = frozenset(_pairs(request.POST["seen"].split())) if "seen" in request.POST else None
    try:
        changes = services.set_grants(by=request.actor, role=role, pairs=asked, seen=seen)
    except ChangedMeanwhile as error:
        context = _context(request.actor, own, role, error.meanwhile.merged, meanwhile=error.meanwhile)
        return render(request, "web/security/grants.html", context, status=409)
    except CompanyError as error:
        context = _context(request.actor, own, role, asked, error=str(error))
        return render(request, "web/security/grants.html", context, status=422)
    if changes:
        messages.success(request, f"Guardado: «{role.name}» tiene {told(changes)}. Vale desde ahora.")
    else:
        messages.info(request, "No había nada que cambiar.")
    return redirect(reverse("web:grants", query={"rol": role.pk}))


def told(changes: Changes) -> str:
    """`3 acciones más y 1 menos`."""
    added, removed = len(changes.added), len(changes.removed)
    word = "acción" if (added or removed) == 1 else "acciones"
    if not added:
        return f"{removed} {word} menos"
    return f"{added} {word} más" + (f" y {removed} menos" if removed else "")


def _pairs(values: list[str]) -> list[Pair]:
    return [(page, action) for page, _, action in (value.partition(":") for value in values)]


def _context(
    actor: Actor,
    own: list[Role],
    role: Role,
    ticked: frozenset[Pair] | None,
    *,
    copied: Role | None = None,
    error: str = "",
    meanwhile: Meanwhile[Pair] | None = None,
) -> dict[str, Any]:
    saved = services.held_by([role])
    may_edit = actor.may(Page.ROLES, Action.EDIT) and services.may_change(actor, role)
    shown = saved if ticked is None or not may_edit else ticked
    return {
        "roles": own,
        "role": role,
        "others": [other for other in own if other != role],
        "copied": copied if may_edit else None,
        "error": error,
        "meanwhile": _meanwhile(actor, role, meanwhile) if meanwhile else None,
        "seen": " ".join(f"{page}:{action}" for page, action in sorted(saved)),
        "may_edit": may_edit,
        "fixed": role.name == ADMINISTRATOR,
        "over": not services.covers(actor, saved),
        "actions": [(action.value, ACTION_NAMES[action]) for action in Action],
        "groups": [
            Group(name, tuple(_row(actor, page, shown, saved, may_edit) for page in pages))
            for name, pages in PAGE_GROUPS
        ],
    }


@dataclass(frozen=True, slots=True)
class Other:
    """What somebody did to the role while it was being looked at."""

    who: str
    at: datetime | None
    added: tuple[str, ...]
    removed: tuple[str, ...]


def _meanwhile(actor: Actor, role: Role, change: Meanwhile[Pair]) -> Other:
    told = AuditEntry.objects.filter(company=actor.company, event="role.grants_set", target=role.name)
    last = told.order_by("-at", "-pk").first()
    return Other(
        who=who(last.actor) if last else "Otra persona",
        at=last.at if last else None,
        added=tuple(pair_name(*pair) for pair in sorted(change.added)),
        removed=tuple(pair_name(*pair) for pair in sorted(change.removed)),
    )


def _row(actor: Actor, page: Page, shown: frozenset[Pair], saved: frozenset[Pair], may_edit: bool) -> Row:
    return Row(page, PAGE_NAMES[page], tuple(_cell(actor, page, action, shown, saved, may_edit) for action in Action))


def _cell(
    actor: Actor, page: Page, action: Action, shown: frozenset[Pair], saved: frozenset[Pair], may_edit: bool
) -> Cell:
    name = ACTION_NAMES[action]
    if action not in PAGE_ACTIONS[page]:
        return Cell(action, name, exists=False)
    pair = (page.value, action.value)
    return Cell(
        action, name, exists=True, value=f"{page.value}:{action.value}", ticked=pair in shown, saved=pair in saved,
        locked=not may_edit or not actor.may(*pair), meaning=meaning(page, action),
    )  # fmt: skip
