"""*Crear* and *Editar*: a PDF is read first and fills in the form; the person corrects, and saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import NotAllowed
from acuse.deliveries import planning
from acuse.deliveries.voiding import consequences
from acuse.directory.services import DirectoryError
from acuse.intake import drafts
from acuse.intake.services import IntakeError
from acuse.vouchers.kinds import ELECTRONIC_BY_DEFAULT, VoucherKind
from acuse.vouchers.models import Voucher, VoucherDraft
from acuse.vouchers.revising import Changed, NumberTaken, fingerprint
from acuse.vouchers.services import VoucherError
from acuse.web.access import ActorRequest, acting
from acuse.web.answers import form_page
from acuse.web.directory.offering import offered
from acuse.web.vouchers import saving, uploads
from acuse.web.vouchers.forms import VoucherForm, differences, initial_of, parties_for, sections_for
from acuse.web.vouchers.one import find
from acuse.web.vouchers.prefill import Prefill, prefill
from acuse.web.vouchers.sending import send_one


@dataclass(slots=True)
class Page:
    """What one request is about."""

    request: ActorRequest
    kind: VoucherKind
    voucher: Voucher | None
    draft: VoucherDraft | None
    prefill: Prefill = field(default_factory=Prefill)
    #: Why uploads weren't taken.
    refused: Sequence[str] = ()
    #: Who has the number already.
    taken: Voucher | None = None
    #: (label, what it says now, what the person wrote): it was changed meanwhile.
    clash: Sequence[tuple[str, str, str]] | None = None

    @property
    def url(self) -> str:
        """Of the same page with the draft that it has."""
        if self.voucher is None:
            return uploads.create_url(self.kind, self.draft)
        url = reverse("web:voucher_edit", args=[self.kind, self.voucher.pk])
        return f"{url}?borrador={self.draft.pk}" if self.draft else url

    @property
    def back(self) -> str:
        if self.voucher is None:
            return reverse("web:voucher_grid", args=[self.kind])
        return reverse("web:voucher", args=[self.kind, self.voucher.pk])

    def initial(self) -> dict[str, Any]:
        """What is there already; then what the PDF says; then what the person had typed when it came."""
        typed = self.draft.typed if self.draft is not None else {}
        if self.voucher is None:
            today = planning.today_in(self.request.actor.company)
            base = {"issued_on": today, "currency": "PES", "electronic": self.kind in ELECTRONIC_BY_DEFAULT}
            return {**base, **self.prefill.initial, **typed}
        known = {k: v for k, v in initial_of(self.voucher).items() if v not in (None, "")}
        return {**self.prefill.initial, **known, **typed}

    def form(self, data: QueryDict | None = None) -> VoucherForm:
        ids = {
            "draft": self.draft.pk if self.draft else None,
            "seen": fingerprint(self.voucher) if self.voucher else "",
        }
        initial = {**self.initial(), **ids}
        return VoucherForm(
            data, actor=self.request.actor, kind=self.kind, voucher=self.voucher, read=self.prefill.initial,
            initial=initial,
        )  # fmt: skip

    def show(self, form: VoucherForm) -> HttpResponse:
        actor, kind, voucher = self.request.actor, self.kind, self.voucher
        waiting = uploads.drafts_of(actor, kind) if voucher is None else VoucherDraft.objects.none()
        context = {
            "page": self,
            "form": form,
            "kind": kind,
            "grid_name": kind.plural,
            "voucher": voucher,
            "draft": self.draft,
            "waiting": [one for one in waiting if one != self.draft],
            "party_word": sections_for(kind)[0].one,
            "may_send": actor.may(kind, Action.SEND),
            "most": uploads.MOST,
            "sent": consequences(voucher)[1] if voucher is not None else 0,
            "back": self.back,
        }
        return form_page(self.request, "web/vouchers/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def create(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    request.actor.require(kind, Action.CREATE)
    return _answer(request, kind, None)


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def edit(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    voucher = find(request, kind, voucher_id)
    request.actor.require(kind, Action.EDIT)
    if voucher.voided_at is not None:
        messages.info(request, "Está anulado. Volvé a activarlo para editarlo.")
        return redirect("web:voucher", kind, voucher.pk)
    return _answer(request, kind, voucher)


def _answer(request: ActorRequest, kind: VoucherKind, voucher: Voucher | None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    named = given.get("draft" if request.method == "POST" else "borrador", "")
    draft = uploads.draft_named(named, request.actor, kind, voucher)
    page = Page(request, kind, voucher, draft)
    if draft is not None:
        page.prefill = prefill(draft, request.actor.company, kind, today=planning.today_in(request.actor.company))
    if request.method != "POST":
        return page.show(page.form())
    files = [file for file in request.FILES.getlist("pdf") if isinstance(file, UploadedFile)]
    if files:
        return _take(page, files)
    if "read" in request.POST:
        page.refused = ["Elegí un PDF."]
        return _keep_typed(page)
    if named and draft is None:
        # pressed twice, or the week went by
        messages.info(request, "Ese PDF ya no está entre los que faltan completar. Puede que ya lo hayas guardado.")
        return redirect(page.back)
    return _save(page, page.form(request.POST))


def _take(page: Page, files: Sequence[UploadedFile[bytes]]) -> HttpResponse:
    request, kind = page.request, page.kind
    if page.voucher is not None:
        files = files[:1]
    taken = uploads.take(
        files, actor=request.actor, kind=kind, voucher=page.voucher, typed=_typed(page, page.form(request.POST))
    )
    if not taken.drafts:
        page.refused = taken.refused
        return _keep_typed(page)
    for text in taken.refused:
        messages.error(request, text)
    old, page.draft = page.draft, taken.drafts[0]
    if old is not None:
        # another PDF for the same data
        drafts.discard(old)
    if "read" not in request.POST and len(taken.drafts) == 1 and (form := page.form(request.POST)).is_valid():
        # chosen and saved at once
        return _save(page, form)
    # words of success: what static/web/drafts.js had kept of the form is here now
    read = page.draft.file_name if len(taken.drafts) == 1 else f"{len(taken.drafts)} PDF"
    messages.success(request, f"Leímos {read}. Revisá los datos y guardá.")
    return redirect(page.url)


def _typed(page: Page, form: VoucherForm) -> dict[str, Any]:
    """What the person wrote over what the page offered; what is empty is for the PDF to fill in."""
    if "total" not in form.data:
        # only files were given, from a grid
        return {}
    kept = set(page.draft.typed) if page.draft is not None else set()
    names = (set(form.changed_data) | kept) - {"draft", "seen"}
    posted = {name: _posted(form, name) for name in names if name in form.fields}
    return {name: value for name, value in posted.items() if value != ""}


def _posted(form: VoucherForm, name: str) -> Any:
    return bool(form.data.get(name)) if name == "electronic" else form.data.get(name, "")


def _keep_typed(page: Page) -> HttpResponse:
    """The page again with what was typed in it, without judging what isn't finished."""
    form = page.form()
    form.initial.update(_typed(page, page.form(page.request.POST)))
    return page.show(form)


