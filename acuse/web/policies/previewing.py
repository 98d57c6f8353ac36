"""What the message would be with what is being written. A POST for its size alone: it changes nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import NotAllowed
from acuse.vouchers.kinds import VoucherKind
from acuse.web.access import ActorRequest, acting
from acuse.web.policies.page import form_of, preview_context, render_policy, saved_values
from acuse.web.policies.preview import NEWEST, vouchers_of
from acuse.web.vouchers.filters import VoucherFilter


@require_POST
@acting
def preview(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    """The preview alone; without JavaScript the page again, with what was typed and, after `move`, in another order."""
    request.actor.require(Page.POLICIES, Action.VIEW)
    may_configure = request.actor.may(Page.POLICIES, Action.CONFIGURE)
    data = _moved(request) if may_configure else None
    form = form_of(request, kind, data)
    values = form.values() if form.is_bound and form.is_valid() else saved_values(request, kind)
    if request.htmx:
        context = preview_context(request, kind, values) | {"out_of_place": True}
        return render(request, "web/policies/_preview.html", context)
    # nothing was to be saved
    return render_policy(request, kind, form, values, status=200)


def _moved(request: HttpRequest) -> QueryDict:
    """`move` is `email:up`: a channel and its way."""
    data = request.POST.copy()
    channel, _, way = data.get("move", "").partition(":")
    order = data.getlist("channels")
    if channel in order:
        here = order.index(channel)
        there = max(0, min(len(order) - 1, here + (-1 if way == "up" else 1)))
        order.insert(there, order.pop(here))
        data.setlist("channels", order)
    return data


@require_safe
@acting
def vouchers(request: ActorRequest, kind: VoucherKind) -> HttpResponse:
    """For the select of the voucher that the preview shows (static/web/choose.js)."""
    request.actor.require(Page.POLICIES, Action.VIEW)
    ours = vouchers_of(request.actor, kind)
    if ours is None:
        raise NotAllowed(kind, Action.VIEW)
    wanted = {"q": request.GET.get("q", "").strip()[:200]}
    found = VoucherFilter(wanted, queryset=ours, kind=kind, company=request.actor.company).qs
    rows = found.order_by("-issued_on", "-id")[:NEWEST]
    return JsonResponse({"results": [{"id": str(v.pk), "text": v.title, "note": v.party.name} for v in rows]})
