"""Instalación: who did what to the installation itself, and who of no company entered."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_safe

from acuse.companies.models import AuditEntry
from acuse.web.access import AdminRequest, administering
from acuse.web.grids.grid import Viewer
from acuse.web.installation.companies import around, label
from acuse.web.panels import render_panel
from acuse.web.security.audit import ENTRIES, answer, facts

_EMPTY = "Acá queda quién dio o quitó la administración, y los ingresos de quien no es de ninguna empresa."


@require_safe
@administering
def audit(request: AdminRequest) -> HttpResponseBase:
    viewer = Viewer(label(request), None, may_export=True)
    entries = AuditEntry.objects.filter(company=None)
    shown = ENTRIES.open(request, entries, filters={"actor": None}, viewer=viewer)
    context = {"title": "Movimientos de la instalación", "empty": _EMPTY, **around()}
    return answer(shown, None, "web:installation_audit_entry", context)


@require_safe
@administering
def entry(request: AdminRequest, own_entry_id: int) -> HttpResponse:
    found = get_object_or_404(AuditEntry, pk=own_entry_id, company=None)
    back = {"crumb": "Movimientos de la instalación", "back": reverse("web:installation_audit")}
    return render_panel(request, "web/security/audit_entry.html", facts(found, None) | back)
