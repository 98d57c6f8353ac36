"""`acuse web` as a process of its own: what an in-process client can't see."""

from __future__ import annotations

import http.client
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
    assert wait_for(lambda: status(page) == 200), office.log()
    office.sql("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()")
    assert wait_for(lambda: status(page) == 200, seconds=20), office.log()


@pytest.mark.parametrize(
    ("path", "content_type", "said"),
    [
        ("/api/v1/vouchers", "application/pdf", '"title": "Es demasiado grande"'),
        ("/ingresar/", "multipart/form-data; boundary=x", "<h1>Es demasiado grande</h1>"),
    ],
)
def test_who_sends_too_much_reads_why(address: str, path: str, content_type: str, said: str) -> None:
    """Also a client that reads nothing before it sent everything, as browsers do."""
    size, piece = 110 * 1024 * 1024, bytes(256 * 1024)
    client = http.client.HTTPConnection(address.removeprefix("http://"), timeout=30)
    client.putrequest("POST", path)
    client.putheader("Content-Type", content_type)
    client.putheader("Content-Length", str(size))
    client.endheaders()
    for _ in range(size // len(piece)):
        client.send(piece)
    answer = client.getresponse()
    assert (answer.status, answer.getheader("connection")) == (413, "close")
    assert said in answer.read().decode()
    client.close()
