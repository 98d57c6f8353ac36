"""`make pictures`: the pictures of the manual, taken by the browser tests, made small and put beside it."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from tests.browser.folders import MANUAL

PICTURES = Path("docs/pictures/manual")


def main() -> int:
    taken = sorted(MANUAL.glob("*.png"))
    if not taken:
        print(f"no pictures in {MANUAL}: the browser tests take them", file=sys.stderr)
        return 1
    PICTURES.mkdir(parents=True, exist_ok=True)
    for path in taken:
        with Image.open(path) as picture:
            # 64 colours are enough for a page, and a fifth of the size
            picture.convert("RGB").quantize(64, dither=Image.Dither.NONE).save(PICTURES / path.name, optimize=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
