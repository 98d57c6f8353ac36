"""The grids of vouchers and the page of one."""

from __future__ import annotations

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from acuse.companies.pages import Action
from acuse.companies.scope import scoped
from acuse.deliveries import planning
from acuse.kernel.names import safe_file_name
from acuse.vouchers import files
from acuse.vouchers.kinds import Audience, VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web import paging, polling
from acuse.web.access import ActorRequest, acting, own_or_404
from acuse.web.chips import chips_of
from acuse.web.deliveries.timeline import history_of
from acuse.web.navigation import GRID_NAMES
from acuse.web.polling import soonest
from acuse.web.vouchers.filters import VoucherFilter
from acuse.web.vouchers.progress import Progress, progress_of
from acuse.web.vouchers.tables import VoucherTable

#: The browser shows the PDF and nothing else: no script runs in it and no other site frames it. CSP's own `sandbox`
#: isn't used, since Chromium's PDF viewer refuses to open in one.
_PDF_POLICY = "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
#: States of the rows of one page, and no more, are asked at once.
_ROWS = VoucherTable.Meta.per_page


@require_safe
@acting
def grid(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    request.actor.require(kind, Action.VIEW)
    ours = scoped(Voucher.objects.filter(kind=kind.value), request.actor)
    filtered = VoucherFilter(request.GET, queryset=ours.select_related("party"))
    table = VoucherTable(filtered.qs, may_send=request.actor.may(kind, Action.SEND))
    table.columns["party"].column.verbose_name = "Cliente" if kind.audience is Audience.CUSTOMER else "Proveedor"
    paging.configure(table, request)
    shown = [row.record for row in table.paginated_rows]
    wait = _give_progress(shown)
    chips = chips_of(filtered.form, request)
    context = {
        "kind": kind,
        "title": GRID_NAMES[kind],
        "filter": filtered,
        "chips": chips,
        "table": table,
        "may_send": request.actor.may(kind, Action.SEND),
        "none_at_all": not shown and not chips and not ours.exists(),
        "poll": polling.Poll(wait, polling.fingerprint(_progress_key(voucher) for voucher in shown)),
        "poll_ids": [voucher.pk for voucher in shown],
    }
    template = "web/vouchers/_grid.html" if request.htmx.target == "grid" else "web/vouchers/grid.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response


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
        ids = [UUID(text) for text in request.GET.getlist("id")[:_ROWS]]
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


@require_safe
@acting
def voucher(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    request.actor.require(kind, Action.VIEW)
    found = _voucher(request, kind, voucher_id)
    office = planning.open_office(request.actor.company, [found])
    context = {
        "kind": kind,
        "grid_name": GRID_NAMES[kind],
        "voucher": found,
        "sendability": planning.plan(found, office).sendability,
        "contacts": office.contacts.get(found.party_id, []),
        "may_send": request.actor.may(kind, Action.SEND),
        **_history(request, found),
    }
    return render(request, "web/vouchers/voucher.html", context)


def _voucher(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> Voucher:
    every = Voucher.objects.filter(kind=kind.value).select_related("party__customer_class", "company", "file")
    return own_or_404(every, request.actor, pk=voucher_id)


def _history(request: ActorRequest, found: Voucher) -> dict[str, object]:
    history = history_of(found)
    return {"history": history, "poll": history.poll, "may_send": request.actor.may(found.kind, Action.SEND)}


@require_safe
@acting
def deliveries(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    """The deliveries of the voucher's page, for its poller; 204 when nothing is new."""
    request.actor.require(kind, Action.VIEW)
    found = _voucher(request, kind, voucher_id)
    history = _history(request, found)
    poll = history["poll"]
    if isinstance(poll, polling.Poll) and poll.every and request.GET.get("seen") == poll.seen:
        return HttpResponse(status=204)
    return render(request, "web/vouchers/_deliveries.html", {"kind": kind, "voucher": found, **history})


@require_safe
@acting
def pdf(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponseBase:
    request.actor.require(kind, Action.VIEW)
    found = _voucher(request, kind, voucher_id)
    if found.file is None:
        raise Http404
    try:
        opened = files.path_of(found.file.sha256).open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(opened, filename=safe_file_name(found.title), content_type="application/pdf")
    response["Content-Security-Policy"] = _PDF_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
