"""`acuse whatsapp …`: from an empty company to a voucher on the phone, without a browser."""

from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from acuse.workers.management.commands.whatsapp import STEPS
from tests.acceptance.installation import (
    APP_ID,
    PHONE_NUMBER_ID,
    WABA_ID,
    Installation,
    installation,
    wait_for,
)

PHONE = "+5493415550190"


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    """A company with nothing, and a Meta account without a number; web and worker run."""
    with installation(numbers=[], templates=[], review_seconds=0.2, hooks={"first_wait": 0.1}) as made:
        bind = f"127.0.0.1:{_port()}"
        made.environment |= {"ACUSE_BIND": bind, "ACUSE_BASE_URL": f"http://{bind}"}
        made.hold_database()
        done = made.acuse(
            "setup", "--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example",
            "--area-code", "341",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        made.spawn("acuse.config.cli", "serve")
        assert wait_for(lambda: _answers(f"http://{bind}/ingresar/")), made.log()
        yield made


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _do(place: Installation, *step: str, expect: int = 0, **environment: str) -> dict[str, Any]:
    done = place.quick("whatsapp", *step, **environment)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == expect, done.stdout + done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _refused(place: Installation, *step: str, **environment: str) -> dict[str, Any]:
    told: dict[str, Any] = _do(place, *step, expect=1, **environment)["error"]
    assert told["text"]
    return told


def test_from_nothing_to_a_voucher_on_the_phone(place: Installation) -> None:
    assert _do(place, "status")["done"] is False
    assert _refused(place, "numbers")["field"] == "token"

    keys = ("credentials", "--app-id", APP_ID, "--app-secret-env", "SECRET", "--token-env", "TOKEN")
    assert _do(place, *keys, SECRET="otro")["good"] is False
    report = _do(place, *keys)
    assert report["good"], report
    assert _do(place, "account", WABA_ID)["account"]["id"] == WABA_ID
    started = time.monotonic()
    place.control("fault", {"kind": "html_500", "where": "phone_numbers"})
    told = _refused(place, "numbers")
    assert told["passing"] is True
    assert time.monotonic() - started < 20
    assert _do(place, "numbers") == {"numbers": []}

    number = _do(place, "add-number", "0341 15 555-9000", "--name", "Prueba SA")["id"]
    _do(place, "code", number, "--method", "SMS")
    assert _refused(place, "verify", number, "000000")["field"] == "code"
    code = next(n["code"] for n in place.control("state")["numbers"] if n["id"] == number)
    _do(place, "verify", number, code)
    assert _do(place, "number", number)["default"] is True
    pin = _do(place, "register", number)["pin"]
    assert len(pin) == 6
    _do(place, "profile", number, "--about", "Comprobantes de Prueba SA")

    connected = _do(place, "webhook", "--connect")
    hook = connected["webhook"]
    assert connected["round_trip"]["challenged"]
    assert (hook["app_ok"], hook["account_ok"], hook["missing_fields"]) == (True, True, [])
    assert _do(place, "template", "--footer", "Prueba SA")["status"] == "PENDING"
    assert wait_for(lambda: _do(place, "templates")["templates"][0]["status"] == "APPROVED")
    assert _do(place, "health")["account"]["health"]["can_send"] == "AVAILABLE"

    sent = _do(place, "trial", PHONE, "--wait", "30")
    assert sent["delivery"]["state"] in ("sent", "delivered", "read")
    assert wait_for(lambda: bool(_do(place, "status")["done"])), _do(place, "status")
    assert len(place.accepted(PHONE)) == 1
    assert pin not in json.dumps(place.sql("select detail, target from companies_auditentry"), default=str)


def test_bad_usage_says_what_to_write(place: Installation) -> None:
    done = place.quick("whatsapp")
    assert done.returncode == 2
    assert _refused(place, "register", "no-es-un-id")["field"] == "phone_number_id"
    assert _refused(place, "register", "1", "--pin-env", "NO_ESTA")["field"] == "pin_env"


@pytest.fixture(scope="module")
def connected() -> Iterator[Installation]:
    """A company whose number is connected by `acuse setup`; nothing runs beside it."""
    with installation(review_seconds=0.2, hooks={"first_wait": 0.1}) as made:
        made.hold_database()
        done = made.acuse(
            "setup", "--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example",
            "--area-code", "341", "--whatsapp-token-env", "TOKEN", "--phone-number-id", PHONE_NUMBER_ID,
            "--waba-id", WABA_ID, "--app-id", APP_ID, "--app-secret-env", "SECRET",
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        yield made


def test_numbers_are_cared_for_without_the_pages(connected: Installation) -> None:
    other = connected.control("numbers", {"display": "+54 9 341 555-9001"})["id"]
    assert _refused(connected, "sandbox", other, "off")["field"] == "phone_number_id"
    assert _do(connected, "number", other)["default"] is False
    assert _refused(connected, "move-queue", PHONE_NUMBER_ID)["field"] == "phone_number_id"
    assert _do(connected, "number", other, "--default")["default"] is True
    assert _do(connected, "move-queue", PHONE_NUMBER_ID) == {"moved": 0}
    assert _do(connected, "sandbox", other, "without_9") == {"sandbox": "without_9"}
    shown = {row["id"]: row for row in _do(connected, "numbers")["numbers"]}
    assert (shown[other]["default"], shown[other]["sandbox"]) == (True, "without_9")
    assert (shown[PHONE_NUMBER_ID]["default"], shown[PHONE_NUMBER_ID]["sandbox"]) == (False, "off")
    pin = _do(connected, "new-pin", other)["pin"]
    assert next(n["pin"] for n in connected.control("state")["numbers"] if n["id"] == other) == pin
    picture = connected.folder / "logo.png"
    Image.new("RGB", (30, 20), "red").save(picture)
    assert _do(connected, "profile", other, "--picture", str(picture))["profile"]["picture_url"]
    assert (
        _refused(connected, "profile", other, "--picture", str(connected.folder / "no-esta.png"))["field"] == "picture"
    )


def test_templates_are_cared_for_without_the_pages(connected: Installation) -> None:
    assert _refused(connected, "use-template", "nada")["field"] == "name"
    sample = connected.folder / "ejemplo.pdf"
    sample.write_bytes(b"%PDF-1.7\n%%EOF\n")
    made = _do(connected, "template", "--name", "otra", "--sample", str(sample), "--wait", "30")
    assert made["status"] == "APPROVED"
    used = _do(connected, "use-template", "otra", "--kind", "receipt", "--parameter", "{{comprobante}}")
    assert used["changed"] == ["receipt"]
    rows = {row["name"]: row for row in _do(connected, "templates")["templates"]}
    assert rows["otra"]["kinds"] == ["receipt"]
    assert "receipt" not in rows["comprobantes"]["kinds"]
    told = _refused(connected, "use-template", "otra", "--parameter", "{{cliente}}", "--parameter", "{{total}}")
    assert "una variable" in told["text"]

    connected.control("event", {"event": "template_paused", "template": "otra"})
    assert _refused(connected, "unpause", "comprobantes")["text"]
    assert _do(connected, "unpause", "otra")["status"] == "APPROVED"
    connected.control("event", {"event": "template_category_changed", "template": "otra"})
    assert _refused(connected, "accept-cost", "otra")["field"] == "name"
    checks = _do(connected, "sync")["checks"]
    assert any(check["id"] == "acuse.whatsapp.cost" and check["grade"] == "error" for check in checks)
    notices = _do(connected, "status")["notices"]
    assert any("marketing" in notice["text"] and notice["next_step"] for notice in notices)
    assert _refused(connected, "attend", str(notices[0]["id"]))["text"].endswith("cuando se arregla.")
    assert _do(connected, "accept-cost", "otra")["accepted"] is True
    assert _do(connected, "status")["notices"] == []


def test_a_review_that_ends_badly_or_not_at_all_is_told_by_the_exit_code(connected: Installation) -> None:
    connected.control("settings", {"reject": "INVALID_FORMAT"})
    told = _do(connected, "template", "--name", "mala", "--wait", "30", expect=1)
    assert (told["status"], told["rejected_reason"]) == ("REJECTED", "INVALID_FORMAT")
    connected.control("settings", {"reject": None, "review_seconds": None})
    assert _do(connected, "template", "--name", "lenta", "--wait", "0.1", expect=3)["status"] == "PENDING"
    connected.control("settings", {"review_seconds": 0.2})


def test_every_step_has_its_help_and_its_line_in_the_manual() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations" / "whatsapp-comandos.md").read_text(encoding="utf-8")
    for step in STEPS:
        assert f"`{step.name}" in manual, step.name
        parser = ArgumentParser(prog="acuse")
        step.add(parser)
        for action in parser._actions:
            assert action.help or action.metavar, (step.name, action.dest)
