"""Seguridad > Auditoría: who did what to what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet
from django.db.models.functions import Upper
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from acuse.companies import audit as audit_log
from acuse.companies.folding import Words, words_query
from acuse.companies.models import ApiKey, AuditEntry, Company, Membership
from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor, scoped
from acuse.directory.models import Party
from acuse.vouchers.models import Voucher
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.actors import who
from acuse.web.days import DayInput
from acuse.web.grids.exporting import Column
from acuse.web.grids.grid import NEWEST, Grid, Shown
from acuse.web.grids.keyset import Sort
from acuse.web.grids.periods import check_day
from acuse.web.panels import render_panel
from acuse.web.security.audit_targets import lines_of
from acuse.web.security.audit_words import EVENTS, GROUPS, plain
from acuse.web.security.audit_words import lines_of as detail_lines
from acuse.web.security.tables import AuditTable

_OTHERS = "otros"
#: Of each kind of thing whose name begins as asked.
_MOST_NAMED = 200
#: So many that PostgreSQL's bigint may not hold them: no voucher has them.
_BEYOND_DIGITS = 19


def _authors(company: Company | None) -> list[tuple[str, str]]:
    if company is None:
        return [(label, who(label)) for label in audit_log.actors_of(None)[:_MOST_NAMED]]
    people = Membership.objects.filter(company=company).select_related("user").order_by("user__email")
    keys = ApiKey.objects.filter(company=company).order_by("name")
    return [
        *((f"user:{member.user.email}", str(member.user)) for member in people),
        *((f"key:{key.prefix}", f"Clave «{key.name}»") for key in keys),
        ("command", "Los comandos"),
        ("system", "Acuse"),
    ]


class AuditFilter(django_filters.FilterSet):  # type: ignore[misc]
    q = django_filters.CharFilter(
        label="Sobre qué",
        method="about",
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": "Correo, rol o comprobante", "autocomplete": "off"}
        ),
    )
    since = django_filters.DateFilter(label="Desde", method="from_day", widget=DayInput(), validators=[check_day])
    until = django_filters.DateFilter(label="Hasta", method="to_day", widget=DayInput(), validators=[check_day])
    author = django_filters.ChoiceFilter(label="Quién", empty_label="Todos", method="by_author", choices=())
    group = django_filters.ChoiceFilter(
        label="Qué",
        choices=[*((name, name) for name in GROUPS), (_OTHERS, "Lo demás")],
        empty_label="Todo",
        method="by_group",
    )

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def __init__(self, *args: Any, actor: Actor | None, **options: Any) -> None:
        """`actor`: None for the installation's own entries."""
        super().__init__(*args, **options)
        self.actor = actor
        self.company = actor.company if actor is not None else None
        self.filters["author"].extra["choices"] = _authors(self.company)

    def about(self, entries: QuerySet[AuditEntry], name: str, text: str) -> QuerySet[AuditEntry]:
        """What begins so, or is about what begins so: an index serves it, however many entries there are."""
        keys = [str(key).upper() for key in (*self._vouchers(text), *self._parties(text))]
        found = entries.annotate(shouted=Upper("target"))
        return found.filter(Q(target__istartswith=text) | Q(shouted__in=keys))

    def _vouchers(self, text: str) -> QuerySet[Voucher, UUID]:
        """By their number, the last of the digits in `Factura A 00003-00000042`."""
        ours = scoped(Voucher.objects.all(), self.actor).values_list("pk", flat=True)
        numbers = re.findall(r"\d+", text)
        digits = numbers[-1] if numbers else ""
        return ours.filter(number=int(digits))[:_MOST_NAMED] if 0 < len(digits) < _BEYOND_DIGITS else ours.none()

    def _parties(self, text: str) -> QuerySet[Party, UUID]:
        ours = scoped(Party.objects.all(), self.actor).values_list("pk", flat=True)
        words = words_query(text)
        if not words:
            return ours.none()
        query = SearchQuery(words, search_type="raw", config="simple")
        return ours.annotate(words=Words("name")).filter(words=query)[:_MOST_NAMED]

    def from_day(self, entries: QuerySet[AuditEntry], name: str, day: Any) -> QuerySet[AuditEntry]:
        return entries.filter(at__gte=_midnight(day))

    def to_day(self, entries: QuerySet[AuditEntry], name: str, day: Any) -> QuerySet[AuditEntry]:
        return entries.filter(at__lt=_midnight(day + timedelta(days=1)))

    def by_author(self, entries: QuerySet[AuditEntry], name: str, author: str) -> QuerySet[AuditEntry]:
        if author == "command":
            return entries.filter(actor__gte="command:", actor__lt="command;")
        return entries.filter(actor=author)

    def by_group(self, entries: QuerySet[AuditEntry], name: str, group: str) -> QuerySet[AuditEntry]:
        if group == _OTHERS:
            return entries.filter(event__in=set(audit_log.events_of(self.company)) - EVENTS.keys())
        return entries.filter(event__in=list(GROUPS[group]))


def _midnight(day: Any) -> datetime:
    """In the company's time zone, which is the one of the request."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _name(entries: Sequence[AuditEntry], request: HttpRequest) -> None:
    """For the export."""
    _with_lines(entries, getattr(request, "actor", None) if entries[0].company_id else None, "web:audit_entry")


def _with_lines(entries: Sequence[AuditEntry], actor: Actor | None, address: str) -> None:
    for line in lines_of(entries, actor, address):
        line.entry.line = line  # type: ignore[attr-defined]


ENTRIES = Grid(
    page=Page.AUDIT,
    one="movimiento",
    many="movimientos",
    filterset=AuditFilter,
    table=AuditTable,
    sorts=(Sort("at", "Cuándo", ("at", "id"), NEWEST, descending_first=True),),
    export=(
        Column("Cuándo", lambda entry: entry.at, 18),
        Column("Quién", lambda entry: who(entry.actor), 32),
        Column("Qué pasó", lambda entry: entry.line.words, 60),
        Column("Movimiento", lambda entry: entry.event, 24),
        Column("Sobre qué", lambda entry: entry.target, 40),
        Column("Detalle", lambda entry: plain(entry.detail), 60),
    ),
    gather=_name,
)


@require_safe
@acting
def audit(request: ActorRequest) -> HttpResponseBase:
    request.actor.require(Page.AUDIT, Action.VIEW)
    entries = scoped(AuditEntry.objects.all(), request.actor)
    shown = ENTRIES.open(request, entries, filters={"actor": request.actor})
    return answer(shown, request.actor, "web:audit_entry", {"title": "Auditoría"})


def answer(shown: Shown, actor: Actor | None, address: str, context: dict[str, Any]) -> HttpResponseBase:
    """`actor`: None for the installation's own entries. `address`: the name of an entry's page."""
    away = shown.elsewhere(context["title"])
    if away is not None:
        return away
    _with_lines(shown.rows, actor, address)
    return shown.answer("web/security/audit.html", "web/security/_audit.html", context)


@require_safe
@acting
def entry(request: ActorRequest, entry_id: int) -> HttpResponse:
    request.actor.require(Page.AUDIT, Action.VIEW)
    found = own_or_404(AuditEntry.objects.all(), request.actor, pk=entry_id)
    around = {"crumb": "Auditoría", "back": reverse("web:audit")}
    return render_panel(request, "web/security/audit_entry.html", facts(found, request.actor) | around)


def facts(entry: AuditEntry, actor: Actor | None) -> dict[str, Any]:
    line = lines_of([entry], actor)[0]
    return {"title": "Movimiento", "line": line, "details": detail_lines(entry.detail)}
