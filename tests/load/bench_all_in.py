"""All in: deliveries with uploads, while three signed receipts a delivery come back, one a POST, and are applied."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from tests.load import stage
from tests.postgres import free_port

LATENCY_MS = 200
PHONE_NUMBER_ID = "106540352242922"
#: Seconds for the last receipts to be posted and applied.
TAIL = 120.0


def measure(count: int = 8_000) -> dict[str, Any]:
    from acuse.channels.models import WhatsAppApp

    company, party, lane = stage.make_office(PHONE_NUMBER_ID)
    app = WhatsAppApp.objects.get(company=company)
    port = free_port()
    callback = f"http://127.0.0.1:{port}/hooks/whatsapp/{app.key}/"
    stage.clear()
    stage.fill_queue(company, party, lane, count, uploaded=False)
    responder = ["--port", "0", "--latency-ms", str(LATENCY_MS), "--receipts", callback, "--app-secret",
                 app.app_secret.reveal()]  # fmt: skip
    with (
        stage.process("acuse_simulator.responder", *responder, ready=True) as (theirs, said),
        stage.process("acuse.config.cli", "web", ACUSE_BIND=f"127.0.0.1:{port}") as (web, _),
    ):
        stage.wait_for_port(port)
        before = {"responder": stage.cpu_of(theirs), "web": stage.cpu_of(web), "postgres": stage.postgres_cpu()}
        with stage.process("acuse.config.cli", "worker", ACUSE_GRAPH_URL=said["url"]) as (worker, _):
            done, taken = stage.wait_until_sent(count, 300)
            applied_with_the_last = _applied()
            _wait_for_receipts(count)
            return {
                "deliveries": done,
                "per_second": round(done / taken),
                "receipts_applied_meanwhile": applied_with_the_last,
                "receipts_applied": _applied(),
                "worker_us": round(stage.cpu_of(worker) / done * 1e6),
                "web_us": round((stage.cpu_of(web) - before["web"]) / done * 1e6),
                "responder_us": round((stage.cpu_of(theirs) - before["responder"]) / done * 1e6),
                "postgres_us": round((stage.postgres_cpu() - before["postgres"]) / done * 1e6),
                "worker_rss_mb": round(stage.rss_of(worker) / 1e6),
                "web_rss_mb": round(stage.rss_of(web) / 1e6),
            }


def _applied() -> int:
    from acuse.deliveries.models import DeliveryEvent

    return DeliveryEvent.objects.filter(dedupe_key__startswith="receipt:").count()


def _wait_for_receipts(count: int) -> None:
    from acuse.deliveries.models import Delivery

    until = time.monotonic() + TAIL
    while Delivery.objects.filter(state="read").count() < count:
        if time.monotonic() > until:
            raise RuntimeError("the receipts were not applied in time")
        time.sleep(0.2)


if __name__ == "__main__":
    stage.django()
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 8_000), indent=2))
