"""What a person or an ERP waits for: saved → accepted, asking for 10,000, and a lane whose runner is killed."""

from __future__ import annotations

import json
import os
import signal
import statistics
import time
from datetime import date
from decimal import Decimal
from typing import Any

from tests.load import stage

LATENCY_MS = 200
PHONE_NUMBER_ID = "106540352242922"


def measure() -> dict[str, Any]:
    company, party, lane = stage.make_office(PHONE_NUMBER_ID)
    found: dict[str, Any] = {"request_10000": _request_many(company)}
    with stage.process("acuse_simulator.responder", "--port", "0", "--latency-ms", str(LATENCY_MS), ready=True) as (
        _,
        said,
    ):
        found["saved_to_accepted"] = _saved_to_accepted(company, said["url"])
        found["failover"] = _failover(company, party, lane, said["url"])
    return found


def _request_many(company: Any, count: int = 10_000) -> dict[str, float]:
    from acuse.deliveries import services
    from acuse.deliveries.services import Asker
    from acuse.deliveries.states import Origin, Priority
    from acuse.directory.models import Contact, Party
    from acuse.vouchers.models import Voucher
    from tests.data.cast import make_file

    stage.clear()
    stored = make_file()
    parties = Party.objects.bulk_create(
        [Party(company=company, kind="customer", name=f"Cliente {n}") for n in range(count)]
    )
    Contact.objects.bulk_create(
        [Contact(company=company, party=p, mobile=f"+5493{412000000 + n}") for n, p in enumerate(parties)]
    )
    vouchers = stage.make_vouchers(parties, stored)
    chosen = list(Voucher.objects.filter(pk__in=[v.pk for v in vouchers]).select_related("party", "company", "file"))
    begun = time.perf_counter()
    _, asked = services.request_for(chosen, Asker("bench", Origin.MANUAL, Priority.BULK))
    taken = time.perf_counter() - begun
    if len(asked.created) != count:
        raise RuntimeError(f"{len(asked.created)} of {count} were asked")
    return {"seconds": round(taken, 2)}


def _saved_to_accepted(company: Any, url: str, times: int = 40) -> dict[str, float]:
    from acuse.channels.contract import Channel
    from acuse.deliveries.states import Origin
    from acuse.directory.services import ContactData, PartyData
    from acuse.intake.services import EVERY_PARTY, Arrival, Bringer, Deliver, accept, take_pdf
    from acuse.vouchers.kinds import VoucherKind
    from acuse.vouchers.services import VoucherData
    from tests.data.pdfs import invoice_pdf, valid_qr_text

    stage.clear()
    waits = []
    with stage.process("acuse.config.cli", "worker", ACUSE_GRAPH_URL=url):
        time.sleep(4)
        for number in range(times):
            taken = take_pdf([invoice_pdf(qr_text=valid_qr_text(number=number + 1), kind="vector")])
            arrival = Arrival(
                voucher=VoucherData(
                    kind=VoucherKind.QUOTE, issued_on=date(2026, 11, 20), currency="PES", total=Decimal('1234567.10'),
                    number=number + 1,
                ),
                party=PartyData(kind="customer", name="Cliente", external_id=f"c{number}"),
                contacts=(ContactData(mobile=f"341 15 {5200000 + number}"),),
                pdf=taken,
                deliver=Deliver.NOW,
            )  # fmt: skip
            accept(company, arrival, Bringer("bench", Origin.API, "bench", EVERY_PARTY))
            saved = time.time()
            row = _accepted(number + 1)
            waits.append((row.sent_at.timestamp() - saved) * 1000 - 2 * LATENCY_MS)
            if row.channel != Channel.WHATSAPP:
                raise RuntimeError("it went by another channel")
    return {
        "p50_ms": round(statistics.median(waits)),
        "p95_ms": round(statistics.quantiles(waits, n=20)[-1]),
    }


def _accepted(number: int) -> Any:
    from acuse.deliveries.models import Delivery

    while True:
        row = Delivery.objects.filter(sent_at__isnull=False, voucher__number=number).first()
        if row is not None:
            return row
        time.sleep(0.02)


def _failover(company: Any, party: Any, lane: Any, url: str, times: int = 5) -> dict[str, float]:
    from acuse.deliveries.models import Delivery

    gaps = []
    for _ in range(times):
        stage.clear()
        lane.throughput = 200
        lane.save()
        stage.fill_queue(company, party, lane, 3000, uploaded=True)
        with (
            stage.process("acuse.config.cli", "worker", ACUSE_GRAPH_URL=url) as (first, _),
            stage.process("acuse.config.cli", "worker", ACUSE_GRAPH_URL=url) as (second, _),
        ):
            while not Delivery.objects.filter(state="sent").exists():
                time.sleep(0.05)
            time.sleep(1.5)
            runner = max((first, second), key=stage.cpu_of)
            os.kill(runner.pid, signal.SIGKILL)
            killed = time.time()
            # what was in flight is uncertain; the next claim is the other worker's
            while not Delivery.objects.filter(claimed_at__gt=_moment(killed + 0.05)).exists():
                time.sleep(0.02)
            gaps.append(time.time() - killed)
    lane.throughput = 1_000_000
    lane.save()
    return {"mean_seconds": round(statistics.mean(gaps), 2), "max_seconds": round(max(gaps), 2)}


def _moment(seconds: float) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC)


if __name__ == "__main__":
    stage.django()
    print(json.dumps(measure(), indent=2))
