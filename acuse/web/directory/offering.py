"""What a select of parties gets while somebody types (static/web/choose.js)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import JsonResponse

from acuse.directory.models import Party, PartyKind
from acuse.web.access import ActorRequest
from acuse.web.directory.filters import search
from acuse.web.directory.showing import document

#: As many as one reads before typing more.
_OFFERED = 30


def offered(request: ActorRequest, parties: QuerySet[Party], *, mixed: bool = False) -> JsonResponse:
    """Of these, which the actor may see. `mixed`: of several kinds, so that a bank says that it is one."""
    found = search(parties, request.actor.company, request.GET.get("q", "").strip()[:200])
    rows = found.order_by("folded_name", "id")[:_OFFERED]
    results = [{"id": str(row.pk), "text": row.name, "note": _note(row, mixed=mixed)} for row in rows]
    return JsonResponse({"results": results})


def _note(party: Party, *, mixed: bool) -> str:
    bank = "Banco" if mixed and party.kind == PartyKind.BANK else ""
    return " · ".join(filter(None, (bank, document(party.tax_id), party.external_id)))