def _save(page: Page, form: VoucherForm) -> HttpResponse:
    if not form.is_valid():
        return page.show(form)
    actor, given = page.request.actor, form.given()
    try:
        if page.voucher is None:
            accepted = saving.create(actor, given, page.draft)
        else:
            seen = page.request.POST.get("seen", "")
            accepted = saving.revise(actor, page.voucher, given, page.draft, seen=seen)
    except NumberTaken as error:
        page.taken = error.other
        form.refuse(error)
    except Changed as error:
        return _clash(page, form, error.voucher)
    except (VoucherError, DirectoryError) as error:
        form.refuse(error)
    except NotAllowed as error:
        form.refuse_contact(error)
    except IntakeError as error:
        page.refused = [str(error)]
    else:
        return _saved(page, accepted.voucher, created=accepted.created, new_version=accepted.new_version)
    return page.show(form)


def _clash(page: Page, form: VoucherForm, now: Voucher) -> HttpResponse:
    """Both are shown; what the person wrote is saved if they press again, having seen the other."""
    page.clash = differences(form, now)
    data = page.request.POST.copy()
    data["seen"] = fingerprint(now)
    again = page.form(data)
    again.full_clean()
    return page.show(again)


def _saved(page: Page, voucher: Voucher, *, created: bool, new_version: bool) -> HttpResponse:
    request, kind = page.request, page.kind
    if page.voucher is not None:
        words = f"Guardado: ahora es la versión {voucher.version}." if new_version else "Guardado."
        messages.success(request, words)
    elif created:
        messages.success(request, f"Se guardó {voucher.title}.")
    else:
        messages.info(request, f"{voucher.title} ya estaba guardado.")
    if "send" in request.POST and request.actor.may(kind, Action.SEND):
        return send_one(request.actor, voucher)
    following = uploads.drafts_of(request.actor, kind).first() if page.voucher is None else None
    if following is not None:
        return redirect(uploads.create_url(kind, following))
    return redirect("web:voucher", kind, voucher.pk)


@require_safe
@acting
def parties(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    """Those that a voucher of this kind may be for: the search of its form, and of its grid's filter."""
    request.actor.require(kind, Action.VIEW)
    return offered(request, parties_for(kind, request.actor), mixed=True)
