"""PDFs that a person uploads in a form: read at once, kept until their voucher is saved."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any

from django.db import transaction

from acuse.companies import audit
from acuse.companies.models import Company
from acuse.intake.services import IntakeError, TakenPdf, take_pdf
from acuse.kernel import clock
from acuse.vouchers import files, qr
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher, VoucherDraft
from acuse.vouchers.pdf import PdfReading

KEPT_FOR = timedelta(days=7)
#: Staged files that no draft names: what an interrupted upload left.
_STRAY_AFTER = timedelta(days=1)
GONE = IntakeError("pdf_gone", "El PDF que habías cargado ya no está. Volvé a cargarlo.")


def take(
    company: Company,
    kind: VoucherKind,
    chunks: Iterable[bytes],
    *,
    name: str,
    actor: str,
    voucher: Voucher | None = None,
    typed: dict[str, Any] | None = None,
) -> VoucherDraft:
    """Stage and read it. Raises IntakeError."""
    taken = take_pdf(chunks)
    try:
        return VoucherDraft.objects.create(
            company=company, kind=kind.value, voucher=voucher, created_by=actor, file_name=_plain(name)[-200:],
            staged=taken.staged.name, sha256=taken.sha256, size=taken.size, reading=_to_json(taken.reading),
            typed=typed or {},
        )  # fmt: skip
    except BaseException:
        taken.discard()
        raise


def taken_of(draft: VoucherDraft) -> TakenPdf:
    """To be used up by `accept` or `revise`; whatever becomes of it, the draft keeps its own. Raises IntakeError."""
    try:
        staged = files.double(files.staged_at(draft.staged))
    except FileNotFoundError as error:
        raise GONE from error
    return TakenPdf(staged, draft.sha256, draft.size, reading_of(draft))


def discard(draft: VoucherDraft) -> None:
    path = files.staged_at(draft.staged)
    draft.delete()
    transaction.on_commit(partial(path.unlink, missing_ok=True))


@transaction.atomic
def throw_away(draft: VoucherDraft, *, actor: str) -> None:
    """By the person, who doesn't want it registered."""
    audit.record(company=draft.company, actor=actor, event="draft.discarded", target=draft.file_name, kind=draft.kind)
    discard(draft)


def purge() -> int:
    """Drafts of over a week ago, and staged files that nobody waits for; how many files."""
    old = list(VoucherDraft.objects.filter(created_at__lt=clock.now() - KEPT_FOR))
    for draft in old:
        discard(draft)
    names = VoucherDraft.objects.values_list("staged", flat=True)
    return len(old) + files.sweep_staged(names, older_than=_STRAY_AFTER.total_seconds())


def reading_of(draft: VoucherDraft) -> PdfReading:
    kept = draft.reading
    return PdfReading(
        pages=kept["pages"],
        qr=qr.read(kept["qr_text"]),
        encrypted=kept["encrypted"],
        problem=kept["problem"],
        text_first_page=kept["text"],
        qr_text=kept["qr_text"],
    )


def _to_json(reading: PdfReading) -> dict[str, Any]:
    return {
        "pages": reading.pages,
        "encrypted": reading.encrypted,
        "problem": reading.problem,
        "text": _plain(reading.text_first_page),
        "qr_text": _plain(reading.qr_text),
    }


def _plain(text: str) -> str:
    """PostgreSQL's JSON holds neither zeros nor halves of characters."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
