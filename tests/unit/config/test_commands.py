from __future__ import annotations

import re

import pytest
from django.core.management import get_commands

from acuse.config.commands import LISTED, Commands


@pytest.mark.parametrize(
    ("given", "hint"), [("setpu", "¿Quisiste decir «setup»?"), ("qwzx", "Para ver los que hay: acuse help.")]
)
def test_a_command_that_there_is_not_is_told(given: str, hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        Commands(["acuse", given]).fetch_command(given)
    assert ended.value.code == 2
    assert capsys.readouterr().err == f"No hay un comando «{given}». {hint}\n"


def test_one_that_there_is_comes() -> None:
    assert Commands(["acuse", "doctor"]).fetch_command("doctor").help


def test_the_help_lists_every_command_of_ours_with_a_line_in_spanish() -> None:
    # the demo calls it by itself
    ours = {name for name, app in get_commands().items() if app == "acuse.workers"} - {"demo_data"}
    assert ours <= {name for _, names in LISTED for name in names}
    listed = Commands(["acuse", "help"]).main_help_text()
    for name in ours | {"migrate", "changepassword", "axes_reset_username"}:
        assert re.search(rf"^  {name} +[A-ZÁÉÍÓÚ]\w+ .+", listed, re.MULTILINE), name
    assert not re.search(r"subcommand|Type|Available", listed)


@pytest.mark.parametrize("word", ["version", "--version"])
def test_the_version_is_the_one_of_acuse(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    Commands(["acuse", word]).execute()
    assert re.fullmatch(r"Acuse \d+\.\d+\.\d+\n", capsys.readouterr().out)


@pytest.mark.parametrize("name", sorted(name for name, app in get_commands().items() if app == "acuse.workers"))
def test_no_command_of_ours_shows_the_options_of_django(name: str) -> None:
    shown = Commands(["acuse", name]).fetch_command(name).create_parser("acuse", name).format_help()
    assert "--pythonpath" not in shown
    assert "--force-color" not in shown
