import signal
import time
from contextlib import ExitStack, closing
from pathlib import Path

import psutil
import psycopg
import pytest

from acuse.config import embedded
from acuse.config.embedded import server
from acuse.config.embedded.layout import layout_of
from tests.integration.embedded.conftest import Start

SETTINGS = (
    "select current_setting('server_encoding'), current_setting('data_checksums'), current_setting('fsync'), "
    "current_setting('listen_addresses'), current_setting('max_connections'), current_database(), current_user"
)


def test_the_first_use_makes_a_database_that_keeps_what_it_is_told(start: Start) -> None:
    first = start()
    first.ask("attach")
    assert first.ask(f"query {SETTINGS}") == [["UTF8", "on", "on", "", "100", "acuse", "acuse"]]
    assert int(first.ask("query select current_setting('server_version_num')")[0][0]) // 10000 == 18
    first.ask("query create table kept as select 'ñ' as word")
    assert first.leave() == 0
    second = start()
    second.ask("attach")
    assert second.ask("query select word, upper(word), word ~ '^\\w$' from kept") == [["ñ", "Ñ", True]]


def test_two_that_start_at_once_on_a_fresh_folder_share_one_server(start: Start) -> None:
    at = str(time.time() + 1.5)
    both = [start("--at", at), start("--at", at)]
    for client in both:
        client.tell("attach")
    assert [client.answer() for client in both] == ["attached", "attached"]
    seen = {client.ask("query select pg_postmaster_start_time()::text")[0][0] for client in both}
    assert len(seen) == 1


def test_the_last_one_stops_it(start: Start, data_dir: Path) -> None:
    clients = [start(), start(), start()]
    for client in clients:
        client.ask("attach")
    clients[0].leave()
    assert clients[1].ask("release") == "released"
    assert clients[2].ask("query select 1") == [[1]]
    assert embedded.status(data_dir).running
    clients[2].leave()
    found = embedded.status(data_dir)
    assert (found.initialised, found.running, found.pid) == (True, False, None)


def test_attaching_twice_counts_once(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    client.ask("attach")
    client.ask("release")
    assert not embedded.status(data_dir).running


def test_the_end_of_a_forked_child_does_not_stop_it(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    assert client.ask("fork") == 0
    assert client.ask("query select 1") == [[1]]
    client.leave()
    assert not embedded.status(data_dir).running


def test_a_forked_child_that_outlives_its_parent_keeps_it_and_stops_it(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    child = psutil.Process(client.ask("fork-and-leave"))
    client.leave()
    assert embedded.status(data_dir).running
    child.send_signal(signal.SIGTERM)
    child.wait(timeout=30)
    assert not embedded.status(data_dir).running


def test_status_creates_nothing(data_dir: Path) -> None:
    found = embedded.status(data_dir)
    assert (found.initialised, found.running) == (False, False)
    assert not data_dir.exists()


def test_a_full_server_counts_as_running(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    layout = layout_of(data_dir)
    with ExitStack() as taken:
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            _take_every_connection(server.conninfo(layout, "acuse"), taken)
        other = start()
        assert other.ask("attach") == "attached"


def _take_every_connection(conninfo: str, taken: ExitStack) -> None:
    while True:
        taken.enter_context(closing(psycopg.connect(conninfo)))
