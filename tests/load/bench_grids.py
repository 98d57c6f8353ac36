"""Every list page at 1,000,000 vouchers, 3,000,000 deliveries and 1,000,000 entries of the audit, through the views.

    python -m tests.load.bench_grids [--keep FOLDER] [--times N] [--only TEXT] [--vouchers N] [--each]

The first run fills `--keep`, in minutes; later ones find it as it was left. Wall time is what the floor speaks of;
CPU time (ours and that of PostgreSQL's backend) is what a busy machine leaves alone; the ratio is to the same page of a
company that began yesterday, in the same database and the same minute: what size costs.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.load import million, stage

TIMES = 9
#: Compile templates and read cold pages; then the garbage of the one before is gone too.
_WARM = 2
#: Seconds for all the pages: beyond, something is wrong that the figures wouldn't tell.
_ENOUGH = 600
_SMALL_CUIT = "30111111118"
#: Who administers each; and, in the large one, who sees purchases and no sales.
_ANA, _BETO, _VERA = "ana@oeste.example", "beto@este.example", "vera@oeste.example"


@dataclass(slots=True)
class Timed:
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    #: PostgreSQL's part of `cpu`.
    postgres: list[float] = field(default_factory=list)

    def told(self) -> dict[str, int]:
        return {
            "p50_ms": round(statistics.median(self.wall)),
            "p95_ms": round(_p95(self.wall)),
            "cpu_ms": round(statistics.median(self.cpu)),
            "postgres_ms": round(statistics.median(self.postgres)),
        }


def measure(vouchers: int, times: int, only: str = "") -> dict[str, Any]:
    big, small = _companies(vouchers)
    begun = time.monotonic()
    found = {name: _timed(big.client, url, times, begun) for name, url in big.every() if only in name}
    found |= {name: _timed(big.of_some_kinds, url, times, begun) for name, url in big.of_a_role() if only in name}
    told = {name: one.told() for name, one in found.items()}
    worst = max(told, key=lambda name: told[name]["p95_ms"])
    return {
        "pages": told,
        "worst": worst,
        "worst_p95_ms": told[worst]["p95_ms"],
        "over_150": sum(one["p95_ms"] > 150 for one in told.values()),
        "p95_ms": round(_p95([taken for one in found.values() for taken in one.wall])),
        "cpu_p95_ms": round(_p95([taken for one in found.values() for taken in one.cpu])),
        **_against(small, found, times, begun),
        "seconds": round(time.monotonic() - begun),
    }


def _against(small: Any, found: dict[str, Timed], times: int, begun: float) -> dict[str, Any]:
    """How much dearer each order's pages are than the same of a small company, by CPU."""
    shared = {name: url for name, url in small.orders() if name in found}
    if not shared:
        return {}
    there = {name: statistics.median(_timed(small.client, url, times, begun).cpu) for name, url in shared.items()}
    ratios = {name: statistics.median(found[name].cpu) / cpu for name, cpu in there.items()}
    worst = max(ratios, key=lambda name: ratios[name])
    return {
        "ratio": round(statistics.median(ratios.values()), 2),
        "worst_ratio": round(ratios[worst], 2),
        "worst_ratio_of": worst,
    }


def _timed(client: Any, url: str, times: int, begun: float) -> Timed:
    if time.monotonic() - begun > _ENOUGH:
        raise RuntimeError(f"the pages take more than {_ENOUGH} s")
    found = Timed()
    for place in range(times + _WARM):
        wall, ours, theirs = time.perf_counter(), time.process_time(), _postgres_cpu()
        response = client.get(url)
        taken = time.perf_counter() - wall
        if response.status_code != 200:
            raise RuntimeError(f"{url}: {response.status_code}")
        if place >= _WARM:
            theirs = _postgres_cpu() - theirs
            found.wall.append(taken * 1000)
            found.cpu.append((time.process_time() - ours + theirs) * 1000)
            found.postgres.append(theirs * 1000)
    return found


def _postgres_cpu() -> float:
    """Seconds of our connection's backend until now. Of a parallel query's workers it knows nothing."""
    from django.db import connection

    connection.ensure_connection()
    return int(Path(f"/proc/{connection.connection.info.backend_pid}/schedstat").read_text().split()[0]) / 1e9


