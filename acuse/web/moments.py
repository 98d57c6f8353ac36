"""A moment as people say it: `hace 5 min`, `ayer 14:02`, the date beyond a week. So does static/web/moments.js."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from acuse.web import formats

_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")


def words(at: datetime, now: datetime) -> str:
    """In the time zone that is active."""
    seconds = (now - at).total_seconds()
    # clocks of two machines differ a little
    if -60 < seconds < 60:
        return "recién"
    if 0 < seconds < 3600:
        return f"hace {int(seconds // 60)} min"
    local, today = timezone.localtime(at), timezone.localtime(now).date()
    days = (today - local.date()).days
    hour = f"{local:%H:%M}"
    if days == 0:
        return f"hoy {hour}"
    if days == 1:
        return f"ayer {hour}"
    if days == -1:
        return f"mañana {hour}"
    if 1 < days < 7:
        return f"{_DAYS[local.weekday()]} {hour}"
    return f"{formats.day(local)} {hour}"


def day_words(at: datetime, now: datetime) -> str:
    """The same beside an exact hour: `hace 5 min`, `ayer`, the date of what is older."""
    said = words(at, now)
    if said.startswith(("recién", "hace")):
        return said
    local = timezone.localtime(at)
    days = (timezone.localtime(now).date() - local.date()).days
    return {0: "hoy", 1: "ayer", -1: "mañana"}.get(days) or formats.day(local)
