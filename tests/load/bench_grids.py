"""Every grid page at 1,000,000 vouchers and 3,000,000 deliveries, through the real views: ms on the server."""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from typing import Any

from tests.load import million, stage

TIMES = 15
GRID = "/comprobantes/sales_invoice/"
_SORTS = ("issued_on", "number", "party", "total", "state")
_FILTERS: dict[str, str] = {
    "this month": "period=this_month",
    "last month": "period=last_month",
    "a year": "since=2025-01-01&until=2025-12-31",
    "number": "number=3-4242",
    "number alone": "number=150000",
    "party": "party=00000000-0000-0000-0000-00000000002a",
    "class, large": "customer_class={class_0}",
    "class, small": "customer_class={class_4}",
    **{f"state {state}": f"state={state}" for state in
       ("none", "queued", "sent", "delivered", "read", "failed", "uncertain", "cancelled")},
    **{f"CAE {choice}": f"cae={choice}" for choice in ("with", "no_cae", "refused", "expiring", "expired")},
    **{f"ready {choice}": f"ready={choice}" for choice in ("ready", "no_pdf", "no_contact")},
    "not voided": "voided=no",
    "voided": "voided=only",
    "search a number": "q=4242",
    "search 3-4242": "q=3-4242",
    "search a CUIT": "q=30-00000042-7",
    "search the first digits": "q=3000000",
    "search a common word": "q=sa",
    "search a name": "q=libreria+nandu",
    "search one name": "q=libreria+nandu+2522",
    "search a word of titles": "q=nota+credito",
    "search what is not there": "q=xilofonos",
    "search a name and a number": "q=almacen+4242",
    "failed last month": "state=failed&period=last_month",
    "read, of a class": "state=read&customer_class={class_4}",
    "sent, CAE missing": "state=sent&cae=no_cae",
    "voided, by party": "voided=only&sort=party",
    "a month, by total": "period=last_month&sort=-total",
    "failed, by total": "state=failed&sort=-total",
    "failed, by party": "state=failed&sort=party",
    "search a name, by total": "q=libreria+nandu&sort=-total",
    "CAE missing, oldest first": "cae=no_cae&sort=issued_on",
    "class, small, by total": "customer_class={class_4}&sort=-total",
    "no contact, oldest first": "ready=no_contact&sort=issued_on",
}  # fmt: skip


def measure(vouchers: int = million.VOUCHERS) -> dict[str, Any]:
    client = _office(vouchers)
    from acuse.directory.models import CustomerClass

    classes = list(CustomerClass.objects.order_by("pk").values_list("pk", flat=True))
    names = {f"class_{place}": pk for place, pk in enumerate(classes)}
    found: dict[str, Any] = {}
    for sort in _SORTS:
        for order in (sort, f"-{sort}"):
            found[f"by {order}"] = _timed(client, f"{GRID}?sort={order}")
            found[f"by {order}, second page"] = _timed(client, _link(client, f"{GRID}?sort={order}", "next"))
            found[f"by {order}, last page"] = _timed(client, f"{GRID}?sort={order}&page=last")
            found[f"by {order}, in the middle"] = _timed(client, _middle(order, vouchers))
    for name, query in _FILTERS.items():
        found[name] = _timed(client, f"{GRID}?{query.format(**names)}")
    worst = max(found, key=lambda name: float(found[name]["p95_ms"]))
    return {
        "pages": found,
        "worst": worst,
        "worst_p95_ms": found[worst]["p95_ms"],
        "p95_ms": round(statistics.quantiles([t for one in found.values() for t in one.pop("times")], n=20)[-1]),
    }


def _office(vouchers: int) -> Any:
    from django.conf import settings
    from django.test import Client

    from acuse.channels.models import Lane
    from acuse.companies.models import User
    from acuse.vouchers.models import Voucher
    from tests.data.cast import make_company, make_file

    backend = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": backend}}
    settings.ALLOWED_HOSTS = ["testserver"]
    if Voucher.objects.exists():
        user = User.objects.get()
    else:
        company, user = make_company(stage.COMPANY_CUIT, "Ferretería Oeste SA", "ana@oeste.example")
        lane = Lane.objects.create(company=company, channel="whatsapp", name="WhatsApp")
        mailbox = Lane.objects.create(company=company, channel="email", name="Correo")
        million.fill(company, lane, mailbox, make_file(), vouchers=vouchers)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _timed(client: Any, url: str) -> dict[str, Any]:
    times = []
    for _ in range(TIMES + 2):
        begun = time.perf_counter()
        response = client.get(url)
        times.append((time.perf_counter() - begun) * 1000)
        if response.status_code != 200:
            raise RuntimeError(f"{url}: {response.status_code}")
    # the first ones compile templates and read cold pages
    warm = times[2:]
    return {"p50_ms": round(statistics.median(warm)), "p95_ms": round(_p95(warm)), "times": warm}


def _p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _link(client: Any, url: str, rel: str) -> str:
    page = client.get(url).content.decode()
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    if found is None:
        raise RuntimeError(f"{url} has no {rel} page")
    return found[1].replace("&amp;", "&")


def _middle(order: str, vouchers: int) -> str:
    """The page after the row in the middle of the company's vouchers."""
    from acuse.vouchers.kinds import VoucherKind
    from acuse.vouchers.models import Voucher
    from acuse.web.grids.keyset import in_order, page_of
    from acuse.web.vouchers.tables import grid_of

    by_state = order.endswith("state")
    grid = grid_of(VoucherKind.SALES_INVOICE, by_state=by_state)
    by = grid.order(order)
    last = in_order(Voucher.objects.filter(kind=VoucherKind.SALES_INVOICE), by.turned)[:1].get()
    # with the last row as its only follower, the row's page of one leads to what comes after it
    pair = Voucher.objects.filter(pk__in=[f"{vouchers // 2:032x}", last.pk])
    return f"{GRID}?sort={order}&page={page_of(pair, by, '', 1).next}"


if __name__ == "__main__":
    stage.django()
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else million.VOUCHERS), indent=2))
