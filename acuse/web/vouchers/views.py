"""The grids of vouchers."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import scoped
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web import polling
from acuse.web.access import ActorRequest, acting
from acuse.web.grids.filtering import EXPORT, url_with
from acuse.web.grids.grid import Shown
from acuse.web.grids.keyset import in_order
from acuse.web.polling import soonest
from acuse.web.vouchers.filters import with_reach
from acuse.web.vouchers.progress import Progress, progress_of
from acuse.web.vouchers.tables import grid_of
from acuse.web.vouchers.zipping import PDF, NoZip, zip_pdfs


@require_safe
@acting
def grid(request: ActorRequest, kind: VoucherKind) -> HttpResponseBase:
    request.actor.require(kind, Action.VIEW)
    shown = _open(request, kind)
    if request.GET.get(EXPORT) == PDF and request.method == "GET":
        return _pdfs(request, kind, shown)
    away = shown.elsewhere(kind.plural)
    if away is not None:
        return away
    wait = _give_progress(shown.rows)
    context = {
        "kind": kind,
        "title": kind.plural,
        "may_create": request.actor.may(kind, Action.CREATE),
        "may_send": request.actor.may(kind, Action.SEND),
        "poll": polling.Poll(wait, polling.fingerprint(_progress_key(voucher) for voucher in shown.rows)),
        "poll_ids": [voucher.pk for voucher in shown.rows],
        "pdfs_url": url_with(request, **{EXPORT: PDF}),
    }
    return shown.answer("web/vouchers/grid.html", "web/vouchers/_grid.html", context)


def _pdfs(request: ActorRequest, kind: VoucherKind, shown: Shown) -> HttpResponseBase:
    """Those of all that the filters leave; what isn't understood leaves none."""
    request.actor.require(kind, Action.EXPORT)
    chosen = shown.matching if shown.filter.form.is_valid() else shown.every.none()
    try:
        return zip_pdfs(request, in_order(chosen, shown.order), title=kind.plural, query=shown.query)
    except NoZip as refused:
        messages.warning(request, str(refused))
        return redirect(url_with(request))


def _open(request: ActorRequest, kind: VoucherKind) -> Shown:
    by_state = bool(request.GET.get("state")) or request.GET.get("sort", "").removeprefix("-") == "state"
    rows = scoped(Voucher.objects.filter(kind=kind.value), request.actor).select_related("party")
    if "export" in request.GET:
        rows = rows.select_related("reach")
    if by_state:
        rows = with_reach(rows, request.actor.company, kind)
    return grid_of(kind, by_state=by_state).open(
        request,
        rows,
        filters={"kind": kind, "company": request.actor.company},
        table={"kind": kind, "may": [action for action in Action if request.actor.may(kind, action)]},
    )


def _give_progress(vouchers: list[Voucher]) -> int:
    """Set `progress` on each; answer in how many seconds to look again."""
    found = progress_of(vouchers)
    for voucher in vouchers:
        voucher.progress = found.get(voucher.pk, Progress())  # type: ignore[attr-defined]
    return soonest(progress.look_again for progress in found.values())


def _progress_key(voucher: Voucher) -> str:
    progress: Progress = voucher.progress  # type: ignore[attr-defined]
    return f"{voucher.pk}:{progress.state}:{progress.note}"


@require_safe
@acting
def states(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    """The states of the rows that a page shows, for its poller."""
    request.actor.require(kind, Action.VIEW)
    try:
        # of the rows of one page, and no more, at once
        ids = [UUID(text) for text in request.GET.getlist("id")[: grid_of(kind, by_state=False).size]]
    except ValueError as error:
        raise Http404 from error
    ours = scoped(Voucher.objects.filter(kind=kind.value, pk__in=ids), request.actor)
    found = {voucher.pk: voucher for voucher in ours.only("id", "version")}
    vouchers = [found[pk] for pk in ids if pk in found]
    wait = _give_progress(vouchers)
    poll = polling.Poll(wait, polling.fingerprint(_progress_key(voucher) for voucher in vouchers))
    if wait and request.GET.get("seen") == poll.seen:
        return HttpResponse(status=204)
    context = {"kind": kind, "vouchers": vouchers, "poll": poll, "poll_ids": [v.pk for v in vouchers]}
    return render(request, "web/vouchers/_states.html", context)
