"""Moments that a provider tells, in the words of who reads them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone


def local_day(moment: datetime) -> str:
    """The day on which it is here."""
    return f"{timezone.localtime(moment):%d/%m/%Y}"
