"""Workers that are quick to be born: Django is imported once, each worker is a fork of it. For the crash tests.

Each line on the standard input asks for one more worker; its pid is answered. `fill N` makes N deliveries first;
`states` answers their states. `batch N` opens a batch of N vouchers, `confirm`, `pause`, `resume` and `cancel` are what
a person would press, `batch?` answers its state. The workers are what `acuse worker` runs.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import sys
from typing import Any, NoReturn


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "acuse.config.settings")
    from acuse.config import database, logs

    logs.configure()
    database.ensure()
    import django

    django.setup()
    from django.db import connection

    from acuse.workers.worker import work  # noqa: F401  (imported before the forks)

    born: list[int] = []
    # whoever ends the nursery knows nothing of them
    atexit.register(_end, born)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    for line in sys.stdin:
        words = line.split()
        if words[0] == "fill":
            answer: Any = _fill(int(words[1]))
        elif words[0] == "states":
            answer = _states()
        elif words[0] == "batch":
            answer = _open_batch(int(words[1]))
        elif words[0] == "batch?":
            answer = _batch()
        elif words[0] in ("confirm", "pause", "resume", "cancel"):
            answer = _press(words[0])
        else:
            answer = _worker()
            born.append(answer["pid"])
        connection.close()
        print(json.dumps(answer), flush=True)


def _end(born: list[int]) -> None:
    for pid in born:
        # one that was taken leave of is no child any more, and its number may be another's
        with contextlib.suppress(ChildProcessError):
            if os.waitpid(pid, os.WNOHANG) == (0, 0):
                os.kill(pid, signal.SIGKILL)


def _worker() -> dict[str, int]:
    from django.db import connection

    connection.close_pool()  # type: ignore[attr-defined]
    pid = os.fork()
    if pid == 0:
        _be_a_worker()
    return {"pid": pid}


def _be_a_worker() -> NoReturn:
    import uvloop

    from acuse.workers.worker import work

    try:
        uvloop.run(work())
    finally:
        os._exit(0)


def _fill(count: int) -> dict[str, int]:
    from acuse.deliveries import services
    from acuse.deliveries.services import Asker
    from acuse.deliveries.states import Origin, Priority

    _, asked = services.request_for(_vouchers(count), Asker("test", Origin.MANUAL, Priority.BULK))
    return {"created": len(asked.created)}


def _vouchers(count: int) -> list[Any]:
    from acuse.companies.models import Company
    from tests.data.cast import make_contact, make_party, make_voucher

    company = Company.objects.get()
    vouchers = []
    for number in range(count):
        party = make_party(company, name=f"Cliente {number}")
        make_contact(party, mobile=f"+549341{5102000 + number}")
        vouchers.append(make_voucher(company, party, number=number + 1, content=b"%PDF-1.4 " + str(number).encode()))
    return vouchers


def _open_batch(count: int) -> dict[str, int]:
    from acuse.companies.models import Company
    from acuse.deliveries.batches import services as batches
    from acuse.vouchers.kinds import VoucherKind
    from acuse.vouchers.models import Voucher

    _vouchers(count)
    every = Voucher.objects.order_by("number")
    batch = batches.open_batch(
        company=Company.objects.get(), kind=VoucherKind.SALES_INVOICE, vouchers=every, actor="test"
    )
    return {"total": batch.total}


def _press(button: str) -> dict[str, bool]:
    from acuse.deliveries.batches import services as batches
    from acuse.deliveries.models import Batch

    batch = Batch.objects.get()
    if button == "confirm":
        return {"done": batches.confirm(batch=batch, again=False, actor="test")}
    press = {"pause": batches.pause, "resume": batches.resume, "cancel": batches.cancel}[button]
    return {"done": press(batch=batch, actor="test")}


def _batch() -> dict[str, Any]:
    from acuse.deliveries.batches.progress import progress_of
    from acuse.deliveries.models import Batch

    batch = Batch.objects.get()
    progress = progress_of(batch)
    return {
        "state": batch.state, "to_ask": progress.to_ask, "open": progress.open, "held": progress.held,
        "deliveries": progress.deliveries, "ended": batch.ended_at is not None,
    }  # fmt: skip


def _states() -> dict[str, str]:
    from acuse.deliveries.models import Delivery

    # a dead worker's zombie is taken leave of here
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                break
        except ChildProcessError:
            break
    return {str(pk): state for pk, state in Delivery.objects.values_list("pk", "state")}


if __name__ == "__main__":
    main()
