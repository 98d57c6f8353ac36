from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from acuse.api import paging
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks
from tests.integration.api.conftest import Api, posted


def _walk(api: Api, path: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        body = api.get(path + cursor).body
        found += [item["id"] for item in body["items"]]
        if body["next"] is None:
            return found
        cursor = f"&cursor={body['next']}"


def _many(office: Cast, count: int) -> list[str]:
    """Newest first, two a day."""
    party = make_party(office.company, external_id="C-1", tax_id="30111111118")
    make_contact(party)
    made = [
        make_voucher(office.company, party, number=n, issued_on=date(2026, 11, n // 2 + 1)) for n in range(1, count + 1)
    ]
    return [str(voucher.pk) for voucher in reversed(made)]


def test_pages_follow_one_another_without_gaps_or_repeats(api: Api, office: Cast) -> None:
    ids = _many(office, 7)
    first = api.get("/vouchers?limit=3").body
    assert ([item["id"] for item in first["items"]], first["count"]) == (ids[:3], 7)
    assert _walk(api, "/vouchers?limit=3") == ids
    assert _walk(api, "/vouchers?limit=7") == ids


def test_what_is_registered_meanwhile_moves_nothing(api: Api, office: Cast) -> None:
    ids = _many(office, 4)
    first = api.get("/vouchers?limit=2").body
    api.registered(external_id="NUEVA", number=99)
    second = api.get(f"/vouchers?limit=2&cursor={first['next']}").body
    assert [item["id"] for item in second["items"]] == ids[2:]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=sales_invoice", 2), ("kind=quote", 1), ("kind=quote&kind=sales_invoice", 3), ("kind=receipt", 0),
        ("external_id=FV-42", 1), ("external_id=fv-42", 0), ("party_external_id=C-7", 1),
        ("party_tax_id=20-11111111-2", 1), ("party_tax_id=30111111118", 2), ("party_tax_id=30-11111111-1", 0),
        ("issued_from=2026-11-20", 2), ("issued_to=2026-11-19", 1), ("issued_from=2026-11-19&issued_to=2026-11-20", 3),
        ("state=voided", 1), ("state=active", 2), ("external_id=", 0),
    ],
)  # fmt: skip
def test_the_filters_filter(api: Api, query: str, found: int) -> None:
    api.registered()
    quote = api.registered(external_id="P-1", kind="quote", arca_type=None, cae=None, issued_on="2026-11-19")
    api.post(f"/vouchers/{quote['id']}/void")
    other = {"kind": "customer", "name": "Otro", "tax_id": "20-11111111-2", "external_id": "C-7"}
    api.registered(external_id="FV-43", number=43, party=other)
    body = api.get(f"/vouchers?{query}").body
    assert (len(body["items"]), body["count"]) == (found, found)


@pytest.mark.parametrize("path", ["/vouchers", "/deliveries"])
@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("cursor=x", "cursor"),
        ("cursor=", "cursor"),
        ("count=all", "count"), ("state=lost", "state"), ("kinds=quote", "kinds"), ("cursor=%00", "cursor"),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_422_by_its_name(api: Api, path: str, query: str, field: str) -> None:
    answer = api.get(f"{path}?{query}")
    assert answer.status == 422
    assert answer.body["errors"][0]["field"].split("[")[0] == field


@pytest.mark.parametrize("query", ["external_id=%00", "issued_from=2026-13-01", "kind=x", "party_tax_id=%00"])
def test_a_bad_filter_is_422(api: Api, query: str) -> None:
    assert api.get(f"/vouchers?{query}").status == 422


def test_a_cursor_of_the_other_list_is_422(api: Api, office: Cast) -> None:
    _many(office, 2)
    cursor = api.get("/vouchers?limit=1").body["next"]
    assert api.get(f"/deliveries?cursor={cursor}").status == 422
    assert api.get(f"/vouchers?cursor={cursor}x").status == 422


def test_the_count_is_null_beyond_the_limit_unless_asked_exact(
    api: Api, office: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    _many(office, 3)
    monkeypatch.setattr(paging, "COUNTED", 3)
    assert api.get("/vouchers?limit=1").body["count"] == 3
    monkeypatch.setattr(paging, "COUNTED", 2)
    assert api.get("/vouchers?limit=1").body["count"] is None
    assert api.get("/vouchers?limit=1&count=exact").body["count"] == 3


def test_deliveries_are_listed_by_state_and_voucher(api: Api) -> None:
    one = api.registered(deliver="now")
    two = api.registered(deliver="now", external_id="FV-43", number=43)
    Delivery.objects.filter(voucher_id=two["id"]).update(state=State.READ)
    ids = [two["deliveries"][0]["id"], one["deliveries"][0]["id"]]
    assert [d["id"] for d in api.get("/deliveries").body["items"]] == ids
    assert _walk(api, "/deliveries?limit=1") == ids
    assert api.get("/deliveries?state=read").body["count"] == 1
    assert api.get("/deliveries?state=read&state=queued").body["count"] == 2
    assert api.get("/deliveries?state=failed").body == {"items": [], "next": None, "count": 0}
    assert [d["id"] for d in api.get(f"/deliveries?voucher={one['id']}").body["items"]] == ids[1:]
    assert api.get("/deliveries?voucher=x").body["count"] == 0


def test_the_queries_of_a_list_do_not_grow_with_it(api: Api) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert api.get(path).status == 200
        return len(seen)

    def add(start: int, count: int) -> None:
        for number in range(start, start + count):
            body: dict[str, Any] = posted(external_id=f"FV-{number}", number=number, deliver="now")
            del body["party"]["tax_id"]
            assert api.post("/vouchers", body).status == 201

    add(1, 2)
    api.get("/vouchers")
    few = [queries(path) for path in ("/vouchers", "/deliveries")]
    add(3, 6)
    assert [queries(path) for path in ("/vouchers", "/deliveries")] == few
    assert few[0] <= 14
    assert few[1] <= 5


@wherever_it_breaks
def test_one_that_cant_be_worked_out_is_told_among_the_others(
    api: Api, office: Cast, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    ids = _many(office, 3)
    break_it(monkeypatch, spot, {UUID(ids[1])})
    items = api.get("/vouchers").body["items"]
    assert [item["id"] for item in items] == ids
    assert [[reason["code"] for reason in item["reasons"]][:1] == ["fault"] for item in items] == [False, True, False]
