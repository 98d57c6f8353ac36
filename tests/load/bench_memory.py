"""Ten PDFs of 100 MB through one worker: bytes in flight are bounded, whatever the queue's length."""

from __future__ import annotations

import json
import os
import threading
import time
from typing import Any

from tests.load import stage

PHONE_NUMBER_ID = "106540352242922"
FILES = 10
FILE_MB = 100


def measure() -> dict[str, Any]:
    from acuse.deliveries.models import Delivery
    from acuse.deliveries.policies.freezing import account_key_of
    from acuse.kernel import clock
    from acuse.kernel.ids import new_id
    from acuse.vouchers import files
    from tests.data.cast import make_voucher

    company, party, lane = stage.make_office(PHONE_NUMBER_ID)
    voucher, now, key = make_voucher(company, party), clock.now(), account_key_of(lane)
    block = os.urandom(1024 * 1024)
    for number in range(FILES):
        head = b"%PDF-1.4\n%" + str(number).encode()
        pieces = [head, *[block] * (FILE_MB - 1)]
        stored = files.keep(*files.stage(pieces))
        Delivery.objects.create(
            id=new_id(), company=company, voucher=voucher, version=1, channel="whatsapp", lane=lane, account_key=key,
            template_key=f"{key}/comprobantes/es_AR", to=f"+5493{412000000 + number}", origin="manual",
            requested_by="bench", due_at=now, file=stored, file_name="Grande.pdf", created_at=now, updated_at=now,
            content={"template": {"name": "comprobantes", "language": "es_AR", "parameters": [{"text": "x"}]}},
        )  # fmt: skip
    responder = ("acuse_simulator.responder", "--port", "0", "--latency-ms", "200")
    with stage.process(*responder, ready=True) as (_, said):
        return _send(said["url"])


def _send(url: str) -> dict[str, Any]:
    most, over = [0], threading.Event()
    with stage.process("acuse.config.cli", "worker", ACUSE_GRAPH_URL=url) as (worker, _):

        def watch() -> None:
            while not over.wait(0.02):
                most[0] = max(most[0], stage.rss_of(worker))

        watcher = threading.Thread(target=watch)
        watcher.start()
        begun = time.monotonic()
        done, _taken = stage.wait_until_sent(FILES, 240)
        over.set()
        watcher.join()
    if done != FILES:
        raise RuntimeError(f"only {done} of {FILES} were sent")
    return {"files": done, "worker_rss_mb": round(most[0] / 1e6), "seconds": round(time.monotonic() - begun, 1)}


if __name__ == "__main__":
    stage.django()
    print(json.dumps(measure(), indent=2))