def _p95(times: Iterable[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1]


def _companies(vouchers: int) -> Iterator[Any]:
    from django.conf import settings
    from django.db import transaction

    from acuse.companies.models import Company

    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    settings.ALLOWED_HOSTS = ["testserver"]
    if not Company.objects.exists():
        begun = time.monotonic()
        # whole or not at all
        with transaction.atomic():
            _found_small()
            _found_big(vouchers)
        sys.stderr.write(f"filled in {time.monotonic() - begun:.0f} s\n")
        million.settle()
    return (_pages(cuit, email) for cuit, email in ((stage.COMPANY_CUIT, _ANA), (_SMALL_CUIT, _BETO)))


def _pages(cuit: str, email: str) -> Any:
    from acuse.companies.models import Company, Role, User
    from acuse.companies.services import add_member
    from tests.load.grid_pages import Pages

    company = Company.objects.get(cuit=cuit)
    if not User.objects.filter(email=_VERA).exists():
        add_member(company=company, email=_VERA, role=Role.objects.get(company=company, name="Compras"), actor="bench")
    user = User.objects.get(email=email)
    return Pages(_signed_in(user), _signed_in(User.objects.get(email=_VERA)), user, company)


def _signed_in(user: Any) -> Any:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _found_small() -> None:
    """200 invoices, each sent, to twenty customers."""
    from acuse.companies import audit
    from acuse.deliveries import services
    from acuse.deliveries.services import Asker
    from acuse.deliveries.states import Origin
    from tests.data.cast import make_company, make_contact, make_party, make_voucher, make_whatsapp

    company, _ = make_company(_SMALL_CUIT, "Ferretería Este SA", _BETO)
    make_whatsapp(company)
    customers = [make_party(company, name=f"Cliente {n}", tax_id=f"3000000{n:04}") for n in range(120)]
    for place, customer in enumerate(customers):
        make_contact(customer, mobile=f"+549341555{place:04}")
    vouchers = [make_voucher(company, customers[n % 120], number=n + 1) for n in range(200)]
    services.request_for(vouchers, Asker("user:beto@este.example", Origin.MANUAL))
    for n in range(60):
        audit.record(company=company, actor="system", event="sign_in.done", target=str(n))


def _found_big(vouchers: int) -> None:
    from acuse.channels.models import Lane
    from acuse.deliveries.models import Batch
    from acuse.kernel import clock
    from tests.data.cast import make_company, make_file

    company, user = make_company(stage.COMPANY_CUIT, "Ferretería Oeste SA", _ANA)
    lane = Lane.objects.create(company=company, channel="whatsapp", name="WhatsApp")
    mailbox = Lane.objects.create(company=company, channel="email", name="Correo")
    now = clock.now()
    batch = Batch.objects.create(
        company=company, kind="sales_invoice", state=Batch.State.DONE, total=vouchers // 10, confirmed_at=now,
        requested_by=f"user:{user.email}", created_at=now, ended_at=now, sent_count=0, unsent_count=0,
    )  # fmt: skip
    office = million.Office(company.pk, lane.pk, mailbox.pk, make_file().pk, batch.pk)
    million.fill(office, vouchers=vouchers)
    million.count_days(company)


def main() -> None:
    given = argparse.ArgumentParser()
    given.add_argument("--keep", type=Path)
    given.add_argument("--times", type=int, default=TIMES)
    given.add_argument("--only", default="")
    given.add_argument("--vouchers", type=int, default=million.VOUCHERS)
    given.add_argument("--each", action="store_true", help="a line a page, the dearest first")
    asked = given.parse_args()
    stage.django(asked.keep)
    from acuse.config import garbage

    # as the web process
    garbage.settle()
    found = measure(asked.vouchers, asked.times, asked.only)
    if asked.each:
        for name, one in sorted(found.pop("pages").items(), key=lambda pair: -pair[1]["cpu_ms"]):
            print("".join(f"{one[f'{key}_ms']:6} {key}" for key in ("cpu", "postgres", "p50", "p95")), "", name)
    print(json.dumps(found, indent=None if asked.each else 2))


if __name__ == "__main__":
    main()
