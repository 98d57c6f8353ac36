"""What the tests of batches share."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import connection

from acuse.deliveries.batches import services as batches
from acuse.deliveries.batches import work as batch_work
from acuse.deliveries.models import Batch, Delivery
from acuse.deliveries.statements import statement
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher

ANA = "user:ana@oeste.example"


def made_vouchers(cast: Cast, count: int, *, first: int = 100) -> list[Voucher]:
    made = []
    for number in range(first, first + count):
        party = make_party(cast.company, name=f"Cliente {number}")
        make_contact(party, mobile=f"+549341555{number:04}")
        made.append(make_voucher(cast.company, party, number=number))
    return made


def open_batch(cast: Cast, **options: Any) -> Batch:
    every = Voucher.objects.order_by("-issued_on", "-id")
    return batches.open_batch(
        company=cast.company, kind=VoucherKind.SALES_INVOICE, vouchers=every, actor=ANA, **options
    )  # fmt: skip


def ready_batch(cast: Cast) -> Batch:
    batch = open_batch(cast)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    return batch


def running_batch(cast: Cast, *, again: bool = False) -> Batch:
    batch = ready_batch(cast)
    assert batches.confirm(batch=batch, again=again, actor=ANA)
    batch_work.work(batch.pk)
    batch.refresh_from_db()
    return batch


def claimed(cast: Cast, limit: int = 1000) -> list[Any]:
    now = clock.now() + timedelta(minutes=1)
    lane_id = Delivery.objects.values_list("lane_id", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute(
            statement("claim"),
            {"lane": lane_id, "now": now, "limit": limit, "held_templates": [], "only_template": None, "only": None,
             "media_since": now},
        )  # fmt: skip
        return list(cursor.fetchall())
