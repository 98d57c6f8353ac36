"""How values are shown: amounts, phones, CUITs, moments, channels, states."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField, Select
from django.http import HttpRequest
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from acuse.kernel import clock, phone, taxid
from acuse.vouchers.models import Voucher
from acuse.web import formats, moments, states
from acuse.web.actors import by_whom as _by_whom
from acuse.web.bubbles import Bubble, bubble_of

register = template.Library()

#: Where a line could be broken within a number.
_HYPHENED = re.compile(r"(\d+(?:-\d+)+(?:\.pdf)?)")


@register.filter
def amount(voucher: Voucher) -> str:
    """With the symbol of its currency; a currency that we don't know shows ARCA's code."""
    return formats.amount(voucher.total, voucher.currency)


@register.filter
def item(given: Mapping[str, Any] | None, key: str) -> Any:
    """Of a mapping by a key that the template has in a variable."""
    return given.get(key) if given else None


@register.filter
def address(to: str) -> str:
    return phone.display(to) if to.startswith("+") else to


@register.filter
def by_whom(label: str) -> str:
    return _by_whom(label)


@register.filter
def tax_id(text: str) -> str:
    return taxid.format_cuit(text) if len(text) == 11 and text.isdigit() else text


@register.filter
def whole(text: str) -> SafeString:
    """Words that go on in another line where they must, but never within a number: `00003-00000042`, `555-0190`."""
    pieces = _HYPHENED.split(text)
    # what is between the words is every other piece
    return format_html_join(
        "", "{}", ((format_html('<span class="whole">{}</span>', piece) if place % 2 else piece,)
                   for place, piece in enumerate(pieces)),
    )  # fmt: skip


@register.filter
def look(state: str | None) -> states.Look:
    return states.look_of(state)


@register.simple_tag
def state_mark(state: str | None, note: str = "") -> SafeString:
    """Icon, word and note of a delivery's state."""
    found = states.look_of(state)
    return format_html(
        '<span class="state state-{}"><span class="icon" aria-hidden="true">{}</span>'
        '<span class="state-word">{}</span>{}</span>',
        found.tone, icon(found.icon), found.word, format_html("<small>{}</small>", note) if note else "",
    )  # fmt: skip


@register.simple_tag
@cache
def icon(template_name: str, height: int = 16) -> SafeString:
    """Drawn once a process: a grid shows hundreds."""
    drawn: SafeString = mark_safe(get_template(template_name).render({"height": height}))  # noqa: S308 -- our own
    return drawn


@register.filter
def channel_name(channel: str) -> str:
    return states.CHANNEL_NAMES.get(channel, channel)


@register.filter
def channel_icon(channel: str) -> str:
    return states.CHANNEL_ICONS.get(channel, "bs_icon/send.svg")


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """How long ago, in the company's zone; the exact moment on hover, and on paper."""
    return _time(at, "moment", format_html("<span>{}</span>", moments.words(at, clock.now())))


@register.simple_tag
def exact_moment(at: datetime) -> SafeString:
    """The same with its second in sight: what happened is a proof, and a phone has no hover."""
    shown = format_html(
        "<span>{}</span> <small>{}</small>", moments.day_words(at, clock.now()), f"{timezone.localtime(at):%H:%M:%S}"
    )
    return _time(at, "moment exact", shown)


def _time(at: datetime, look: str, shown: SafeString) -> SafeString:
    local = timezone.localtime(at)
    return format_html(
        '<time class="{}" datetime="{}" title="{}">{}</time>',
        look, local.isoformat(), f"{formats.day(local)} {local:%H:%M:%S}", shown,
    )  # fmt: skip


@register.filter
def control(field: BoundField) -> SafeString:
    """A form's field that looks like those of the other forms."""
    kind = "form-select" if isinstance(field.field.widget, Select) else ""
    return field.as_widget(attrs={"class": kind} if kind else None)


@register.filter
def size(count: int) -> str:
    """Of a file: `84 kB`, `1,2 MB`."""
    if count < 1_000_000:
        return f"{max(1, round(count / 1000))} kB"
    return f"{count / 1_000_000:.1f} MB".replace(".", ",")


@register.simple_tag
def as_bubble(channel: str, content: dict[str, Any], bubble: Bubble | str | None = None) -> Bubble:
    """The one that is given, else the one that the content alone makes."""
    return bubble if isinstance(bubble, Bubble) else bubble_of(channel, content)


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
