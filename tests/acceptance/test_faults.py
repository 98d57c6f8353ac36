"""What breaks around a running worker: the token, a template, the database. And its life beside the pages."""

from __future__ import annotations

import json
import os
import signal
import socket
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psutil
import psycopg
import pytest

from acuse.config.embedded import layout, server
from acuse_simulator.config import DEFAULT_TEMPLATE
from tests.acceptance.installation import PHONE_NUMBER_ID, WABA_ID, Installation, installation, wait_for
from tests.acceptance.test_crashes import Nursery, accepted
from tests.data.pdfs import invoice_pdf, valid_qr_text

SETUP = ("setup", "--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "ana@prueba.example")
OTHER = ("setup", "--company", "Otra SRL", "--cuit", "20-11111111-2", "--admin", "eva@otra.example")
TEMPLATE_OF_QUOTES = {**DEFAULT_TEMPLATE, "name": "presupuestos"}
_numbers = iter(range(6000, 7000))


def states(place: Installation) -> Counter[str]:
    try:
        rows = place.sql("select state, count(*) as many from deliveries_delivery group by state")
    except psycopg.OperationalError:
        # it is down, or its lock is being taken over
        return Counter()
    return Counter({row["state"]: row["many"] for row in rows})


def by_delivery(place: Installation) -> dict[str, str]:
    return {str(row["id"]): row["state"] for row in place.sql("select id, state from deliveries_delivery")}


def filled(place: Installation, count: int) -> None:
    nursery = Nursery(place.spawn("tests.acceptance.nursery", piped=True))
    assert nursery.ask(f"fill {count}")["created"] == count


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_token_revoked_in_the_middle_suspends_and_goes_on_with_the_new_one() -> None:
    with installation() as place:
        place.hold_database()
        place.setup("--throughput", "60")
        filled(place, 300)
        place.spawn("acuse.config.cli", "worker")
        assert wait_for(lambda: sum(accepted(place).values()) > 40, 60), place.log()
        place.control("tokens", {"valid": False})
        open_ones = "select * from deliveries_suspension where ended_at is null"
        assert wait_for(lambda: bool(place.sql(open_ones)), 30), states(place)
        assert wait_for(lambda: set(states(place)) == {"queued", "sent"}, 30), states(place)
        [suspension] = place.sql(open_ones)
        assert suspension["cause_code"] == "whatsapp.190"
        stopped = states(place)
        assert stopped["queued"] > 0
        assert stopped["sent"] == sum(accepted(place).values())
        assert not wait_for(lambda: states(place) != stopped, 3)
        place.control("tokens", {"token": "token-nuevo", "valid": True})
        mended = place.quick(*SETUP, "--whatsapp-token-env", "NEW", NEW="token-nuevo")
        assert mended.returncode == 0, mended.stderr
        assert wait_for(lambda: states(place) == {"sent": 300}, 60), (states(place), place.log())
        assert set(accepted(place).values()) == {1}
        assert len(accepted(place)) == 300


def test_while_one_template_is_paused_only_its_deliveries_wait() -> None:
    with installation() as place:
        place.hold_database()
        place.setup()
        place.control("templates", TEMPLATE_OF_QUOTES)
        place.sql("update deliveries_deliverypolicy set template_name = 'presupuestos' where kind = 'quote'")
        place.control("templates", {"name": "presupuestos", "status": "PAUSED"})
        for number in range(6):
            of_quote = place.file(invoice_pdf(qr_text=None, title=f"P{number}"))
            assert place.send(of_quote, "--kind", "quote", "--to", f"341 15 555-60{number}9", "--wait", "0")[0] == 3
            assert place.send(invoice(place), "--to", f"341 15 555-61{number}9", "--wait", "0")[0] == 3
        place.spawn("acuse.config.cli", "worker")
        assert wait_for(lambda: states(place) == {"sent": 6, "queued": 6}, 60), (states(place), place.log())
        [suspension] = place.sql("select * from deliveries_suspension where ended_at is null")
        # who sees it first: a message that Meta refuses, or the worker's first reading of the templates
        assert suspension["scope"] == "template"
        assert suspension["cause_code"] in ("whatsapp.132015", "template.paused")
        waiting = place.sql("select distinct template_key from deliveries_delivery where state = 'queued'")
        assert [row["template_key"] for row in waiting] == [suspension["key"]]
        # what comes later goes through all the same
        assert place.send(invoice(place), "--to", "341 15 555-6209")[0] == 0
        place.control("templates", {"name": "presupuestos", "status": "APPROVED"})
        place.sql("update deliveries_suspension set probe_at = now() where ended_at is null")
        assert wait_for(lambda: states(place) == {"sent": 13}, 60), (states(place), place.log())
        assert set(accepted(place).values()) == {1}


@pytest.mark.crash
@pytest.mark.parametrize("ended", ["in order", "by force"])
def test_the_database_restarts_while_a_worker_sends(ended: str) -> None:
    with installation() as place:
        place.setup("--throughput", "100")
        filled(place, 500)
        worker = place.spawn("acuse.config.cli", "worker")
        assert wait_for(lambda: sum(accepted(place).values()) > 50, 60), place.log()
        of_test = layout.layout_of(place.data)
        before = server.postmaster(of_test)
        assert before is not None
        os.kill(before, signal.SIGINT if ended == "in order" else signal.SIGKILL)
        assert wait_for(lambda: server.postmaster(of_test) not in (None, before), 60), place.log()
        there = sum(accepted(place).values())
        assert there < 500
        assert wait_for(lambda: set(states(place)) in ({"sent"}, {"sent", "uncertain"}), 90), (
            states(place),
            place.log(),
        )
        assert worker.poll() is None
        counts, found = accepted(place), by_delivery(place)
        assert len(found) == 500
        for delivery, state in found.items():
            if state == "sent":
                assert counts[delivery] == 1, f"{delivery} is sent, and was received {counts[delivery]} times"
            else:
                assert counts[delivery] <= 1, f"{delivery} is uncertain, and was received {counts[delivery]} times"
        assert sum(counts.values()) > there + 100
        place.stop(worker)
        assert worker.returncode == 0


def invoice(place: Installation) -> str:
    return place.file(invoice_pdf(qr_text=valid_qr_text(number=next(_numbers))))


class Served:
    def __init__(self, place: Installation) -> None:
        self.place = place
        self.port = free_port()
        self.hook = place.setup()["webhook"]["path"]
        self.process = place.spawn("acuse.config.cli", "serve", ACUSE_BIND=f"127.0.0.1:{self.port}")

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url("/ingresar/"), timeout=5) as page:
                return bool(page.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def parts(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)

    def delivery(self, identity: str) -> dict[str, Any]:
        [row] = self.place.sql("select * from deliveries_delivery where id = %s", identity)
        return row

    def hooks(self, *states: str) -> int:
        [row] = self.place.sql("select count(*) as many from hooks_rawhook where state = any(%s)", list(states))
        return int(row["many"])


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with installation(delays={"sent": 0.1, "delivered": 0.3, "read": 0.5}) as place:
        place.hold_database()
        made = Served(place)
        assert wait_for(made.answers, 90), place.log()
        place.control("configure-webhook", {"url": made.url(made.hook)})
        yield made


def test_a_voucher_goes_and_its_receipts_come_back_until_it_is_read(served: Served) -> None:
    code, [line] = served.place.send(invoice(served.place), "--to", "341 15 555-6301")
    assert code == 0
    identity = line["delivery"]["id"]
    assert wait_for(lambda: served.delivery(identity)["state"] == "read", 30), served.place.log()
    told = served.delivery(identity)
    assert told["provider_id"] == line["delivery"]["provider_id"]
    assert len(served.place.accepted("5493415556301")) == 1


def test_a_receipt_by_another_app_changes_nothing(served: Served) -> None:
    place = served.place
    other = place.quick(
        *OTHER, "--whatsapp-token-env", "TOKEN", "--phone-number-id", "207650352242933", "--waba-id", "203390129340399",
        "--app-id", "735085799198168", "--app-secret-env", "OTHER", "--json", OTHER="secreto-de-otra",
    )  # fmt: skip
    assert other.returncode == 0, other.stderr
    path = json.loads(other.stdout)["webhook"]["path"]
    # 0026: accepted, and no receipt ever comes
    code, [line] = place.send(invoice(place), "--to", "341 15 555-0026")
    delivery = line["delivery"]
    assert (code, delivery["state"]) == (0, "sent")
    before = served.delivery(delivery["id"])
    for word in ("read", "failed"):
        done = served.hooks("done")
        forged = {"payload": receipt(delivery, word), "url": served.url(path), "app_secret": "secreto-de-otra"}
        assert place.control("webhook", forged)["status"] == 200
        assert wait_for(lambda done=done: served.hooks("done") > done, 20)  # type: ignore[misc]
    assert served.delivery(delivery["id"]) == before
    assert wait_for(lambda: served.hooks("new") == 0, 20)
    assert served.hooks("failed", "unreadable") == 0
    # the same words by its own app count
    own = {"payload": receipt(delivery, "read"), "url": served.url(served.hook)}
    assert place.control("webhook", own)["status"] == 200
    assert wait_for(lambda: served.delivery(delivery["id"])["state"] == "read", 20)


def receipt(delivery: dict[str, Any], word: str) -> dict[str, Any]:
    status: dict[str, Any] = {
        "id": delivery["provider_id"],
        "status": word,
        "timestamp": "4102444800",
        "recipient_id": "5493415550026",
        "biz_opaque_callback_data": delivery["id"],
    }
    if word == "failed":
        status["errors"] = [{"code": 131026, "title": "Message undeliverable", "message": "Message undeliverable"}]
    metadata = {"display_phone_number": "5493415559000", "phone_number_id": PHONE_NUMBER_ID}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "statuses": [status]}
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": WABA_ID, "changes": [{"field": "messages", "value": value}]}],
    }


def test_serve_ends_both_parts(served: Served) -> None:
    port = free_port()
    process = served.place.spawn("acuse.config.cli", "serve", ACUSE_BIND=f"127.0.0.1:{port}")
    assert wait_for(lambda: opens(port), 90), served.place.log()
    parts = psutil.Process(process.pid).children(recursive=True)
    commands = [" ".join(part.cmdline()[-1:]) for part in parts]
    assert {"web", "worker"} <= set(commands), commands
    process.terminate()
    assert process.wait(60) == 0
    _, alive = psutil.wait_procs(parts, timeout=2)
    assert alive == []
    assert not opens(port)


def opens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False
