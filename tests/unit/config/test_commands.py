from __future__ import annotations

import pytest

from acuse.config.commands import Commands


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
