"""What the benchmarks share: a database of their own, a responder, real processes, and their CPU."""

from __future__ import annotations

import atexit
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil

COMPANY_CUIT = "30000000007"
FILE_BYTES = 30_000


def django(keep: Path | None = None) -> None:
    """A temporary installation, migrated; call it before anything else of ours is imported. `keep`: a data folder that
    stays, for what takes minutes to make."""
    import tests.environment  # noqa: F401  (points ACUSE_DATA_DIR to a temporary folder)
    from acuse.config import database, embedded

    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        os.environ["ACUSE_DATA_DIR"] = str(keep.resolve())
        atexit.register(embedded.release, keep.resolve())
    os.environ["DJANGO_SETTINGS_MODULE"] = "acuse.config.settings"
    database.ensure()
    import django as framework

    framework.setup()
    from acuse.workers.preparing import prepare

    prepare()


@contextmanager
def process(
    *arguments: str, ready: bool = False, **environment: str
) -> Iterator[tuple[psutil.Process, dict[str, Any]]]:
    """One of our processes; `ready`: it prints a JSON line when it is."""
    child = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE if ready else subprocess.DEVNULL,
        stderr=None if os.environ.get("ACUSE_BENCH_LOG") else subprocess.DEVNULL,
    )
    try:
        said = json.loads(child.stdout.readline()) if ready and child.stdout else {}
        yield psutil.Process(child.pid), said
    finally:
        child.terminate()
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def cpu_of(found: psutil.Process) -> float:
    """Seconds of the process and its children until now."""
    total = 0.0
    for one in [found, *found.children(recursive=True)]:
        times = one.cpu_times()
        total += times.user + times.system
    return total


def rss_of(found: psutil.Process) -> int:
    return max(one.memory_info().rss for one in [found, *found.children(recursive=True)])


def postgres_cpu() -> float:
    """Seconds of every backend of our server until now (those that ended are counted by their parent)."""
    total = 0.0
    for one in _postgres():
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _postgres() -> list[psutil.Process]:
    """Ours, and nobody else's of this machine."""
    from django.db import connection

    connection.ensure_connection()
    main = psutil.Process(connection.connection.info.backend_pid).parent()
    return [main, *main.children()] if main is not None else []


def stats(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(f"{url}/stats", timeout=10) as answer:
        loaded: dict[str, Any] = json.load(answer)
        return loaded


def make_office(phone_number_id: str) -> Any:
    """A company with a lane whose throughput is not the limit."""
    from tests.data.cast import make_company, make_party, make_whatsapp

    company, _ = make_company(COMPANY_CUIT, "Banco de pruebas SA", "ana@banco.example")
    lane = make_whatsapp(company, phone_number_id=phone_number_id, throughput=1_000_000)
    return company, make_party(company), lane


def fill_queue(company: Any, party: Any, lane: Any, count: int, *, uploaded: bool) -> None:
    """`count` deliveries of as many vouchers, a file each; `uploaded`: one file for all, whose media is known."""
    from acuse.deliveries.models import Delivery, MediaUpload
    from acuse.deliveries.policies.freezing import account_key_of
    from acuse.kernel import clock
    from acuse.kernel.ids import new_id
    from tests.data.cast import make_file

    vouchers = make_vouchers([party] * count, make_file())
    dice = random.Random(7)
    now, rows, media = clock.now(), [], []
    key = account_key_of(lane)
    for number, voucher in enumerate(vouchers):
        if not uploaded or number == 0:
            stored = make_file(b"%PDF-1.4\n%" + dice.randbytes(FILE_BYTES))
        rows.append(
            Delivery(
                id=new_id(), company=company, voucher=voucher, version=1, kind=voucher.kind, channel="whatsapp",
                lane=lane,
                account_key=key, template_key=f"{key}/comprobantes/es_AR", to=f"+5493{412000000 + number}",
                priority=2, origin="manual", requested_by="bench", due_at=now,
                content={"template": {"name": "comprobantes", "language": "es_AR",
                                      "parameters": [{"text": "Factura A 00003-00000042"}]}},
                file=stored, file_name="Factura A 00003-00000042.pdf", created_at=now, updated_at=now,
            )
        )  # fmt: skip
    if uploaded:
        media = [MediaUpload(lane=lane, sha256=stored.sha256, media_id="1", uploaded_at=now)]
    MediaUpload.objects.bulk_create(media)
    Delivery.objects.bulk_create(rows, batch_size=2000)
    _analyze()


def make_vouchers(parties: Sequence[Any], stored: Any) -> list[Any]:
    """An authorised invoice of each party, with its file."""
    from acuse.vouchers.models import Voucher

    return Voucher.objects.bulk_create(
        [
            Voucher(
                company=party.company, party=party, kind="sales_invoice", title=f"Factura A 00003-{number:08}",
                arca_type=1, letter="A", point_of_sale=3, number=number, issued_on=date(2026, 11, 20),
                total=Decimal(100), electronic=True, cae="70417054367476", authorization="approved", file=stored,
            )
            for number, party in enumerate(parties, start=1)
        ],
        batch_size=2000,
    )  # fmt: skip


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        # statistics as they are at the worst moment: all queued
        cursor.execute("analyze deliveries_delivery")


def clear() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "truncate deliveries_delivery, deliveries_deliveryevent, deliveries_mediaupload, vouchers_voucher, "
            "vouchers_voucherversion, hooks_rawhook, procrastinate_jobs, deliveries_inboundmessage cascade"
        )


def wait_until_sent(count: int, seconds: float) -> tuple[int, float]:
    """How many left the queue, and the seconds from the first claim to the last settlement."""
    from acuse.deliveries.models import Delivery

    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(0.2)
        if not Delivery.objects.filter(state__in=["queued", "sending"]).exists():
            break
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*), extract(epoch from max(sent_at) - min(claimed_at)) "
            "from deliveries_delivery where sent_at is not null"
        )
        done, taken = cursor.fetchone()
    return int(done), float(taken or 0)


def wait_for_port(port: int, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"nobody listens on {port}")
