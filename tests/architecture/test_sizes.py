"""Small modules and small functions. What is larger is listed here, with its reason."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_MODULE = 400
LONGEST_FUNCTION = 60

#: path → why it is longer.
MODULES: dict[str, str] = {}
#: path:function → why it is longer.
FUNCTIONS: dict[str, str] = {}

SOURCES = sorted(
    path
    for folder in ("acuse", "acuse_simulator", "tests")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _lengths(path: Path) -> dict[str, int]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        f"{_name(path)}:{node.name}": (node.end_lineno or node.lineno) - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_there_is_something_to_measure() -> None:
    assert len(SOURCES) > 100


def test_no_module_is_long() -> None:
    long = {_name(p): n for p in SOURCES if (n := p.read_text(encoding="utf-8").count("\n")) > LONGEST_MODULE}
    assert long.keys() - MODULES.keys() == set(), long


def test_no_function_is_long() -> None:
    long = {name: n for p in SOURCES for name, n in _lengths(p).items() if n > LONGEST_FUNCTION}
    assert long.keys() - FUNCTIONS.keys() == set(), long


@pytest.mark.parametrize("allowed", [MODULES, FUNCTIONS])
def test_each_exception_has_a_reason(allowed: dict[str, str]) -> None:
    assert all(reason.strip() for reason in allowed.values())


def test_nothing_is_called_utils() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [_name(path) for path in SOURCES if drawers & {part.removesuffix(".py") for part in path.parts}] == []
