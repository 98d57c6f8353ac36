"""Files that come with a form of the assistant."""

from __future__ import annotations

from typing import Any

#: A browser doesn't send back the file that it sent before.
PICK_AGAIN = "Elegí el archivo otra vez: el navegador no lo guarda."


def content_of(given: Any, *, most: int) -> bytes | None:
    """What was uploaded, None without it. One byte more than allowed is enough to refuse it."""
    if not given:
        return None
    content: bytes = given.read(most + 1)
    return content
