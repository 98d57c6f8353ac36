"""Where the browser tests put their pictures."""

from __future__ import annotations

from pathlib import Path

SHOTS = Path("test-output/screenshots")
#: The pictures of the manual, before `make pictures` makes them small.
MANUAL = Path("test-output/manual")
