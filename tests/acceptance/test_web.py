"""`acuse web` as a process of its own: what an in-process client can't see."""

from __future__ import annotations

import socket
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.acceptance.installation import Installation, wait_for


@pytest.fixture(scope="module")
def address(office: Installation) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        bind = f"127.0.0.1:{probe.getsockname()[1]}"
    child = office.spawn("acuse.config.cli", "web", ACUSE_BIND=bind, ACUSE_BASE_URL=f"http://{bind}")
    assert wait_for(lambda: status(f"http://{bind}/ingresar/") == 200), office.log()
    yield f"http://{bind}"
    office.stop(child)


def status(url: str) -> int:
    """0: nobody answered within two seconds."""
    # a session that doesn't exist is looked for in the database
    request = urllib.request.Request(url, headers={"Cookie": "sessionid=" + "a" * 32})
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_it_answers_again_after_the_database_closed_every_connection(office: Installation, address: str) -> None:
    page = f"{address}/"
    assert status(page) == 200
    office.sql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    assert wait_for(lambda: status(page) == 200, seconds=20), office.log()
