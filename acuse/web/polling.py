"""Pages that update by themselves: how often to ask, and whether what is shown is still so."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from acuse.deliveries.states import LEFT, OPEN, State

#: A receipt may still come.
_AWAITING = frozenset({State.SENT, State.DELIVERED, State.UNCERTAIN})
#: After this long without news, nobody looks for it on a page that is open.
_NEWS_WITHIN = timedelta(days=1)
#: A receipt this young is seldom the last one.
_LIVELY = timedelta(minutes=1)
#: Seconds between looks.
_FAST, _SLOW = 2, 15
#: Of a page where news may come at any time.
LIVELY, CALM = 15, 30
#: Differs each time without being news: how long ago, which the browser keeps counting, and the form's own token.
_RESTLESS = re.compile(
    r'(?<="><span>)[^<]*(?=</span>(?: <small>[\d:]+</small>)?</time>)|(?<=name="csrfmiddlewaretoken" value=")\w+'
)
#: Of the request when a page asks by itself.
_SEEN = "X-Acuse-Seen"


@dataclass(frozen=True, slots=True)
class Poll:
    #: Seconds; 0 = nothing more will happen, stop asking.
    every: int
    #: Fingerprint of what is shown; the answer to the same one is empty, and nothing on the page moves.
    seen: str


def fingerprint(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def live(request: HttpRequest, page: str, part: str, context: Mapping[str, Any], *, every: int = CALM) -> HttpResponse:
    """A page whose template has `{% include "web/_live.html" %}`, where `part` shows what changes. That asks this same
    address again and tells what it shows; the answer is the part alone, or 204 when nothing in it is new.
    """
    body = render_to_string(part, dict(context), request)
    poll = Poll(every, fingerprint([_RESTLESS.sub("", body)]))
    seen = request.headers.get(_SEEN)
    if seen == poll.seen:
        return HttpResponse(status=204)
    return render(request, page if seen is None else "web/_live.html", {**context, "live": body, "poll": poll})


def look_again_after(state: str, updated_at: datetime, now: datetime) -> int:
    """In how many seconds a delivery may look otherwise; 0 = it won't change."""
    if state in OPEN:
        return _FAST
    quiet = now - updated_at
    if state not in _AWAITING or quiet >= _NEWS_WITHIN:
        return 0
    return _FAST if quiet < _LIVELY else _SLOW


def answer_after(state: str, updated_at: datetime, now: datetime) -> int:
    """In how many seconds whoever received it may have written back; 0 = nobody waits for that any more."""
    return _SLOW if state in LEFT and now - updated_at < _NEWS_WITHIN else 0


def soonest(waits: Iterable[int]) -> int:
    return min((wait for wait in waits if wait), default=0)
