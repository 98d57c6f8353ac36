from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from acuse.channels.models import WhatsAppAccount, WhatsAppTemplate
from acuse.companies.models import AuditEntry
from acuse.deliveries.figures import rates
from acuse.deliveries.figures.rates import Cost, Price, RateError
from acuse.deliveries.models import Delivery, Rate
from acuse.deliveries.states import State
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put

BILLED = {"type": "regular", "billable": True, "category": "utility", "pricing_model": "PMP"}
TODAY = date(2026, 11, 24)


def _rate(cast: Cast, price: str, since: date, **fields: Any) -> Rate:
    given = {"category": "utility", "market": "54", "currency": "USD", **fields}
    return rates.save_rate(
        company=cast.company, price=Decimal(price), valid_from=since, actor="user:ana@oeste.example", **given
    )  # fmt: skip


def test_the_rate_of_a_day_is_the_last_that_began(people: Cast) -> None:
    _rate(people, "0.03", date(2026, 7, 1))
    _rate(people, "0.026", date(2026, 10, 1))
    _rate(people, "0.05", date(2027, 1, 1))
    table = rates.table_of(people.company)
    for day, price in ((date(2026, 9, 30), "0.03"), (date(2026, 10, 1), "0.026"), (TODAY, "0.026")):
        assert table.price("utility", "5493", day) == Price(Decimal(price), "USD")
    assert table.price("utility", "5493", date(2026, 6, 30)) is None


def test_a_country_has_its_own_and_the_others_share_one(people: Cast) -> None:
    _rate(people, "0.026", date(2026, 1, 1))
    _rate(people, "0.08", date(2026, 1, 1), market="")
    _rate(people, "0.04", date(2026, 1, 1), market="598")
    table = rates.table_of(people.company)
    prices = {digits: table.price("utility", digits, TODAY) for digits in ("5493", "5989", "3461")}
    assert {digits: price and price.amount for digits, price in prices.items()} == {
        "5493": Decimal("0.026"), "5989": Decimal("0.04"), "3461": Decimal("0.08"),
    }  # fmt: skip
    assert table.price("marketing", "5493", TODAY) is None


def test_an_estimate_prices_each_country_and_leaves_the_mail_free(people: Cast) -> None:
    _rate(people, "0.026", date(2026, 1, 1))
    lines = rates.estimate(
        people.company, {"whatsapp:5493": 480, "whatsapp:5989": 2, "email": 20}, category="utility", on=TODAY
    )
    cost = rates.cost_of_estimate(lines)
    assert (dict(cost.amounts), cost.priced, cost.unpriced, cost.free) == ({"USD": Decimal("12.480")}, 480, 2, 20)


def test_another_companys_rates_are_its_own(people: Cast) -> None:
    _rate(people, "0.026", date(2026, 1, 1))
    assert not rates.table_of(people.other_company)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("price", {"price": Decimal("-0.01")}),
        ("price", {"price": Decimal("0.0000001")}),
        ("price", {"price": Decimal("NaN")}),
        ("price", {"price": Decimal(1_000_000)}),
        ("market", {"market": "AR"}),
        ("market", {"market": "54934"}),
        ("currency", {"currency": "ZZZ"}),
    ],
)
def test_what_is_no_rate_is_refused_by_its_field(people: Cast, field: str, given: dict[str, Any]) -> None:
    whole = {"category": "utility", "market": "54", "currency": "USD", "price": Decimal("0.02"), **given}
    with pytest.raises(RateError) as refused:
        rates.save_rate(company=people.company, valid_from=TODAY, actor="test", **whole)
    assert refused.value.field == field
    assert not Rate.objects.exists()


def test_two_prices_of_the_same_from_the_same_day_are_refused(people: Cast) -> None:
    _rate(people, "0.03", TODAY)
    with pytest.raises(RateError, match="Ya hay una tarifa de eso desde ese día"):
        _rate(people, "0.04", TODAY)
    _rate(people, "0.04", TODAY, market="598")
    assert Rate.objects.count() == 2


