"""The documents say what the code does: a name that is added, removed or changed shows here."""

from __future__ import annotations

import ast
import re
from argparse import ArgumentParser
from functools import cache
from pathlib import Path

import pytest

from acuse.channels.contract import Scope, Verdict
from acuse.deliveries.states import State
from acuse.vouchers.kinds import VoucherKind
from acuse.web.states import LOOKS
from acuse.workers.management.commands import send, setup

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MANUAL = DOCS / "operations"
ADRS = sorted(path for path in (DOCS / "adr").glob("*.md") if path.name != "README.md")
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")] + sorted(
    DOCS.rglob("*.md")
)
#: Django's own options of every command.
DJANGOS = {"--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color",
           "--force-color", "--skip-checks"}  # fmt: skip


def _text(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


@cache
def _manual() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in sorted(MANUAL.glob("*.md")))


def _variables_that_the_code_reads() -> set[str]:
    """The names given to `_value(environ, …)`."""
    tree = ast.parse(_text("acuse", "config", "environment.py"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {
        call.args[1].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id == "_value"
        and isinstance(call.args[1], ast.Constant)
        and isinstance(call.args[1].value, str)
    }


def _variables_in_table(text: str) -> set[str]:
    return set(re.findall(r"^\| `(ACUSE_[A-Z_]+)` \|", text, re.MULTILINE))


def _options(parser: ArgumentParser) -> set[str]:
    return {name for action in parser._actions for name in action.option_strings if name.startswith("--")} - DJANGOS


def _column(text: str, heading: str) -> set[str]:
    """The code names in the first column of the table under a heading."""
    section = text.split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return set(re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))


def test_the_readme_lists_each_environment_variable_and_no_other() -> None:
    read = _variables_that_the_code_reads()
    assert "ACUSE_DATABASE_URL" in read
    assert _variables_in_table(_text("README.md")) == read


def test_the_manual_lists_each_environment_variable_and_no_other() -> None:
    assert _variables_in_table(_text("docs", "operations", "instalar.md")) == _variables_that_the_code_reads()


@pytest.mark.parametrize(("command", "page"), [(setup, "configurar.md"), (send, "enviar.md")])
def test_the_manual_explains_each_option_of(command: object, page: str) -> None:
    options = _options(command.Command().create_parser("acuse", "x"))  # type: ignore[attr-defined]
    explained = set(re.findall(r"`(--[a-z-]+)`", (MANUAL / page).read_text(encoding="utf-8")))
    assert {"--company", "--cuit"} & options if command is setup else "--to" in options
    assert options <= explained | {"--json"}
    assert "--json" in _manual()
    assert explained <= options


def test_the_glossary_has_each_state_with_the_word_of_the_screen() -> None:
    glossary = _text("docs", "glossary.md")
    assert _column(glossary, "States of a delivery") == {state.value for state in State}
    for state in State:
        assert f"| `{state.value}` | {LOOKS[state].word} |" in glossary


def test_the_glossary_has_each_kind_verdict_and_scope() -> None:
    glossary = _text("docs", "glossary.md")
    assert _column(glossary, "Kinds of voucher") == {kind.value for kind in VoucherKind}
    assert _column(glossary, "Verdicts (what an adapter answers for a failed attempt)") == {v.value for v in Verdict}
    scopes = glossary.split("Scopes: ", 1)[1].split(".", 1)[0]
    assert set(re.findall(r"`([a-z]+)`", scopes)) == {scope.value for scope in Scope}


def test_the_diagram_has_each_state() -> None:
    diagram = _text("docs", "architecture.md").split("stateDiagram-v2", 1)[1].split("```", 1)[0]
    named = set(re.findall(r"^\s+(\w+) -->", diagram, re.MULTILINE)) | set(re.findall(r"--> (\w+)", diagram))
    assert named == {state.value for state in State}


@pytest.mark.parametrize("adr", ADRS, ids=lambda path: path.stem)
def test_the_index_links_the_decision_by_its_title(adr: Path) -> None:
    text = adr.read_text(encoding="utf-8")
    number, title = re.match(r"# (\d{4}) (.+)", text).groups()  # type: ignore[union-attr]
    assert adr.name.startswith(f"{number}-")
    linked = dict(re.findall(r"^- \[(\d{4}) .+\]\((.+)\)$", _text("docs", "adr", "README.md"), re.MULTILINE))
    assert linked[number] == adr.name
    assert title
    for part in ("**Context.**", "**Decision.**", "**Rejected.**", "**Consequences.**"):
        assert part in text


def test_no_number_of_a_decision_is_used_twice() -> None:
    numbers = [path.name[:4] for path in ADRS]
    assert numbers == [f"{number:04}" for number in range(1, len(ADRS) + 1)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []


def test_the_paths_that_contributing_names_exist() -> None:
    named = re.findall(r"`((?:acuse|tests|docs)/[^`<>]+)`", _text("CONTRIBUTING.md"))
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_the_images_of_the_compose_file_get_what_they_need() -> None:
    """Every variable without a default is in the example, and every name is one that the code reads."""
    compose = _text("compose.yaml")
    needed = set(re.findall(r"\$\{([A-Z_]+):\?\}", compose))
    given = set(re.findall(r"^([A-Z_]+)=", _text(".env.example"), re.MULTILINE))
    assert needed <= given
    set_inside = set(re.findall(r"^    (ACUSE_[A-Z_]+):", compose, re.MULTILINE))
    assert "ACUSE_DATABASE_URL" in set_inside
    assert set_inside <= _variables_that_the_code_reads()


def test_the_image_builds_with_all_that_its_build_tool_needs() -> None:
    """The Dockerfile takes the build's tools from the lock file: each of hatchling's own needs is among them."""
    from importlib.metadata import requires

    chosen = set(re.search(r"\^\(([a-z|-]+)\)==", _text("Dockerfile")).group(1).split("|"))  # type: ignore[union-attr]
    needed = {
        re.match(r"[A-Za-z0-9-]+", line).group(0).lower()  # type: ignore[union-attr]
        for line in requires("hatchling") or []
        if "python_version < '3.11'" not in line and 'python_version < "3.11"' not in line and "extra ==" not in line
    }
    assert needed <= chosen
    assert "hatchling" in chosen


def test_each_picture_of_the_manual_is_one_that_a_browser_test_takes() -> None:
    """`make pictures` takes them again; one that no page shows is of no use."""
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "browser").glob("test_*.py"))
    taken = set(re.findall(r'\bmanual\(\w+, "([\w-]+)"\)', tests))
    shown = set(re.findall(r"\]\(\.\./pictures/manual/([\w-]+)\.png\)", _manual()))
    kept = {path.stem for path in (DOCS / "pictures" / "manual").glob("*.png")}
    assert shown == taken == kept
