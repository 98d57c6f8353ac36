"""Django's own filters that show numbers and dates, as the person reads them: every template obeys without knowing.

Built into every template, and loaded as `humanize` too, of which it has `intcomma` alone.
"""

from __future__ import annotations

from typing import Any

from django.contrib.humanize.templatetags import humanize
from django.template import Library, defaultfilters

from acuse.web import formats

register = Library()


@register.filter(name="date", expects_localtime=True, is_safe=False)
def date_as_read(value: Any, pattern: str | None = None) -> str:
    return str(defaultfilters.date(value, formats.pattern(pattern) if pattern else pattern))


@register.filter(name="floatformat", is_safe=True)
def floatformat_as_read(value: Any, places: int | str = -1) -> str:
    return formats.number(str(defaultfilters.floatformat(value, places)))


@register.filter(name="intcomma", is_safe=True)
def intcomma_as_read(value: Any, use_l10n: bool = True) -> str:
    return formats.number(str(humanize.intcomma(value, use_l10n)))
