"""What a provider says, put into columns: a text that is too long for one must not lose what it came with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Model


def put(row: Model, values: Mapping[str, Any]) -> None:
    """Set the columns, each text cut to what its column holds. Nothing is saved."""
    for name, value in values.items():
        most = getattr(row._meta.get_field(name), "max_length", None)
        setattr(row, name, value[:most] if most is not None and isinstance(value, str) else value)
