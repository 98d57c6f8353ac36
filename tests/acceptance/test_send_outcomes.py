"""What `acuse send` answers to what the platform does, and who does the work."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.acceptance.installation import TOKEN, Installation, installation, wait_for
from tests.data.pdfs import invoice_pdf, valid_qr_text


@pytest.fixture(autouse=True)
def works_again(office: Installation) -> Iterator[None]:
    """What a test suspended is no matter of the next."""
    yield
    office.sql("update deliveries_suspension set ended_at = now() where ended_at is null")
    office.sql("update deliveries_delivery set state = 'cancelled' where state in ('queued', 'sending')")
    office.control("reset", {})


_numbers = iter(range(3000, 4000))


def invoice(office: Installation) -> str:
    return office.file(invoice_pdf(qr_text=valid_qr_text(number=next(_numbers))))


def outcome(office: Installation, ending: str, *more: str) -> tuple[int, dict[str, Any]]:
    code, [line] = office.send(invoice(office), "--to", f"341 15 555-{ending}", *more)
    delivery: dict[str, Any] = line["delivery"]
    return code, delivery


@pytest.mark.parametrize(
    ("ending", "state", "cause"),
    [
        ("0001", "failed", "whatsapp.131026"),
        ("0029", "failed", "whatsapp.999999"),
        ("0030", "failed", "whatsapp.131030"),
    ],
)
def test_what_is_rejected_failed(office: Installation, ending: str, state: str, cause: str) -> None:
    code, delivery = outcome(office, ending)
    assert (code, delivery["state"], delivery["reason"]["code"]) == (1, state, cause)
    assert delivery["attempts"] == 1
    assert delivery["provider_id"] is None


def test_a_failed_one_exits_1_when_it_is_repeated_too(office: Installation) -> None:
    file = invoice(office)
    first, again = (office.send(file, "--to", "341 15 555-0001") for _ in range(2))
    assert (first[0], again[0]) == (1, 1)
    assert again[1][0]["repeated"] is True
    assert again[1][0]["delivery"]["id"] == first[1][0]["delivery"]["id"]


@pytest.mark.parametrize(("ending", "accepted"), [("0006", 1), ("0007", 0), ("0008", 0), ("0009", 0), ("0010", 1)])
def test_an_answer_that_never_came_leaves_it_uncertain(office: Installation, ending: str, accepted: int) -> None:
    file = invoice(office)
    for repeated in (False, True):
        code, [line] = office.send(file, "--to", f"341 15 555-{ending}")
        assert (code, line["delivery"]["state"], line["repeated"]) == (3, "uncertain", repeated)
        assert line["delivery"]["reason"]["code"].startswith("network.")
    assert len(office.accepted(f"549341555{ending}")) == accepted


def test_a_slow_answer_is_waited_for(office: Installation) -> None:
    code, delivery = outcome(office, "0004")
    assert (code, delivery["state"]) == (0, "sent")


def test_an_attempt_under_way_is_never_abandoned(office: Installation) -> None:
    began = time.monotonic()
    code, delivery = outcome(office, "0004", "--wait", "0.2")
    assert (code, delivery["state"]) == (0, "sent")
    assert time.monotonic() - began > 0.9


def test_a_limit_that_passes_is_waited_out(office: Installation) -> None:
    code, delivery = outcome(office, "0034", "--wait", "30")
    assert (code, delivery["state"], delivery["attempts"]) == (0, "sent", 2)
    assert delivery["reason"] is None


def test_a_limit_that_outlasts_the_wait_leaves_it_queued(office: Installation) -> None:
    code, delivery = outcome(office, "0003", "--wait", "1")
    assert (code, delivery["state"], delivery["reason"]["code"]) == (3, "queued", "whatsapp.130429")


@pytest.mark.parametrize(
    ("ending", "cause"),
    [
        ("0018", "whatsapp.190"),
        ("0019", "whatsapp.131042"),
        ("0021", "whatsapp.368"),
        ("0017", "whatsapp.132015"),
        ("0011", "http.302"),
    ],
)
def test_what_a_person_must_mend_is_told_at_once(office: Installation, ending: str, cause: str) -> None:
    began = time.monotonic()
    code, delivery = outcome(office, ending)
    assert (code, delivery["state"], delivery["reason"]["code"]) == (3, "queued", cause)
    # nothing would change within the 30 seconds that it may wait
    assert time.monotonic() - began < 25


def test_a_revoked_token_suspends_and_every_delivery_says_why(office: Installation) -> None:
    office.control("tokens", {"token": TOKEN, "valid": False})
    code, first = outcome(office, "3100")
    assert (code, first["state"], first["reason"]["code"]) == (3, "queued", "whatsapp.190")
    code, second = outcome(office, "3101")
    assert (code, second["state"], second["attempts"]) == (3, "queued", 0)
    assert second["reason"]["code"] == "whatsapp.190"
    done = office.quick("send", invoice(office), "--to", "341 15 555-3102")
    assert "token" in done.stdout
    office.control("tokens", {"token": TOKEN, "valid": True})
    assert office.quick(*SETUP, "--whatsapp-token-env", "TOKEN").returncode == 0
    code, third = outcome(office, "3103")
    assert (code, third["state"]) == (0, "sent")


SETUP = ("setup", "--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example")


def test_without_waiting_it_is_queued_and_a_later_call_sends_it(office: Installation) -> None:
    file = invoice(office)
    code, [line] = office.send(file, "--to", "341 15 555-3110", "--wait", "0")
    assert (code, line["delivery"]["state"], line["repeated"]) == (3, "queued", False)
    assert office.accepted("5493415553110") == []
    code, [line] = office.send(file, "--to", "341 15 555-3110")
    assert (code, line["delivery"]["state"], line["repeated"]) == (0, "sent", True)
    assert len(office.accepted("5493415553110")) == 1


def test_it_sends_its_own_delivery_and_leaves_the_others(office: Installation) -> None:
    outcome(office, "3120", "--wait", "0")
    code, _ = outcome(office, "3121")
    assert code == 0
    assert office.accepted("5493415553120") == []


def at_once(office: Installation, *commands: tuple[str, ...]) -> list[subprocess.CompletedProcess[str]]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda command: office.acuse(*command), commands))


@pytest.mark.parametrize("numbered", [True, False])
def test_the_same_file_by_several_processes_at_once_arrives_once(office: Installation, numbered: bool) -> None:
    file = invoice(office) if numbered else office.file(invoice_pdf(qr_text=None, title=f"P{next(_numbers)}"))
    to = "341 15 555-3130" if numbered else "341 15 555-3131"
    command = ("send", file, "--to", to, "--kind", "sales_invoice" if numbered else "quote", "--json")
    answers = at_once(office, *[command] * 4)
    lines = [json.loads(done.stdout) for done in answers]
    assert [done.returncode for done in answers] == [0] * 4
    assert len({line["delivery"]["id"] for line in lines}) == 1
    assert sorted(line["repeated"] for line in lines) == [False, True, True, True]
    assert len(office.accepted("549" + to.replace(" 15 ", "").replace("-", ""))) == 1


def test_different_files_by_several_processes_at_once_all_arrive(office: Installation) -> None:
    commands = [("send", invoice(office), "--to", f"341 15 555-314{n}", "--json") for n in range(4)]
    assert [done.returncode for done in at_once(office, *commands)] == [0] * 4
    assert [len(office.accepted(f"549341555314{n}")) for n in range(4)] == [1] * 4


def test_a_worker_does_it_where_one_runs() -> None:
    """At one message a second, the worker holds the lane all the while; the one by hand comes before the rest."""
    with installation() as place:
        place.hold_database()
        place.setup("--throughput", "1")
        files = [invoice(place) for _ in range(8)]
        code, lines = place.send(*files, "--to", "341 15 555-3150", "--wait", "0")
        assert (code, len(lines)) == (3, 8)
        place.sql("update deliveries_delivery set priority = 2")
        worker = place.spawn("acuse.config.cli", "worker")
        assert wait_for(lambda: len(place.accepted("5493415553150")) >= 1), place.log()
        code, [line] = place.send(invoice(place), "--to", "341 15 555-3151")
        assert (code, line["delivery"]["state"]) == (0, "sent")
        assert len(place.accepted("5493415553151")) == 1
        assert len(place.accepted("5493415553150")) < 8
        assert wait_for(lambda: len(place.accepted("5493415553150")) == 8), place.log()
        place.stop(worker)
        states = place.sql("select distinct state from deliveries_delivery")
        assert [row["state"] for row in states] == ["sent"]


def test_the_token_leaks_nowhere(office: Installation) -> None:
    answers = [
        office.quick("send", invoice(office), "--to", f"341 15 555-{ending}", "--wait", "2")
        for ending in ("3160", "0018", "0011", "0006")
    ]
    office.sql("checkpoint")
    written = [text.encode() for done in answers for text in (done.stdout, done.stderr)]
    named = ("simulator.json", "output", "errors")
    written += [p.read_bytes() for p in office.folder.rglob("*") if p.is_file() and p.name not in named]
    assert len(written) > 100
    assert not any(TOKEN.encode() in text for text in written)
