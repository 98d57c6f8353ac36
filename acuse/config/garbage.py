"""What a process has loaded stays with it to its end: nothing of it is looked over for garbage while somebody waits."""

from __future__ import annotations

import gc

from django.urls import get_resolver


def settle() -> None:
    """Once everything is loaded: before the first who asks, not by them."""
    # loads every page
    _ = get_resolver().url_patterns
    gc.collect()
    gc.freeze()
