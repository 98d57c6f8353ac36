"""A module fits in the head: 400 lines, 60 a function. An exception needs its reason here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULE_LINES, FUNCTION_LINES = 400, 60
#: Path, or path and function → why.
LONGER: dict[str, str] = {}


def modules() -> Iterator[Path]:
    for package in ("acuse", "acuse_simulator"):
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def test_no_module_is_too_long() -> None:
    long = [str(path.relative_to(ROOT)) for path in modules() if len(path.read_text().splitlines()) > MODULE_LINES]
    assert [name for name in long if name not in LONGER] == []


def test_no_function_is_too_long() -> None:
    long = []
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    long.append(f"{path.relative_to(ROOT)}:{node.name}")
    assert [name for name in long if name not in LONGER] == []


def test_the_pages_do_not_shout() -> None:
    shouting = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "acuse" / "web" / "templates").rglob("*.html")
        if "¡" in path.read_text()
    ]
    assert shouting == []
