"""PDFs that come with a form: each is staged and read at once, and waits as a draft for its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor, scoped
from acuse.intake import drafts
from acuse.intake.services import IntakeError
from acuse.kernel.names import safe_file_name
from acuse.vouchers import files
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher, VoucherDraft
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.vouchers.pdf import serve

#: Files that are taken at once.
MOST = 50


@dataclass(slots=True)
class Taken:
    drafts: list[VoucherDraft] = field(default_factory=list)
    #: `factura.pdf: El PDF tiene contraseña…`
    refused: list[str] = field(default_factory=list)


def take(
    uploaded: Sequence[UploadedFile[bytes]],
    *,
    actor: Actor,
    kind: VoucherKind,
    voucher: Voucher | None = None,
    typed: dict[str, Any] | None = None,
) -> Taken:
    """`typed` goes with the first."""
    taken = Taken()
    for upload in uploaded[:MOST]:
        name = str(upload.name or "archivo.pdf")
        try:
            draft = drafts.take(
                actor.company, kind, upload.chunks(), name=name, actor=actor.label, voucher=voucher,
                typed=typed if not taken.drafts else None,
            )  # fmt: skip
        except IntakeError as error:
            taken.refused.append(f"{name}: {error}")
        else:
            taken.drafts.append(draft)
    if len(uploaded) > MOST:
        taken.refused.append(f"Se toman hasta {MOST} archivos por vez: cargá los otros {len(uploaded) - MOST} después.")
    return taken


def drafts_of(actor: Actor, kind: VoucherKind, voucher: Voucher | None = None) -> QuerySet[VoucherDraft]:
    """One's own, oldest first."""
    return scoped(_mine(actor, kind).filter(voucher=voucher), actor).order_by("created_at", "id")


def draft_named(
    text: str, actor: Actor, kind: VoucherKind, voucher: Voucher | None = None, *, lock: bool = False
) -> VoucherDraft | None:
    """None when it isn't there (any more), or isn't one's own."""
    try:
        key = UUID(text)
    except ValueError:
        return None
    mine = drafts_of(actor, kind, voucher)
    return (mine.select_for_update() if lock else mine).filter(pk=key).first()


@require_safe
@acting
def draft_pdf(request: ActorRequest, kind: VoucherKind, draft_id: UUID) -> HttpResponseBase:
    draft = _draft(request, kind, draft_id)
    return serve(request, files.staged_at(draft.staged), safe_file_name(draft.file_name), download=False)


def _mine(actor: Actor, kind: VoucherKind) -> QuerySet[VoucherDraft]:
    return VoucherDraft.objects.filter(kind=kind.value, created_by=actor.label)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def discard(request: ActorRequest, kind: VoucherKind, draft_id: UUID) -> HttpResponse:
    draft = _draft(request, kind, draft_id)
    edited = reverse("web:voucher_edit", args=[kind, draft.voucher_id]) if draft.voucher_id else ""
    if request.method == "POST":
        drafts.throw_away(draft, actor=request.actor.label)
        messages.success(request, f"Se quitó {draft.file_name}.")
        return redirect(edited or create_url(kind, drafts_of(request.actor, kind).first()))
    context = {
        "title": f"¿Quitar {draft.file_name}?",
        "what": ["Se borra el PDF que cargaste y lo que se leyó de él. El archivo que tenés no cambia."],
        "submit": "Quitar el PDF",
        "danger": True,
        "back": edited or create_url(kind, draft),
        "crumb": "Editar" if edited else f"Crear {kind.singular.lower()}",
    }
    return render(request, "web/confirm.html", context)


def _draft(request: ActorRequest, kind: VoucherKind, draft_id: UUID) -> VoucherDraft:
    """One's own, while one may do what it was uploaded for."""
    draft = own_or_404(_mine(request.actor, kind), request.actor, pk=draft_id)
    request.actor.require(kind, Action.EDIT if draft.voucher_id else Action.CREATE)
    return draft


def create_url(kind: VoucherKind, draft: VoucherDraft | None = None) -> str:
    url = reverse("web:voucher_create", args=[kind])
    return f"{url}?borrador={draft.pk}" if draft is not None else url
