import os
import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from acuse.config import embedded
from acuse.config.embedded import server
from acuse.config.embedded.layout import layout_of
from tests.integration.embedded.conftest import Start
from tests.integration.embedded.processes import Client

pytestmark = pytest.mark.crash


def test_one_killed_harms_nobody_and_the_last_still_stops_it(start: Start, data_dir: Path) -> None:
    killed, other = start(), start()
    killed.ask("attach")
    other.ask("attach")
    killed.kill()
    assert other.ask("query select 1") == [[1]]
    other.leave()
    assert not embedded.status(data_dir).running


def test_after_all_were_killed_the_next_goes_on_and_stops_it(start: Start, data_dir: Path) -> None:
    clients = [start(), start()]
    for client in clients:
        client.ask("attach")
    clients[0].ask("query create table kept as select 1 as number")
    for client in clients:
        client.kill()
    following = start()
    following.ask("attach")
    assert following.ask("query select number from kept") == [[1]]
    following.leave()
    assert not embedded.status(data_dir).running


def test_a_killed_postmaster_is_replaced_and_what_was_committed_is_there(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    client.ask("query create table kept as select 1 as number")
    os.kill(_postmaster(data_dir), signal.SIGKILL)
    other = start()
    other.ask("attach")
    assert other.ask("query select number from kept") == [[1]]
    other.leave()
    assert client.ask("query select number from kept") == [[1]]
    client.leave()
    assert not embedded.status(data_dir).running


def test_attaching_again_replaces_a_killed_postmaster(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    os.kill(_postmaster(data_dir), signal.SIGKILL)
    client.ask("attach")
    assert client.ask("query select 1") == [[1]]


def test_everything_killed_starts_again(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    postmaster = _postmaster(data_dir)
    client.kill()
    os.kill(postmaster, signal.SIGKILL)
    following = start()
    following.ask("attach")
    assert following.ask("query select 1") == [[1]]


def test_a_process_that_got_the_pid_of_a_dead_postmaster_is_left_alone(
    start: Start, data_dir: Path, bystander: subprocess.Popen[bytes]
) -> None:
    _leave_stale_pid(start, data_dir, bystander.pid)
    client = start()
    client.ask("attach")
    assert client.ask("query select 1") == [[1]]
    assert embedded.status(data_dir).pid != bystander.pid
    client.leave()
    assert not embedded.status(data_dir).running
    assert bystander.poll() is None


def test_a_zombie_with_the_pid_of_the_postmaster_is_not_taken_for_it(start: Start, data_dir: Path) -> None:
    zombie = subprocess.Popen(["true"])  # nobody waits for it until the end
    try:
        _leave_stale_pid(start, data_dir, zombie.pid)
        assert psutil.Process(zombie.pid).status() == psutil.STATUS_ZOMBIE
        client = start()
        client.ask("attach")
        assert client.ask("query select 1") == [[1]]
    finally:
        zombie.wait()


def test_releasing_with_a_stale_pid_touches_no_other_process(
    start: Start, data_dir: Path, bystander: subprocess.Popen[bytes]
) -> None:
    client = start()
    client.ask("attach")
    postmaster = _postmaster(data_dir)
    os.kill(postmaster, signal.SIGKILL)
    _name_pid(data_dir, bystander.pid)
    client.ask("release")
    assert bystander.poll() is None


@pytest.mark.parametrize("delay", [0.05, 0.35, 0.65])
def test_a_first_start_cut_short_is_made_again(start: Start, delay: float) -> None:
    cut = start()
    cut.tell("attach")
    time.sleep(delay + 0.3)
    cut.kill()
    following = start()
    following.ask("attach")
    assert following.ask("query select 1") == [[1]]


def test_a_terminated_process_that_exits_in_order_stops_it(start: Start, data_dir: Path) -> None:
    client = start()
    client.ask("attach")
    client.process.terminate()
    assert client.process.wait(timeout=30) == 0
    assert not embedded.status(data_dir).running


def test_eight_processes_killed_at_random_never_leave_it_unusable(
    start: Start, data_dir: Path, wait_until: Callable[[Callable[[], bool]], None]
) -> None:
    chance = random.Random(8)
    first = start()
    first.ask("attach")
    first.ask("query create table counted (number int)")
    clients = [first, *(start() for _ in range(7))]
    written = 0
    for client in clients[1:]:
        client.tell("attach")
    for client in clients[1:]:
        client.answer()
    for _ in range(24):
        place = chance.randrange(len(clients))
        written += _use_and_end(clients[place], chance)
        clients[place] = start()
        clients[place].ask("attach")
        if chance.random() < 0.2:
            os.kill(_postmaster(data_dir), signal.SIGKILL)
            chance.choice(clients).ask("attach")
    assert clients[0].ask("query select count(*) from counted") == [[written]]
    for client in clients:
        client.leave()
    wait_until(lambda: not embedded.status(data_dir).running)


def _use_and_end(client: Client, chance: random.Random) -> int:
    inserted = client.ask("query insert into counted values (1)")
    if chance.random() < 0.6:
        client.kill()
    else:
        client.leave()
    return int(inserted)


def _postmaster(data_dir: Path) -> int:
    found = embedded.status(data_dir).pid
    assert found is not None
    return found


def _leave_stale_pid(start: Start, data_dir: Path, pid: int) -> None:
    """As after a crash of the machine: the files of a server that is gone, whose pid is now another process's."""
    client = start()
    client.ask("attach")
    client.kill()
    postmaster = _postmaster(data_dir)
    os.kill(postmaster, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while server.postmaster(layout_of(data_dir)) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    _name_pid(data_dir, pid)


def _name_pid(data_dir: Path, pid: int) -> None:
    cluster = layout_of(data_dir).cluster
    for path in (cluster / "postmaster.pid", embedded.socket_dir(data_dir) / f".s.PGSQL.{embedded.PORT}.lock"):
        _, _, rest = path.read_text().partition("\n")
        path.write_text(f"{pid}\n{rest}")
