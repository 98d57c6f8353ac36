"""How Acuse speaks to people: no exclamation marks, no *usted*, nothing technical by accident."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = [ROOT / "acuse", ROOT / "acuse_simulator"]
TEMPLATES = sorted(path for package in PACKAGES for path in package.rglob("*.html"))
MODULES = sorted(path for package in PACKAGES for path in package.rglob("*.py") if "migrations" not in path.parts)
MANUAL = sorted((ROOT / "docs" / "operations").glob("*.md"))

#: Letters that only Spanish uses, or words that no English sentence has.
_SPANISH = re.compile(r"[áéíóúñ¿¡«]|\b(?:que|del|el|la|los|las|un|una|es|se|su|para|está|con)\b", re.IGNORECASE)
_USTED = re.compile(r"\b(?:usted(?:es)?|haga|intente|verifique|ingrese|seleccione|presione|contacte)\b", re.IGNORECASE)
#: One word for it, *correo*; *E-mails* is the original's name of a page, and stays where it is quoted.
_MAIL = re.compile(r"(?<![\w/=-])mails?(?![\w:/-]|\.\w)", re.IGNORECASE)
_MARKUP = re.compile(r"\{[%#{].*?[%#}]\}|<!--.*?-->|<!DOCTYPE[^>]*>|<[^>]+>", re.IGNORECASE | re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)


def _words_of_template(path: Path) -> str:
    return _MARKUP.sub(" ", path.read_text(encoding="utf-8"))


def _spanish_strings(path: Path) -> Iterator[tuple[int, str]]:
    """String constants in Spanish; docstrings and comments are for who reads the code."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in docstrings:
            continue
        if " " in node.value and _SPANISH.search(node.value):
            yield node.lineno, node.value


def test_there_is_something_to_read() -> None:
    assert len(TEMPLATES) > 20
    assert sum(1 for path in MODULES for _ in _spanish_strings(path)) > 200
    assert len(MANUAL) > 5


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_neither_shout_nor_say_usted(path: Path) -> None:
    words = _words_of_template(path)
    assert "¡" not in words
    assert "!" not in words
    assert not _USTED.search(words)
    assert not _MAIL.search(words)


def test_messages_neither_shout_nor_say_usted() -> None:
    bad = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in MODULES
        for line, text in _spanish_strings(path)
        if "¡" in text or re.search(r"\w!", text) or _USTED.search(text) or _MAIL.search(text)
    ]
    assert bad == []


@pytest.mark.parametrize("path", MANUAL, ids=lambda path: path.name)
def test_the_manual_neither_shouts_nor_says_usted(path: Path) -> None:
    words = _CODE.sub(" ", path.read_text(encoding="utf-8"))
    assert "¡" not in words
    assert not re.search(r"\w!", words)
    assert not _USTED.search(words)
    assert not _MAIL.search(words)
