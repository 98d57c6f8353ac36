"""`acuse demo`: what it shows, and that nothing of it stays."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from tests.acceptance.installation import wait_for


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Where the demo makes its folder; nothing may stay in it, nor any process that names it."""
    with tempfile.TemporaryDirectory(prefix="acuse-demo-test-") as made:
        yield Path(made)


def environment(temporary: Path, **more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ACUSE_")}
    return {**kept, "TMPDIR": str(temporary), **more}


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "acuse.config.cli", "demo", *arguments]


def left_behind(temporary: Path) -> list[str]:
    """Files in the folder, and processes that name it in their command, their environment or their working folder."""
    found = [str(path) for path in temporary.rglob("*")]
    mark = os.fsencode(temporary)
    for process in Path("/proc").glob("[0-9]*"):
        try:
            told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            told += os.fsencode(os.readlink(process / "cwd"))
        except OSError:
            continue
        if mark in told:
            found.append(f"process {process.name}: {told[:300]!r}")
    return found


def test_one_voucher_is_sent_delivered_and_read_and_nothing_stays(temporary: Path) -> None:
    done = subprocess.run(
        command("--once"), env=environment(temporary), capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    states = ("enviado", "entregado", "leído")
    assert [line for line in done.stdout.splitlines() if line in states] == list(states)
    assert left_behind(temporary) == []


@pytest.mark.parametrize("variable", ["ACUSE_DATABASE_URL", "ACUSE_DATABASE_URL_FILE"])
def test_it_refuses_where_a_database_is_configured(temporary: Path, variable: str) -> None:
    given = environment(temporary, **{variable: "postgresql://nadie@127.0.0.1:1/nada"})
    done = subprocess.run(command("--once"), env=given, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "ACUSE_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert left_behind(temporary) == []


def test_it_shows_its_addresses_lets_its_user_in_and_ends_clean(temporary: Path) -> None:
    errors = temporary.with_suffix(".errors")
    with errors.open("w") as log:
        demo = subprocess.Popen(
            command("--no-browser"), env=environment(temporary), stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert demo.stdout is not None
        told = read_addresses(demo.stdout)
        assert signs_in(told["Acuse"], told["Usuario"], told["Contraseña"])
        assert not signs_in(told["Acuse"], told["Usuario"], "otra-contraseña-cualquiera")
        with urllib.request.urlopen(told["El teléfono simulado"], timeout=10) as page:
            assert page.status == 200
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(60) == 0, errors.read_text()
        assert left_behind(temporary) == []
    finally:
        if demo.poll() is None:
            demo.terminate()
            demo.wait(80)
        if demo.stdout is not None:
            demo.stdout.close()
        errors.unlink()


@pytest.mark.parametrize("reached", ["data", "**/cluster/postmaster.pid", "log.txt"])
def test_ended_while_it_comes_up_it_leaves_nothing_either(temporary: Path, reached: str) -> None:
    errors = temporary.with_suffix(".errors")
    with errors.open("w") as log:
        demo = subprocess.Popen(command("--no-browser"), env=environment(temporary), stdout=log, stderr=log)
    try:
        assert wait_for(lambda: exists(temporary, f"acuse-demo-*/{reached}"), 90, 0.01), errors.read_text()
        demo.send_signal(signal.SIGTERM)
        demo.wait(80)
        assert wait_for(lambda: left_behind(temporary) == [], 20), left_behind(temporary)
    finally:
        if demo.poll() is None:
            demo.kill()
            demo.wait()
        errors.unlink()


def exists(folder: Path, pattern: str) -> bool:
    """Folders come and go while we look."""
    try:
        return any(folder.glob(pattern))
    except FileNotFoundError:
        return False


def read_addresses(output: IO[str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for line in output:
        name, colon, value = line.partition(":")
        if colon:
            told[name.strip()] = value.strip()
        if "Contraseña" in told:
            return told
    raise AssertionError(f"it ended before it told its password: {told}")


def signs_in(address: str, user: str, password: str) -> bool:
    """Whether the sign-in page takes them, and the pages then open."""
    cookies = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(cookies))
    page = browser.open(f"{address}/ingresar/", timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    form = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], "username": user, "password": password})
    request = urllib.request.Request(
        f"{address}/ingresar/", data=form.encode(), headers={"Referer": f"{address}/ingresar/"}
    )
    try:
        answer = browser.open(request, timeout=20)
    except urllib.error.HTTPError:
        return False
    inside = urllib.parse.urlparse(answer.url).path != "/ingresar/"
    return bool(inside and "csrfmiddlewaretoken" in answer.read().decode())
