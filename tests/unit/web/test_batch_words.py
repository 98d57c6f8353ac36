from __future__ import annotations

import ast
from decimal import Decimal
from pathlib import Path

import pytest

from acuse.deliveries import apart, planning
from acuse.deliveries.batches.preview import CHANGED
from acuse.deliveries.batches.progress import Progress
from acuse.deliveries.figures.rates import Cost, Estimate, Price
from acuse.vouchers import sendability
from acuse.web.batches.bar import WIDTH, bar_of
from acuse.web.batches.reasons import REASONS, WARNINGS
from acuse.web.rates.words import amount_text, cost_words, market_name, price_text, spent_words


def _codes(module: object) -> set[str]:
    """The first argument of every `Reason(...)` in a module."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "Reason"]
    return {str(call.args[0].value) for call in named if isinstance(call.args[0], ast.Constant)}


def test_every_reason_and_warning_has_words_for_many() -> None:
    codes = _codes(sendability) | _codes(planning) | _codes(apart) | {CHANGED}
    assert len(codes) > 12
    assert codes == REASONS.keys() | WARNINGS.keys()


@pytest.mark.parametrize(
    ("price", "said"),
    [
        ("0.026", "US$ 0,026"),
        ("0.0955", "US$ 0,0955"),
        ("1", "US$ 1,00"),
        ("1.5", "US$ 1,50"),
        ("0.000001", "US$ 0,000001"),
    ],
)
def test_a_price_has_as_many_decimals_as_it_needs(price: str, said: str) -> None:
    assert price_text(Decimal(price), "USD").replace("\xa0", " ") == said


def test_a_small_total_keeps_what_two_decimals_would_hide() -> None:
    assert amount_text(Decimal("0.078"), "USD") == "US$ 0,078"
    assert amount_text(Decimal("12.4567"), "USD") == "US$ 12,46"
    assert amount_text(Decimal(0), "USD") == "US$ 0,00"


@pytest.mark.parametrize(
    ("market", "name"),
    [("54", "Argentina (+54)"), ("598", "Uruguay (+598)"), ("", "Los demás países"), ("1809", "+1809")],
)
def test_a_market_goes_by_its_country(market: str, name: str) -> None:
    assert market_name(market) == name


def _line(count: int, price: str | None) -> Estimate:
    return Estimate("whatsapp", "utility", "54", count, Price(Decimal(price), "USD") if price else None)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([_line(480, "0.026")], "US$ 12,48"),
        ([_line(480, None)], "sin tarifa cargada"),
        ([_line(480, "0.026"), _line(2, None)], "US$ 12,48, y 2 sin tarifa cargada"),
        ([Estimate("email", "", "", 20, Price(Decimal(0), ""))], "sin costo"),
    ],
)
def test_a_cost_says_what_it_knows_and_what_it_lacks(lines: list[Estimate], said: str) -> None:
    assert cost_words(lines).text == said


def test_what_meta_has_not_told_is_said() -> None:
    assert spent_words(Cost(amounts={"USD": Decimal("1.30")}, priced=50, untold=3_400)) == (
        "US$ 1,30, y 3.400 mensajes que Meta todavía no informó"
    )
    assert spent_words(Cost(amounts={"USD": Decimal("1.30")}, priced=50, unpriced=1, untold=3)) == (
        "US$ 1,30, 1 mensaje sin tarifa cargada, y 3 mensajes que Meta todavía no informó"
    )
    assert spent_words(Cost()) == ""
    assert spent_words(Cost(free=2)) == "sin costo"


def test_the_bar_is_as_long_as_what_it_shows() -> None:
    progress = Progress(asked=8, to_ask=2, states={"queued": 1, "sent": 2, "delivered": 1, "read": 3, "failed": 1})
    bar = bar_of(progress)
    assert [segment.tone for segment in bar] == ["read", "delivered", "sent", "stayed", "waiting"]
    assert sum(segment.width for segment in bar) == pytest.approx(WIDTH * 8 / 10)
    assert [segment.x for segment in bar] == sorted(segment.x for segment in bar)
    assert bar_of(Progress()) == []