def test_every_change_is_in_the_audit(people: Cast) -> None:
    rate = _rate(people, "0.03", TODAY)
    rates.save_rate(
        company=people.company, rate=rate, category="utility", market="54", currency="ars", price=Decimal(38),
        valid_from=TODAY, actor="test",
    )  # fmt: skip
    rates.delete_rate(rate=Rate.objects.get(), actor="test")
    entries = AuditEntry.objects.filter(event__startswith="rate.").order_by("pk")
    assert list(entries.values_list("event", flat=True)) == ["rate.created", "rate.changed", "rate.deleted"]
    assert entries[1].detail["before"]["price"] == "0.03"
    assert entries[1].detail["currency"] == "ARS"


def _sent(cast: Cast, count: int, pricing: dict[str, Any] | None, *, first: int = 1, **fields: Any) -> None:
    party = make_party(cast.company, name=f"Cliente {first}")
    make_contact(party, mobile=f"+549341555{first:04}")
    for row in ask([make_voucher(cast.company, party, number=first + n) for n in range(count)]):
        put(row, State.SENT, sent_at=datetime(2026, 11, 24, tzinfo=UTC), pricing=pricing, **fields)


def test_what_was_sent_cost_what_meta_billed_at_the_rate_of_its_day(people: Cast) -> None:
    make_whatsapp(people.company)
    _rate(people, "0.03", date(2026, 1, 1))
    _rate(people, "0.026", date(2026, 10, 1))
    _sent(people, 2, BILLED, created_at=datetime(2026, 9, 30, 15, tzinfo=UTC))
    _sent(people, 3, BILLED, first=10)
    _sent(people, 1, {"type": "free_customer_service", "category": "service"}, first=20)
    _sent(people, 1, {**BILLED, "category": "marketing"}, first=30)
    _sent(people, 1, None, first=40)
    cost = rates.cost_of(Delivery.objects.all(), people.company)
    assert cost.amounts == {"USD": Decimal("0.03") * 2 + Decimal("0.026") * 3}
    assert (cost.priced, cost.free, cost.unpriced, cost.untold) == (5, 1, 1, 1)
    assert cost.messages == 8


def test_old_webhooks_say_it_by_billable_alone(people: Cast) -> None:
    make_whatsapp(people.company)
    _rate(people, "0.03", date(2026, 1, 1))
    _sent(people, 1, {"billable": False, "category": "utility"})
    _sent(people, 1, {"billable": True, "category": "utility"}, first=10)
    cost = rates.cost_of(Delivery.objects.all(), people.company)
    assert (cost.free, cost.priced) == (1, 1)


def test_a_mail_costs_nothing_and_what_did_not_leave_neither(people: Cast) -> None:
    make_mailbox(people.company, "smtp://127.0.0.1:2525")
    party = make_party(people.company)
    make_contact(party, mobile="", email="compras@norte.example")
    first, second = ask([make_voucher(people.company, party, number=n) for n in (1, 2)])
    put(first, State.SENT, sent_at=datetime(2026, 11, 24, tzinfo=UTC))
    put(second, State.FAILED)
    assert rates.cost_of(Delivery.objects.all(), people.company) == Cost(free=1)


def test_the_day_of_a_rate_is_the_companys(people: Cast) -> None:
    make_whatsapp(people.company)
    _rate(people, "0.03", date(2026, 1, 1))
    _rate(people, "0.026", date(2026, 11, 1))
    # 23:30 of the 31st in Buenos Aires, then 0:30 of the 1st
    _sent(people, 1, BILLED, created_at=datetime(2026, 11, 1, 2, 30, tzinfo=UTC))
    _sent(people, 1, BILLED, first=10, created_at=datetime(2026, 11, 1, 3, 30, tzinfo=UTC))
    assert rates.cost_of(Delivery.objects.all(), people.company).amounts == {"USD": Decimal("0.056")}


def test_a_template_that_meta_made_marketing_is_priced_as_such(people: Cast) -> None:
    make_whatsapp(people.company)
    assert rates.category_for(people.company, "sales_invoice") == "utility"
    WhatsAppTemplate.objects.create(
        account=WhatsAppAccount.objects.get(), name="comprobantes", language="es_AR", category="MARKETING",
        components=[{"type": "BODY", "text": "Te mandamos {{1}}."}],
    )  # fmt: skip
    assert rates.category_for(people.company, "sales_invoice") == "marketing"
