from __future__ import annotations

import argparse
import re
from collections.abc import Sequence

import pytest

from acuse.config import usage

ENGLISH = re.compile(
    r"\b(usage|options|arguments?|show|required|expected|invalid|choice|choose|unrecognized|error|allowed|value)\b"
)


@pytest.fixture(autouse=True)
def _spanish(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_", "ngettext"):
        # put back afterwards
        monkeypatch.setattr(argparse, name, getattr(argparse, name))
    usage.speak_spanish()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="acuse prueba", description="Prueba")
    parser.add_argument("archivo", metavar="PDF", help="el que se envía")
    parser.add_argument("--a", required=True, choices=("si", "no"))
    parser.add_argument("--b", type=int)
    parser.add_argument("--c", action="store_true")
    parser.add_argument("--par", nargs=2)
    parser.add_argument("--largo-uno")
    parser.add_argument("--largo-dos")
    parser.add_mutually_exclusive_group().add_argument("--d", nargs="+")
    return parser


@pytest.mark.parametrize(
    "given",
    [["--help"], [], ["x"], ["x", "--a"], ["x", "--a", "quizás"], ["x", "--a", "si", "--b", "z"], ["x", "--c=1"],
     ["x", "--a", "si", "--nada"], ["x", "--d"], ["x", "--par", "1"], ["x", "--largo", "1"]],
)  # fmt: skip
def test_what_argparse_says_by_itself_is_in_spanish(given: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _parser().parse_args(given)
    said = "".join(capsys.readouterr())
    assert "uso: acuse prueba" in said
    assert ENGLISH.findall(said) == []
