"""What the triggers of ADR 0013 and ADR 0019 must say, told the long way."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.db import connection
from django.db.models import F

from acuse.companies.folding import Fold
from acuse.deliveries.figures.reach import NEVER_ASKED, REACHES, Reach
from acuse.deliveries.models import Delivery
from acuse.directory.models import Contact, OptOut
from acuse.directory.optout import addresses_of
from acuse.vouchers.models import Voucher


def assert_nothing_drifted() -> None:
    told = {row["voucher_id"]: row for row in Reach.objects.values()}
    expected = {pk: _reach(pk, row) for pk, row in _vouchers().items()}
    assert told == expected
    wrong = Voucher.objects.alias(name=Fold("party__name")).exclude(party_name=F("name"))
    assert list(wrong.values_list("title", "party_name", "party__name")) == []
    assert {pk: told for pk, told, _ in _out()} == {pk: expected for pk, _, expected in _out()}
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from deliveries_touched")
        assert cursor.fetchone() == (0,), "a note outlived its transaction"


def _out() -> list[tuple[Any, Any, Any]]:
    """Each contact: since when it is out, and since when the first of its addresses is."""
    asked = defaultdict(list)
    for row in OptOut.objects.filter(lifted_at=None):
        asked[row.company_id, row.address].append(row.asked_at)
    found = []
    for one in Contact.objects.all():
        moments = [at for address in addresses_of(one) for at in asked[one.company_id, address]]
        found.append((one.pk, one.suppressed_at, min(moments, default=None)))
    return found


def _vouchers() -> dict[Any, dict[str, Any]]:
    rows = Voucher.objects.values("id", "company_id", "kind", "issued_on", "version")
    return {row["id"]: dict(row) for row in rows}


def _reach(pk: Any, voucher: dict[str, Any]) -> dict[str, Any]:
    last = Delivery.objects.filter(voucher=pk, version=voucher["version"], resends=None)
    ranks = [REACHES[state] for state in last.values_list("state", flat=True)]
    copied = {name: voucher[name] for name in ("company_id", "kind", "issued_on")}
    return {"voucher_id": pk, **copied, "rank": max(ranks, default=NEVER_ASKED)}
