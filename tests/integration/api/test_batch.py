from __future__ import annotations

from typing import Any

import pytest

from acuse.api import arriving
from acuse.intake import services as intake
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.integration.api.conftest import Api, key_of, posted


def _items(count: int) -> list[dict[str, Any]]:
    return [posted(external_id=f"FV-{n}", number=n, pdf_base64=None) for n in range(1, count + 1)]


def test_each_item_has_its_outcome_and_a_bad_one_harms_no_neighbour(api: Api) -> None:
    items: list[Any] = _items(3)
    items[1]["total"] = 5
    items += ["nada", None, posted(external_id="FV-1", number=1, pdf_base64=None), {"external_id": 7}]
    answer = api.post("/vouchers/batch", items)
    outcomes = answer.body["outcomes"]
    assert answer.status == 200
    assert [outcome["status"] for outcome in outcomes] == [201, 422, 201, 422, 422, 200, 422]
    assert [outcome["external_id"] for outcome in outcomes] == ["FV-1", "FV-2", "FV-3", None, None, "FV-1", None]
    assert outcomes[0]["voucher"]["id"] == outcomes[5]["voucher"]["id"]
    assert outcomes[1]["problem"]["errors"][0]["field"] == "total"
    assert [outcome["voucher"] is None for outcome in outcomes] == [
        s == 422 for s in (201, 422, 201, 422, 422, 200, 422)
    ]
    assert Voucher.objects.count() == 2


def test_an_item_that_breaks_is_500_in_its_outcome_only(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    real = intake.accept

    def fragile(company: Any, arrival: Any, bringer: Any) -> Any:
        if arrival.voucher.number == 2:
            raise RuntimeError("secreto interno")
        return real(company, arrival, bringer)

    monkeypatch.setattr(arriving, "accept", fragile)
    answer = api.post("/vouchers/batch", _items(3))
    assert [outcome["status"] for outcome in answer.body["outcomes"]] == [201, 500, 201]
    assert "secreto" not in str(answer.body)


def test_an_item_without_permission_is_403_in_its_outcome(api: Api, office: Cast) -> None:
    quotes = Api(api.client, key_of(office.company, ("quote", "create")))
    items = [posted(), posted(external_id="P-1", kind="quote", arca_type=None, cae=None)]
    outcomes = quotes.post("/vouchers/batch", items).body["outcomes"]
    assert [outcome["status"] for outcome in outcomes] == [403, 201]


def test_it_takes_500_and_not_one_more(api: Api) -> None:
    assert api.post("/vouchers/batch", [{}] * 501).status == 422
    answer = api.post("/vouchers/batch", [{}] * 500)
    assert (answer.status, len(answer.body["outcomes"])) == (200, 500)


@pytest.mark.parametrize("body", [{}, {"items": []}, "x", 1])
def test_anything_but_a_list_is_422(api: Api, body: Any) -> None:
    assert api.post("/vouchers/batch", body).status == 422


def test_an_empty_list_has_no_outcomes(api: Api) -> None:
    assert api.post("/vouchers/batch", []).body == {"outcomes": []}
