"""The documents say what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import load_command_class

from acuse.deliveries.states import State

ROOT = Path(__file__).resolve().parents[2]
MANUAL = "\n".join(path.read_text() for path in sorted((ROOT / "docs" / "operations").glob("*.md")))
README = (ROOT / "README.md").read_text()
VARIABLES = sorted(set(re.findall(r'"(ACUSE_[A-Z_]+)"', (ROOT / "acuse/config/environment.py").read_text())))


def test_the_environment_is_read_from_the_code() -> None:
    assert "ACUSE_DATABASE_URL" in VARIABLES


@pytest.mark.parametrize("variable", VARIABLES)
def test_every_variable_is_in_the_readme_and_in_the_manual(variable: str) -> None:
    assert variable in README
    assert variable in MANUAL


@pytest.mark.parametrize("command", ["setup", "send"])
def test_every_option_of_a_command_is_in_the_manual(command: str) -> None:
    parser = load_command_class("acuse.workers", command).create_parser("acuse", command)
    ours = [
        action
        for action in parser._actions
        if action.dest not in {"help", "version", "verbosity", "settings", "pythonpath", "traceback", "no_color",
                               "force_color", "skip_checks"}
    ]  # fmt: skip
    missing = [name for action in ours for name in action.option_strings if name not in MANUAL]
    assert missing == []


@pytest.mark.parametrize("state", list(State))
def test_every_state_is_in_the_glossary(state: State) -> None:
    assert state.value in (ROOT / "docs" / "glossary.md").read_text()


def test_every_decision_is_in_the_index() -> None:
    index = (ROOT / "docs" / "adr" / "README.md").read_text()
    pages = [path.name for path in (ROOT / "docs" / "adr").glob("0*.md")]
    assert pages
    assert [page for page in pages if page not in index] == []


@pytest.mark.parametrize(
    "page", sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
)
def test_no_link_leads_nowhere(page: str) -> None:
    text = (ROOT / page).read_text()
    targets = re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", text)
    assert [target for target in targets if not ((ROOT / page).parent / target).exists()] == []
