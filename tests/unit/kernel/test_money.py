from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.money import (
    CURRENCIES,
    arca_code,
    currency,
    format_amount,
    parse_decimal_string,
    parse_typed,
    to_arca,
    to_iso,
)


@pytest.mark.parametrize(
    ("code", "arca", "iso"),
    [
        ("PES", "PES", "ARS"), ("ars", "PES", "ARS"), ("DOL", "DOL", "USD"), ("usd", "DOL", "USD"),
        ("002", "002", "USD"), ("060", "060", "EUR"), ("EUR", "060", "EUR"), ("012", "012", "BRL"),
        ("011", "011", "UYU"), ("033", "033", "CLP"), ("029", "029", "PYG"), ("031", "031", "BOB"),
        ("032", "032", "COP"), ("035", "035", "PEN"), ("010", "010", "MXN"), ("021", "021", "GBP"),
        ("009", "009", "CHF"), ("019", "019", "JPY"), ("018", "018", "CAD"), ("026", "026", "AUD"),
        ("064", "064", "CNY"), ("014", "014", "DKK"), ("015", "015", "NOK"), ("016", "016", "SEK"),
        ("041", "041", "XDR"), (" rub ", "RUB", "RUB"), ("NZD", "NZD", "NZD"),
    ],
)  # fmt: skip
def test_a_currency_is_known_by_its_arca_code_and_by_its_iso_code(code: str, arca: str, iso: str) -> None:
    assert to_arca(code) == arca
    assert to_iso(code) == iso


def test_what_a_document_says_of_its_currency_becomes_arcas_code_or_stays_data() -> None:
    assert [arca_code(text) for text in ("ARS", "usd ", "EUR", "DOL", "xyz")] == ["PES", "DOL", "060", "DOL", "XYZ"]


def test_arca_codes_are_all_different() -> None:
    assert len({c.arca for c in CURRENCIES}) == len(CURRENCIES) == 25


@pytest.mark.parametrize("code", ["XXX", "", "999", "$", "DOLAR"])
def test_it_refuses_an_unknown_currency(code: str) -> None:
    message = f"No conocemos la moneda «{code}». Usá el código de ARCA o el ISO, como PES o ARS."
    for translate in (to_arca, to_iso, currency):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            translate(code)


def test_grams_of_gold_have_no_iso_code() -> None:
    assert to_arca("049") == "049"
    with pytest.raises(ValueError, match=r"^La moneda «gramos de oro» no tiene código ISO\.$"):
        to_iso("049")


@pytest.mark.parametrize(
    ("amount", "code", "text"),
    [
        ("1234567.89", "PES", "$ 1.234.567,89"),
        ("1234.5", "DOL", "US$ 1.234,50"),
        ("-1234.5", "PES", "-$ 1.234,50"),
        ("0", "PES", "$ 0,00"),
        ("-0.001", "PES", "$ 0,00"),
        ("0.005", "PES", "$ 0,01"),
        ("1E+3", "PES", "$ 1.000,00"),
        ("10.10", "060", "€ 10,10"),
        ("1500", "019", "JPY 1.500,00"),
        ("-1500", "055", "-055 1.500,00"),
        ("9999999999999.99", "012", "BRL 9.999.999.999.999,99"),
    ],
)
def test_it_writes_amounts_as_in_argentina(amount: str, code: str, text: str) -> None:
    assert format_amount(Decimal(amount), code) == text


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-Infinity"])
def test_it_writes_no_amount_that_is_not_a_number(amount: str) -> None:
    with pytest.raises(ValueError, match=r"^El importe no es un número\.$"):
        format_amount(Decimal(amount), "PES")


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**40), max_value=10**40))
def test_no_digit_of_an_amount_is_lost(amount: Decimal) -> None:
    shown = format_amount(amount, "PES")
    assert Decimal(shown.replace("$ ", "").replace(".", "").replace(",", ".")) == amount


@pytest.mark.parametrize("text", ["0", "1234.56", "1234.5", "1234", "-10.00", "9999999999999.99", "007"])
def test_the_api_takes_plain_decimals(text: str) -> None:
    assert parse_decimal_string(text) == Decimal(text)


def test_a_negative_zero_becomes_zero() -> None:
    assert str(parse_decimal_string("-0.00")) == "0.00"


@pytest.mark.parametrize(
    "text",
    ["", " ", "1e5", "NaN", "Infinity", "1,5", "1.234,56", " 1", "1\n", "1.", ".5", "+1", "1.234", "1_000",
     "12345678901234", "--1", "٣", "0x10"],
)  # fmt: skip
def test_the_api_refuses_any_other_writing(text: str) -> None:
    with pytest.raises(ValueError) as error:
        parse_decimal_string(text)
    assert str(error.value) == (
        'El importe tiene que ser un texto como "1234.56": hasta 13 dígitos, un punto y hasta 2 decimales.'
    )


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1.234,56", "1234.56"),
        ("1234,5", "1234.5"),
        ("1234.56", "1234.56"),
        ("$ 1.234", "1234"),
        ("1,234.56", "1234.56"),
        ("1.234.567", "1234567"),
        ("US$ 12,50", "12.50"),
        ("-3,1", "-3.1"),
        ("0", "0"),
        ("1.234.567.890.123,99", "1234567890123.99"),
    ],
)
def test_an_amount_is_understood_as_people_type_it(typed: str, amount: str) -> None:
    assert parse_typed(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["", "mucho", "1,2345", "--1", ",5", "1.234.567.890.123.456", "1e9", "٣"])
def test_what_is_no_amount_is_refused_in_words(typed: str) -> None:
    with pytest.raises(ValueError, match=r"importe"):
        parse_typed(typed)


def test_a_rate_may_have_more_decimals() -> None:
    assert parse_typed("1.250,123456", places=6) == Decimal("1250.123456")
