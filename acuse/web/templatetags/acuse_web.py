"""How values are shown: amounts, phones, CUITs, moments, channels, states."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone

from acuse.kernel import money, phone, taxid
from acuse.vouchers.models import Voucher
from acuse.web import states

register = template.Library()


@register.filter
def amount(voucher: Voucher) -> str:
    """With the symbol of its currency; a currency that we don't know shows ARCA's code."""
    return money.format_amount(voucher.total, voucher.currency)


@register.filter
def address(to: str) -> str:
    return phone.display(to) if to.startswith("+") else to


@register.filter
def tax_id(text: str) -> str:
    return taxid.format_cuit(text) if len(text) == 11 and text.isdigit() else text


@register.filter
def look(state: str | None) -> states.Look:
    return states.look_of(state)


@register.filter
def channel_name(channel: str) -> str:
    return states.CHANNEL_NAMES.get(channel, channel)


@register.filter
def channel_icon(channel: str) -> str:
    return states.CHANNEL_ICONS.get(channel, "bs_icon/send.svg")


@register.inclusion_tag("web/_moment.html")
def moment(at: datetime) -> dict[str, Any]:
    """The exact moment in the company's zone, the relative one on hover."""
    return {"at": timezone.localtime(at), "utc": at.astimezone(ZoneInfo("UTC")), "relative": naturaltime(at)}


@register.simple_tag(takes_context=True)
def query_with(context: Context, **changes: object) -> str:
    """This page's query with some values changed; None takes one away."""
    request: HttpRequest = context["request"]
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"?{query.urlencode()}"
