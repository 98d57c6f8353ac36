"""Webhooks of one status each: how many a second are durably stored by one process, and how many statuses applied.

python -m tests.load.bench_hooks
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from typing import Any

from tests.load import stage
from tests.postgres import free_port

PHONE_NUMBER_ID = "106540352242922"
SECRET = "secreto-de-prueba"
CONNECTIONS = 64
WARM_UP = 2_000
REQUESTS = 40_000
DELIVERIES = 5_000
WORDS = ("sent", "delivered", "read")


def measure() -> dict[str, Any]:
    """Needs `stage.django()`."""
    company, party, lane = stage.make_office(PHONE_NUMBER_ID)
    return {"stored": _stored(), "applied": _applied(company, party, lane)}


def _stored() -> dict[str, Any]:
    from acuse.channels.models import WhatsAppApp
    from acuse.hooks.models import RawHook

    stage.clear()
    port, app = free_port(), WhatsAppApp.objects.get()
    url = f"http://127.0.0.1:{port}/hooks/whatsapp/{app.key}/"
    with stage.process("acuse.config.cli", "web", ACUSE_BIND=f"127.0.0.1:{port}") as (server, _):
        _wait_for(url)
        _post(url, WARM_UP)
        cpu, postgres = stage.cpu_of(server), stage.postgres_cpu()
        found = _post(url, REQUESTS)
        found["server_us"] = round((stage.cpu_of(server) - cpu) / REQUESTS * 1e6)
        found["postgres_us"] = round((stage.postgres_cpu() - postgres) / REQUESTS * 1e6)
        found["rss_mb"] = round(stage.rss_of(server) / 1e6)
    if (kept := RawHook.objects.count()) != WARM_UP + REQUESTS:
        raise RuntimeError(f"{kept} stored, of {WARM_UP + REQUESTS} answered with 200")
    return found


def _post(url: str, count: int) -> dict[str, Any]:
    client = [sys.executable, "-m", "tests.load.webhook_client"]
    arguments = [url, SECRET, PHONE_NUMBER_ID, str(count), str(CONNECTIONS)]
    said = subprocess.run([*client, *arguments], check=True, capture_output=True, text=True, timeout=120)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def _wait_for(url: str) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(url, timeout=5)
        except urllib.error.HTTPError:
            return  # it refuses us: it is there
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _applied(company: Any, party: Any, lane: Any) -> dict[str, Any]:
    """Three statuses a delivery, each in a webhook of its own, sorted by time as they would come."""
    from acuse.deliveries.models import Delivery
    from acuse.hooks.processing import apply_batch

    stage.clear()
    stage.fill_queue(company, party, lane, DELIVERIES, uploaded=True)
    Delivery.objects.update(state="sent", attempt=1)
    _receive([(str(pk), word) for word in WORDS for pk in Delivery.objects.values_list("pk", flat=True)])
    count = DELIVERIES * len(WORDS)
    postgres, cpu, begun = stage.postgres_cpu(), time.process_time(), time.perf_counter()
    while apply_batch():
        pass
    taken = time.perf_counter() - begun
    found = {
        "a_second": round(count / taken),
        "us": round((time.process_time() - cpu) / count * 1e6),
        "postgres_us": round((stage.postgres_cpu() - postgres) / count * 1e6),
    }
    if (read := Delivery.objects.filter(state="read").count()) != DELIVERIES:
        raise RuntimeError(f"{read} of {DELIVERIES} are read")
    return found


def _receive(told: Sequence[tuple[str, str]]) -> None:
    from acuse.channels.models import WhatsAppApp
    from acuse.hooks.models import RawHook
    from acuse.kernel import clock
    from tests.integration.hooks.bodies import body, change, status

    app, now = WhatsAppApp.objects.get(), clock.now()
    pricing = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"}
    rows = [
        RawHook(
            app=app,
            received_at=now,
            body=body(change(statuses=[status(word, delivery=pk, wamid=f"wamid.{pk}", pricing=pricing)])),
        )
        for pk, word in told
    ]
    RawHook.objects.bulk_create(rows, batch_size=2000)


if __name__ == "__main__":
    stage.django()
    print(json.dumps(measure(), indent=2))
